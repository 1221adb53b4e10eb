"""What is handed to the recorder, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple
from uuid import UUID

from servicekit.errors import DomainError, NotFound, PermissionDenied
from tracking_service.domain.events import Participant, PresenceEvent
from tracking_service.domain.runs import PlainHeartbeat

#: The sequence number of events that come over no stream.
UNNUMBERED = 0


class WhiteboardSessionNotFound(NotFound):
    """There is no such whiteboard session."""

    reason = "WHITEBOARD_SESSION_NOT_FOUND"


class NotAParticipant(PermissionDenied):
    """This user does not take part in this whiteboard session in this capacity."""

    reason = "NOT_A_PARTICIPANT"


class NumberedEvent(NamedTuple):
    """An event and its number in its stream."""

    sequence: int
    event: PresenceEvent


class Rejection(NamedTuple):
    """Why one event was refused; its neighbours are not affected (DESIGN 6)."""

    sequence: int
    error: DomainError


class StreamHold(NamedTuple):
    """The right to write a stream, until somebody takes it over."""

    stream_id: UUID
    #: The epoch under which the stream was opened.
    epoch: int


@dataclass(slots=True, eq=False)
class Submission:
    """Events that are committed together: a part of a stream, or one unary call (`stream` is None)."""

    stream: StreamHold | None
    events: list[NumberedEvent] = field(default_factory=list)
    #: Nearly all there is: heartbeats that are nothing but signs of life.
    heartbeats: list[PlainHeartbeat] = field(default_factory=list)
    #: The numbers this part of the stream begins and ends with, counting events that were refused on the way here.
    first_sequence: int = UNNUMBERED
    last_sequence: int = UNNUMBERED

    def __len__(self) -> int:
        """Return how many events there are to write."""
        return len(self.events) + len(self.heartbeats)


class Standing(Enum):
    """What became of a submission."""

    #: Its accepted events are committed.
    COMMITTED = auto()
    #: Another stream with the same id took over: nothing of it is written.
    FENCED = auto()
    #: The stream was forgotten between its opening and now.
    FORGOTTEN = auto()
    #: What came before it in its stream is not committed.
    DISCONTINUED = auto()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The recorder's answer to one submission."""

    standing: Standing
    rejections: Sequence[Rejection] = ()
    #: All presence in microseconds of the participants of a unary call.
    total_active: Mapping[Participant, int] = field(default_factory=dict)
