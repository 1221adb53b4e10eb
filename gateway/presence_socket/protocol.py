"""The protocol of docs/presence-socket.md: the JSON messages, the close codes, and the subprotocol's name."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from enum import Enum

SUBPROTOCOL = "astegni.presence.v1"
#: The longest message that makes sense has about 80 bytes.
MAX_MESSAGE_BYTES = 1024
#: The tracking service accepts the same words.
ACTIVITY_TYPE = re.compile(r"[a-z][a-z0-9_]{0,31}")


class CloseReason(Enum):
    """Why the server closes a socket: the close code, and the default message for people.

    The member's name is the reason in the close frame and in the `error` message. Codes from 4400 on are this
    protocol's own, the others are in IANA's registry of close codes. Errors of token verification and rejections of the
    tracking service have the same reasons, so `CloseReason[error.reason]` finds the code of such an error.
    """

    MESSAGE_INVALID = 4400, "The message can't be understood."
    USER_TYPE_INVALID = 4400, "The user_type in the address must be `tutor` or `student`."
    BEARER_MISSING = 4401, "A token is needed: offer the subprotocols `astegni.presence.v1` and `bearer.<jwt>`."
    TOKEN_INVALID = 4401, "The token is not valid; get a fresh one by logging in again."
    NOT_A_PARTICIPANT = 4403, "This user does not take part in this whiteboard session in this role."
    IDENTITY_MISMATCH = 4403, "The token does not grant the role that user_type claims."
    NOT_A_PERSON = 4403, "Only a person can be present, and the token is that of a service."
    WHITEBOARD_SESSION_NOT_FOUND = 4404, "There is no such whiteboard session, or you may not see it."
    TOKEN_EXPIRED = 4408, "The token has expired; connect again with a fresh one."
    TOO_MANY_MESSAGES = 4429, "The page sends too many messages; connect again later."
    TOO_MANY_SOCKETS = 4429, "This user has or opens too many sockets; close some, and connect again later."
    RESTARTING = 1012, "The server is restarting; connect again."
    TRY_AGAIN_LATER = 1013, "The server is overloaded; connect again later."

    def __init__(self, code: int, message: str) -> None:
        """Split the value into its parts."""
        self.code = code
        self.message = message


class CloseError(Exception):
    """The server has to close the socket."""

    def __init__(self, reason: CloseReason, message: str | None = None) -> None:
        """`message` is sent to the page, so it must not contain internals; None: the default of the reason."""
        self.reason = reason
        self.message = message or reason.message
        super().__init__(self.message)


def parse_activity(message: str | bytes) -> str:
    """Return the activity type of a message from a page; CloseError with MESSAGE_INVALID."""
    if isinstance(message, bytes):
        raise CloseError(CloseReason.MESSAGE_INVALID, "messages must be JSON in text frames, and this one was binary")
    try:
        content = json.loads(message)
    except (ValueError, RecursionError):
        raise CloseError(CloseReason.MESSAGE_INVALID, "the message is not JSON") from None
    if not isinstance(content, dict) or content.get("type") != "activity":
        raise CloseError(CloseReason.MESSAGE_INVALID, 'the message must be an object with "type": "activity"')
    word = content.get("activity_type")
    if not isinstance(word, str) or not ACTIVITY_TYPE.fullmatch(word):
        raise CloseError(
            CloseReason.MESSAGE_INVALID,
            "activity_type must be a lower-case word such as draw, type or erase: "
            "up to 32 letters, digits and underscores",
        )
    return word


def connected(
    *,
    session_id: int,
    user_id: int,
    user_type: str,
    connection_id: str,
    connected_at: datetime,
    heartbeat_interval: timedelta,
    presence_timeout: timedelta,
) -> str:
    """Return the message that the connect is committed; `connected_at` is in UTC."""
    return json.dumps(
        {
            "type": "connected",
            "session_id": session_id,
            "user_id": user_id,
            "user_type": user_type,
            "connection_id": connection_id,
            "connected_at": connected_at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "heartbeat_interval_seconds": heartbeat_interval.total_seconds(),
            "presence_timeout_seconds": presence_timeout.total_seconds(),
        }
    )


def ack(activities: int) -> str:
    """Return the message that this many of the socket's activity messages are committed or merged into one that is."""
    return json.dumps({"type": "ack", "activities": activities})


def tracking_unavailable() -> str:
    """Return the message that nothing can be committed at the moment."""
    return _error(
        "TRACKING_UNAVAILABLE",
        "Presence can't be recorded at the moment; it is kept and recorded later. Stay connected.",
    )


def close_error(error: CloseError) -> str:
    """Return the message that is sent before the close frame."""
    return _error(error.reason.name, error.message)


def draining(reconnect_after_seconds: float) -> str:
    """Return the message that the server is about to restart."""
    return json.dumps({"type": "draining", "reconnect_after_seconds": round(reconnect_after_seconds, 2)})


def _error(reason: str, message: str) -> str:
    return json.dumps({"type": "error", "reason": reason, "message": message})
