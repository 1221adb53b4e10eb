"""What is handed to the appender, whether it may be written, and what the appender returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple
from uuid import UUID

from servicekit.errors import DomainError
from tracking_service.domain.events import PresenceEvent
from tracking_service.domain.numbered_heartbeats import NumberedHeartbeats
from tracking_service.domain.relay_clocks import ClockOffset
from tracking_service.store.heartbeat_streams import StreamPosition
from tracking_service.store.observation import NumberedRelayGap

#: The sequence number of events that come over no stream.
UNNUMBERED = 0


class NumberedEvent(NamedTuple):
    """An event and its number in its stream."""

    sequence: int
    event: PresenceEvent


class Rejection(NamedTuple):
    """Why one event was refused. Its neighbours are not affected (docs/streams.md#rejections)."""

    sequence: int
    error: DomainError


class StreamHold(NamedTuple):
    """The right to write a stream, until another call takes it over."""

    stream_id: UUID
    #: The epoch under which the stream was opened.
    epoch: int
    #: Whether it is a relay's. Only such a stream can make up for a time in which the service took no events.
    is_relays: bool = False
    #: Whether that relay watches connections live.
    is_live: bool = False
    #: The identity that holds it.
    owner: str = ""


@dataclass(slots=True, eq=False)
class Submission:
    """Events that are committed together: a part of a stream, or one unary call (`stream` is None)."""

    stream: StreamHold | None
    events: list[NumberedEvent] = field(default_factory=list)
    #: Nearly all events are plain heartbeats.
    heartbeats: NumberedHeartbeats = field(default_factory=NumberedHeartbeats)
    #: Times in which the relay could not observe presence.
    gaps: list[NumberedRelayGap] = field(default_factory=list)
    #: Changes of the relay's clock that were measured.
    clock_offsets: list[ClockOffset] = field(default_factory=list)
    #: The numbers with which this part of the stream begins and ends, including events that were rejected earlier.
    first_sequence: int = UNNUMBERED
    last_sequence: int = UNNUMBERED
    #: Of a unary call: the identity that made it.
    caller: str = ""

    @property
    def owner(self) -> str:
        """The identity that sent it."""
        return self.caller if self.stream is None else self.stream.owner

    def __len__(self) -> int:
        """Return as how many events it counts. A gap counts as one, and so does each session that it names."""
        return len(self.events) + len(self.heartbeats) + sum(map(gap_weight, self.gaps))


def gap_weight(numbered: NumberedRelayGap) -> int:
    """Return as how many events a gap counts where events are bounded: its sessions take memory, too."""
    return 1 + len(numbered.gap.session_ids)


class SubmissionStatus(Enum):
    """Whether a submission is written, and if not, why not."""

    #: Its accepted events are committed.
    COMMITTED = auto()
    #: Another stream with the same id took over: nothing of it is written.
    FENCED = auto()
    #: The stream was deleted between its opening and now.
    EXPIRED = auto()
    #: The part before it in its stream is not committed.
    DISCONTINUED = auto()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The appender's result for one submission."""

    status: SubmissionStatus
    rejections: Sequence[Rejection] = ()


def unwritable_status(hold: StreamHold, positions: Mapping[UUID, StreamPosition]) -> SubmissionStatus:
    """Return why a part of a stream may not be written, given the positions of streams.

    See docs/streams.md#one-stream-one-holder.
    """
    position = positions.get(hold.stream_id)
    if position is None:
        return SubmissionStatus.EXPIRED
    if position.epoch != hold.epoch:
        return SubmissionStatus.FENCED
    return SubmissionStatus.DISCONTINUED
