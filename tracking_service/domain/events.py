"""Events of participants: who, what and when."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from servicekit.clock import Instant
from servicekit.identifiers import UserId, WhiteboardSessionId


class UserType(StrEnum):
    """The role of a participant in a whiteboard session, in the documented words."""

    TUTOR = "tutor"
    STUDENT = "student"
    # Participants are looked up a dozen times per event, and Enum's own way to hash is a function in Python.
    __hash__ = str.__hash__


class EventKind(StrEnum):
    """What happened."""

    CONNECT = "connect"
    HEARTBEAT = "heartbeat"
    DISCONNECT = "disconnect"
    __hash__ = str.__hash__


class EndReason(StrEnum):
    """How the end of a connection or an interval became known."""

    #: The connection was seen to close.
    CLOSED = "closed"
    #: Nothing was heard for longer than the presence timeout.
    TIMED_OUT = "timed_out"
    __hash__ = str.__hash__


#: The activity type of a heartbeat that is only a sign of life.
PLAIN_HEARTBEAT = "heartbeat"
#: What a client sends as the activity type of such a heartbeat.
PLAIN_ACTIVITY = ("", PLAIN_HEARTBEAT)

#: The connection of a disconnect that this service concluded from silence: it is about the participant and closes no
#: tab or device, of which a late event may still tell. Clients can't send it, because their ids are printable.
CONCLUDED_HERE = "\x1f"


class Participant(NamedTuple):
    """A user in a role of a whiteboard session. Sorts in the order in which rows are locked."""

    session_id: WhiteboardSessionId
    user_id: UserId
    user_type: UserType


class PresenceEvent(NamedTuple):
    """One event of one participant."""

    participant: Participant
    kind: EventKind
    #: When it happened. When it arrived does not matter (docs/presence.md#order-of-arrival).
    at: Instant
    #: Which tab or device; empty if the client does not send one.
    connection_id: str = ""
    activity_type: str = PLAIN_HEARTBEAT
    #: For disconnects only.
    reason: EndReason = EndReason.CLOSED

    @property
    def is_sign_of_life(self) -> bool:
        """Whether this proves presence: a connect or a heartbeat."""
        return self.kind is not EventKind.DISCONNECT

    @property
    def is_interaction(self) -> bool:
        """Whether the participant did something, such as drawing."""
        return self.kind is EventKind.HEARTBEAT and self.activity_type != PLAIN_HEARTBEAT

    @property
    def is_plain_heartbeat(self) -> bool:
        """Whether this is only a sign of life."""
        return self.kind is EventKind.HEARTBEAT and not self.is_interaction
