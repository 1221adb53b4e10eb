// File: js/whiteboard/whiteboard-websocket.js (or wherever WebSocket is handled)

let whiteboardSessionId = null;
let userType = null; // 'tutor' or 'student'
const API_BASE_URL = 'http://localhost:8000';
const token = localStorage.getItem('token');

// ============================================
// CONNECTION TRACKING
// ============================================

async function trackConnection(event) {
    try {
        const response = await fetch(
            `${API_BASE_URL}/api/whiteboard/sessions/${whiteboardSessionId}/${event}`,
            {
                method: 'POST',
                headers: {
                    'Authorization': `Bearer ${token}`,
                    'Content-Type': 'application/json'
                },
                body: JSON.stringify({
                    session_id: whiteboardSessionId,
                    user_type: userType
                })
            }
        );

        if (!response.ok) {
            console.error(`Failed to track ${event}:`, await response.text());
        } else {
            console.log(`✅ ${event} tracked successfully`);
        }
    } catch (error) {
        console.error(`Error tracking ${event}:`, error);
    }
}

// ============================================
// WEBSOCKET HANDLERS
// ============================================

function initializeWhiteboard(sessionId, role) {
    whiteboardSessionId = sessionId;
    userType = role; // 'tutor' or 'student'

    // Create WebSocket connection
    const ws = new WebSocket(`ws://localhost:8000/ws/whiteboard/${sessionId}`);

    ws.onopen = async () => {
        console.log('WebSocket connected');
        // Track connection when WebSocket opens
        await trackConnection('connect');

        // Start heartbeat (every 15 seconds)
        startHeartbeat();
    };

    ws.onclose = async () => {
        console.log('WebSocket disconnected');
        // Track disconnection
        await trackConnection('disconnect');

        // Stop heartbeat
        stopHeartbeat();
    };

    return ws;
}

// ============================================
// HEARTBEAT (Tracks active engagement)
// ============================================

let heartbeatInterval = null;

function startHeartbeat() {
    // Send heartbeat every 15 seconds
    heartbeatInterval = setInterval(async () => {
        try {
            await fetch(
                `${API_BASE_URL}/api/whiteboard/sessions/${whiteboardSessionId}/heartbeat`,
                {
                    method: 'POST',
                    headers: {
                        'Authorization': `Bearer ${token}`,
                        'Content-Type': 'application/json'
                    },
                    body: JSON.stringify({
                        session_id: whiteboardSessionId,
                        user_type: userType,
                        activity_type: 'heartbeat'
                    })
                }
            );
        } catch (error) {
            console.error('Heartbeat error:', error);
        }
    }, 15000); // Every 15 seconds
}

function stopHeartbeat() {
    if (heartbeatInterval) {
        clearInterval(heartbeatInterval);
        heartbeatInterval = null;
    }
}

// ============================================
// ACTIVITY TRACKING (Optional - for better accuracy)
// ============================================

// Track user interactions (draw, type, erase)
function onUserActivity(activityType) {
    // Update heartbeat with activity type
    fetch(
        `${API_BASE_URL}/api/whiteboard/sessions/${whiteboardSessionId}/heartbeat`,
        {
            method: 'POST',
            headers: {
                'Authorization': `Bearer ${token}`,
                'Content-Type': 'application/json'
            },
            body: JSON.stringify({
                session_id: whiteboardSessionId,
                user_type: userType,
                activity_type: activityType // 'draw', 'type', 'erase', etc.
            })
        }
    );
}

// Hook into whiteboard events
canvas.addEventListener('mousedown', () => onUserActivity('draw'));
canvas.addEventListener('keypress', () => onUserActivity('type'));
