"""Whose presence a socket is, and in which rhythm it is seen."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from heartbeat_relay import UserType
from servicekit.clock import Instant
from servicekit.identifiers import UserId, WhiteboardSessionId


class Attendee(NamedTuple):
    """A user in a role of a whiteboard session, as the address and the token say; the tracking service decides."""

    session_id: WhiteboardSessionId
    user_id: UserId
    user_type: UserType
    #: When the token ends.
    expires_at: Instant


class Rhythm(NamedTuple):
    """What the tracking service dictates."""

    heartbeat_interval: timedelta
    presence_timeout: timedelta
