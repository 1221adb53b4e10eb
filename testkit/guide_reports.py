"""The three analytics queries of the customer's guide, word for word."""

from __future__ import annotations

TUTOR_ATTENDANCE = """
SELECT
    tp.username AS tutor_name,
    COUNT(*) AS total_sessions,
    COUNT(CASE WHEN s.tutor_attendance_status = 'present' THEN 1 END) AS present,
    COUNT(CASE WHEN s.tutor_attendance_status = 'late' THEN 1 END) AS late,
    COUNT(CASE WHEN s.tutor_attendance_status = 'absent' THEN 1 END) AS absent,
    ROUND(
        COUNT(CASE WHEN s.tutor_attendance_status = 'present' THEN 1 END)::numeric / COUNT(*) * 100,
        2
    ) AS attendance_rate
FROM sessions s
JOIN enrolled_courses ec ON s.enrolled_courses_id = ec.id
JOIN tutor_profiles tp ON ec.tutor_id = tp.id
WHERE s.status = 'completed'
GROUP BY tp.username
ORDER BY attendance_rate DESC;
"""

STUDENT_ATTENDANCE = """
SELECT
    s.session_date,
    s.start_time,
    s.student_attendance_status,
    s.attendance_source,
    s.attendance_notes,
    ws.student_total_active_seconds / 60.0 AS active_minutes
FROM sessions s
JOIN enrolled_courses ec ON s.enrolled_courses_id = ec.id
LEFT JOIN whiteboard_sessions ws ON s.whiteboard_id = ws.id
WHERE ec.students_id @> ARRAY[28]  -- Student ID 28
AND s.status = 'completed'
ORDER BY s.session_date DESC;
"""

WHITEBOARD_ENGAGEMENT = """
SELECT
    tp.username AS tutor_name,
    COUNT(ws.id) AS whiteboard_sessions,
    ROUND(AVG(ws.tutor_total_active_seconds / 60.0), 1) AS avg_tutor_active_minutes,
    ROUND(AVG(ws.student_total_active_seconds / 60.0), 1) AS avg_student_active_minutes,
    ROUND(
        AVG(ws.student_total_active_seconds::numeric
            / EXTRACT(EPOCH FROM (ws.scheduled_end - ws.scheduled_start)) * 100),
        1
    ) AS avg_student_engagement_pct
FROM whiteboard_sessions ws
JOIN tutor_profiles tp ON ws.tutor_id = tp.user_id
WHERE ws.status = 'completed'
GROUP BY tp.username
ORDER BY avg_student_engagement_pct DESC;
"""
