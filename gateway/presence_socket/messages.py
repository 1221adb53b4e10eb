"""The JSON messages of docs/presence-socket.md."""

from __future__ import annotations

import json
import re
from datetime import datetime

from gateway.presence_socket.attendee import Attendee, Rhythm
from gateway.presence_socket.closings import Closing, MessageInvalid

#: The longest that makes sense has some 80 bytes.
MAXIMUM_MESSAGE_BYTES = 1024
#: As the tracking service takes it.
_ACTIVITY_TYPE = re.compile(r"[a-z][a-z0-9_]{0,31}")


def activity_type(message: str | bytes) -> str:
    """Read a message of a page and return the word for what its user does; MessageInvalid."""
    if isinstance(message, bytes):
        raise MessageInvalid("messages are JSON in text frames, and this one was binary")
    try:
        content = json.loads(message)
    except (ValueError, RecursionError):
        raise MessageInvalid("the message is not JSON") from None
    if not isinstance(content, dict) or content.get("type") != "activity":
        raise MessageInvalid('the message must be an object with "type": "activity"')
    word = content.get("activity_type")
    if not isinstance(word, str) or not _ACTIVITY_TYPE.fullmatch(word):
        raise MessageInvalid(
            "activity_type must be a lower-case word like draw, type or erase: up to 32 letters, digits and underscores"
        )
    return word


def connected(attendee: Attendee, connection_id: str, at: datetime, rhythm: Rhythm) -> str:
    """Say that the connect is committed; `at` is in UTC."""
    return json.dumps(
        {
            "type": "connected",
            "session_id": attendee.session_id,
            "user_id": attendee.user_id,
            "user_type": attendee.user_type,
            "connection_id": connection_id,
            "connected_at": at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "heartbeat_interval_seconds": rhythm.heartbeat_interval.total_seconds(),
            "presence_timeout_seconds": rhythm.presence_timeout.total_seconds(),
        }
    )


def acknowledged(activities: int) -> str:
    """Say that so many of the socket's activity messages are committed, or folded into one that is."""
    return json.dumps({"type": "ack", "activities": activities})


def tracking_unavailable() -> str:
    """Say that nothing is committed at the moment."""
    return _error(
        "TRACKING_UNAVAILABLE",
        "Presence can't be recorded at the moment; it is kept and recorded later. Stay connected.",
    )


def closing_error(closing: Closing) -> str:
    """Say why the socket is about to be closed."""
    return _error(closing.reason, closing.message)


def draining(reconnect_after_seconds: float) -> str:
    """Say that the server is about to restart."""
    return json.dumps({"type": "draining", "reconnect_after_seconds": round(reconnect_after_seconds, 2)})


def _error(reason: str, message: str) -> str:
    return json.dumps({"type": "error", "reason": reason, "message": message})
