"""What happened to whom, and when."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from servicekit.clock import Instant
from servicekit.identifiers import UserId, WhiteboardSessionId


class UserType(StrEnum):
    """In which capacity somebody takes part; the documented words."""

    TUTOR = "tutor"
    STUDENT = "student"


class EventKind(StrEnum):
    """What happened."""

    CONNECT = "connect"
    HEARTBEAT = "heartbeat"
    DISCONNECT = "disconnect"


class EndReason(StrEnum):
    """How the end of a connection or an interval became known."""

    #: It was seen.
    CLOSED = "closed"
    #: It was concluded from silence.
    TIMED_OUT = "timed_out"


#: The activity type of a heartbeat that is nothing but a sign of life.
PLAIN_HEARTBEAT = "heartbeat"


class Participant(NamedTuple):
    """A user in a role of a whiteboard session. Sorts in the order in which rows are locked."""

    session_id: WhiteboardSessionId
    user_id: UserId
    user_type: UserType


class PresenceEvent(NamedTuple):
    """One thing that happened to one participant."""

    participant: Participant
    kind: EventKind
    #: The event's own time; arrival never matters (DESIGN 5.1).
    at: Instant
    #: Which tab or device; empty where the client does not say.
    connection_id: str = ""
    activity_type: str = PLAIN_HEARTBEAT
    #: For disconnects only.
    reason: EndReason = EndReason.CLOSED

    @property
    def is_sign_of_life(self) -> bool:
        """Whether this proves presence (DESIGN 3)."""
        return self.kind is not EventKind.DISCONNECT

    @property
    def is_interaction(self) -> bool:
        """Whether the participant did something other than being there."""
        return self.kind is EventKind.HEARTBEAT and self.activity_type != PLAIN_HEARTBEAT
