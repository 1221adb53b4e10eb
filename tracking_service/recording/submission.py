"""What is handed to the recorder, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple
from uuid import UUID

from servicekit.errors import DomainError, NotFound, PermissionDenied
from servicekit.identifiers import StreamId
from tracking_service.domain.events import Participant, PresenceEvent
from tracking_service.domain.runs import PlainHeartbeat
from tracking_service.domain.ways import Way
from tracking_service.store.relay_gaps import NumberedRelayGap

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
    #: Whether it is a relay's: what such a stream tells may make up for a time in which the service took no events.
    is_relays: bool = False


@dataclass(slots=True, eq=False)
class Submission:
    """Events that are committed together: a part of a stream, or one unary call (`stream` is None)."""

    stream: StreamHold | None
    events: list[NumberedEvent] = field(default_factory=list)
    #: Nearly all there is: heartbeats that are nothing but signs of life.
    heartbeats: list[PlainHeartbeat] = field(default_factory=list)
    #: Times in which the relay was blind.
    gaps: list[NumberedRelayGap] = field(default_factory=list)
    #: The numbers this part of the stream begins and ends with, counting events that were refused on the way here.
    first_sequence: int = UNNUMBERED
    last_sequence: int = UNNUMBERED

    @property
    def way(self) -> Way:
        """By which way its events came."""
        return StreamId(self.stream.stream_id) if self.stream is not None and self.stream.is_relays else None

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
