"""Events and gaps of one stream: numbered, packed into frames, and kept until acknowledged. No I/O, no clock."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import NamedTuple, TypeAlias

from astegni.tracking.v1 import tracking_pb2 as tracking
from heartbeat_relay.columns import HeartbeatRows, events_of, is_plain
from heartbeat_relay.events import MAX_ACTIVITY_TYPE_LENGTH, MAX_CONNECTION_ID_LENGTH, NO_REASON, Event

#: The protos allow no more, and larger messages would delay others on the same connection.
MAX_EVENTS_PER_FRAME = 1_000
NANOSECONDS_PER_SECOND = 1_000_000_000
#: Fewer plain heartbeats are sent as events: a frame of columns costs the service 30 us more than a batch does.
MIN_ROWS_PER_FRAME = 100

#: What takes a number.
Entry: TypeAlias = tracking.PresenceEvent | tracking.ObservationGap
#: Called once, in the event loop, when the service has acknowledged an event: it is committed, or it was rejected.
OnAcknowledged: TypeAlias = Callable[[], None]


class Frame(NamedTuple):
    """A serialized message, with the numbers of its first and last entry."""

    first: int
    last: int
    data: bytes


class Outbox:
    """First in, first out. Entries are numbered 1, 2, 3, ... within the current stream id."""

    def __init__(self) -> None:
        """Start empty."""
        #: Entries that the service has acknowledged, under all stream ids.
        self.acknowledged_count = 0
        self._accepts_columns = False
        self._reset()

    def _reset(self) -> None:
        self._sent: deque[Frame] = deque()
        self._waiting: deque[Frame] = deque()
        self._last = 0
        self._start_batch()
        self._sealed = 0
        self._acknowledged = 0

    def _start_batch(self) -> None:
        self._request = tracking.StreamHeartbeatsRequest()
        self._events = self._request.batch.events
        #: A batch begins with these, and goes on with events once one comes that is no plain heartbeat.
        self._rows = HeartbeatRows(self._last + 1)

    @property
    def unacknowledged_count(self) -> int:
        """How many entries are kept."""
        return self._last - self._acknowledged

    @property
    def has_open_batch(self) -> bool:
        """Whether there are events that are in no frame yet, and no frame to send before them."""
        return self._sealed < self._last and not self._waiting

    def add(self, event: Event) -> bool:
        """Keep an event under the next number; return whether the sender has to be notified. TypeError, ValueError."""
        if len(event.connection_id) > MAX_CONNECTION_ID_LENGTH or len(event.activity_type) > MAX_ACTIVITY_TYPE_LENGTH:
            raise ValueError(
                f"connection_id has at most {MAX_CONNECTION_ID_LENGTH} characters, "
                f"activity_type {MAX_ACTIVITY_TYPE_LENGTH}"
            )
        try:
            if self._accepts_columns and not self._events and is_plain(event):
                self._rows.add(event)
            else:
                self._end_rows()
                self._add_event(event)
        except (TypeError, ValueError) as error:
            error.add_note("session_id and user_id are 32-bit numbers, connection_id and activity_type are text")
            raise
        return self._count_event()

    def _add_event(self, event: Event) -> None:
        kind, session_id, user_type, user_id, nanoseconds, connection_id, activity_type, reason = event
        message = self._events.add()
        try:
            message.sequence = self._last + 1
            message.kind = kind
            message.session_id = session_id
            message.user_type = user_type
            message.user_id = user_id
            observed_at = message.observed_at
            observed_at.seconds, observed_at.nanos = divmod(nanoseconds, NANOSECONDS_PER_SECOND)
            # Most events have none of these, and setting a field costs time.
            if connection_id:
                message.connection_id = connection_id
            if activity_type:
                message.activity_type = activity_type
            if reason != NO_REASON:
                message.disconnect_reason = reason
        except (TypeError, ValueError):
            del self._events[-1]
            raise

    def _end_rows(self) -> None:
        """Go on with events: after a frame of the rows if there are enough of them, else with the rows as events."""
        if len(self._rows) >= MIN_ROWS_PER_FRAME:
            self.seal()
        elif self._rows:
            self._events.extend(events_of(self._rows.request.heartbeats))
            self._rows = HeartbeatRows(self._last + 1)

    def add_gap(self, gap: tracking.ObservationGap) -> None:
        """Keep a gap under the next number, in a frame of its own."""
        self.seal()
        self._last += 1
        gap.sequence = self._last
        frame = tracking.StreamHeartbeatsRequest(gap=gap).SerializeToString()
        self._waiting.append(Frame(self._last, self._last, frame))
        self._sealed = self._last
        self._start_batch()

    def seal(self) -> None:
        """Build a frame of the events that are in none yet."""
        if self._sealed < self._last:
            if len(self._rows) < MIN_ROWS_PER_FRAME:
                self._end_rows()
            request = self._rows.request if self._rows else self._request
            self._waiting.append(Frame(self._sealed + 1, self._last, request.SerializeToString()))
            self._sealed = self._last
            self._start_batch()

    def take(self, max_unacknowledged: int) -> Frame | None:
        """Return the next frame to send; None if there is none, or if more would be in flight than the service allows.

        A frame that is larger than allowed is sent alone.
        """
        if not self._waiting:
            return None
        if self._sent and self._waiting[0].last - self._acknowledged > max_unacknowledged:
            return None
        frame = self._waiting.popleft()
        self._sent.append(frame)
        return frame

    def acknowledge(self, committed: int) -> int:
        """Drop everything up to this number; return how many entries that newly acknowledges."""
        count = committed - self._acknowledged
        if count <= 0:
            return 0
        for frames in (self._sent, self._waiting):
            while frames and frames[0].last <= committed:
                frames.popleft()
        self._acknowledged = committed
        self.acknowledged_count += count
        return count

    def can_resume_at(self, committed: int) -> bool:
        """Return whether the service's position can be ours: not before what was dropped, nor beyond the frames."""
        return self._acknowledged <= committed <= self._sealed

    def resend(self) -> None:
        """Queue all unacknowledged frames again, unchanged: numbers that are committed already change nothing."""
        self._waiting.extendleft(reversed(self._sent))
        self._sent.clear()

    def renumber(self) -> None:
        """Give the unacknowledged entries new numbers from 1, for a new stream id."""
        kept = list(self._kept())
        self._reset()
        for entry in kept:
            if isinstance(entry, tracking.ObservationGap):
                self.add_gap(entry)
            else:
                self._end_rows()
                entry.sequence = self._last + 1
                self._events.append(entry)
                self._count_event()

    def use_columns(self, *, accepted: bool) -> None:
        """Send many plain heartbeats as columns if the service that answers now reads them, and none if it does not."""
        self._accepts_columns = accepted
        if not accepted:
            self._sent, self._waiting = (deque(map(_without_columns, frames)) for frames in (self._sent, self._waiting))
            if self._rows:
                self._events.extend(events_of(self._rows.request.heartbeats))
                self._rows = HeartbeatRows(self._last + 1)

    def find(self, sequences: Collection[int]) -> Iterator[Entry]:
        """Yield the sent entries that have these numbers."""
        ordered = sorted(sequences)
        for frame in self._sent:
            if bisect_left(ordered, frame.first) < bisect_right(ordered, frame.last):
                yield from (entry for entry in _entries(frame) if entry.sequence in sequences)

    def unacknowledged(self) -> Iterator[tracking.PresenceEvent]:
        """Yield the events that are kept, oldest first."""
        return (entry for entry in self._kept() if isinstance(entry, tracking.PresenceEvent))

    def _kept(self) -> Iterator[Entry]:
        for frames in (self._sent, self._waiting):
            for frame in frames:
                yield from (entry for entry in _entries(frame) if entry.sequence > self._acknowledged)
        yield from self._events
        yield from events_of(self._rows.request.heartbeats)

    def _count_event(self) -> bool:
        self._last += 1
        in_batch = self._last - self._sealed
        if in_batch == MAX_EVENTS_PER_FRAME:
            self.seal()
            return True
        return in_batch == 1


class AckCallbacks:
    """Callbacks of one stream's events, called in the order of the events."""

    def __init__(self) -> None:
        """Start with none."""
        self._waiting: deque[tuple[int, OnAcknowledged]] = deque()

    def add(self, position: int, callback: OnAcknowledged) -> None:
        """Remember what to call when the outbox's `acknowledged_count` reaches a position; positions only grow."""
        self._waiting.append((position, callback))

    def due(self, acknowledged_count: int) -> Iterator[OnAcknowledged]:
        """Yield and forget the callbacks whose positions are reached."""
        while self._waiting and self._waiting[0][0] <= acknowledged_count:
            _, callback = self._waiting.popleft()
            yield callback


def _entries(frame: Frame) -> Iterable[Entry]:
    request = tracking.StreamHeartbeatsRequest.FromString(frame.data)
    if request.HasField("heartbeats"):
        return list(events_of(request.heartbeats))
    return (request.gap,) if request.HasField("gap") else request.batch.events


def _without_columns(frame: Frame) -> Frame:
    """Return a frame as one of events, for a service that does not read columns."""
    request = tracking.StreamHeartbeatsRequest.FromString(frame.data)
    if not request.HasField("heartbeats"):
        return frame
    batch = tracking.PresenceEventBatch(events=events_of(request.heartbeats))
    return frame._replace(data=tracking.StreamHeartbeatsRequest(batch=batch).SerializeToString())
