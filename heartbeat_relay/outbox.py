"""Events and gaps of one stream: numbered, packed into frames, kept until they are acknowledged. No I/O, no clock."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple, TypeAlias

from astegni.tracking.v1 import tracking_pb2 as tracking
from heartbeat_relay.events import ACTIVITY_TYPE_LENGTH, CONNECTION_ID_LENGTH, NO_REASON, Occurrence

#: The contract's limit; larger messages would hold up the others on a connection.
EVENTS_PER_FRAME = 1_000
NANOSECONDS_PER_SECOND = 1_000_000_000


#: What takes a number.
Entry: TypeAlias = tracking.PresenceEvent | tracking.ObservationGap


class Frame(NamedTuple):
    """A message as it goes over the wire, with the numbers of its first and last entry."""

    first: int
    last: int
    data: bytes


class Outbox:
    """First in, first out. Numbers are those of the present stream id: 1, 2, 3 ..."""

    def __init__(self) -> None:
        """Nothing is kept yet."""
        #: Events that the service has answered for, over all stream ids.
        self.answered = 0
        self._begin()

    def _begin(self) -> None:
        self._sent: deque[Frame] = deque()
        self._waiting: deque[Frame] = deque()
        self._open_batch()
        self._last = 0
        self._sealed = 0
        self._acknowledged = 0

    def _open_batch(self) -> None:
        self._request = tracking.StreamHeartbeatsRequest()
        self._events = self._request.batch.events

    @property
    def unanswered(self) -> int:
        """How many entries are kept."""
        return self._last - self._acknowledged

    @property
    def is_gathering(self) -> bool:
        """Whether there are events in no frame yet, and no frame to send before them."""
        return self._sealed < self._last and not self._waiting

    def add(self, occurrence: Occurrence) -> bool:
        """Keep an event under the next number; return whether there is news for the sender. TypeError or ValueError."""
        kind, session_id, user_type, user_id, nanoseconds, connection_id, activity_type, reason = occurrence
        if len(connection_id) > CONNECTION_ID_LENGTH or len(activity_type) > ACTIVITY_TYPE_LENGTH:
            raise ValueError(
                f"connection_id has at most {CONNECTION_ID_LENGTH} characters, activity_type {ACTIVITY_TYPE_LENGTH}"
            )
        event = self._events.add()
        try:
            event.sequence = self._last + 1
            event.kind = kind
            event.session_id = session_id
            event.user_type = user_type
            event.user_id = user_id
            observed_at = event.observed_at
            observed_at.seconds, observed_at.nanos = divmod(nanoseconds, NANOSECONDS_PER_SECOND)
            # The rest is absent as a rule, and each field costs time.
            if connection_id:
                event.connection_id = connection_id
            if activity_type:
                event.activity_type = activity_type
            if reason != NO_REASON:
                event.disconnect_reason = reason
        except (TypeError, ValueError) as error:
            del self._events[-1]
            error.add_note("session_id and user_id are 32-bit numbers, connection_id and activity_type are text")
            raise
        return self._count()

    def add_gap(self, gap: tracking.ObservationGap) -> None:
        """Keep a gap under the next number, in a frame of its own."""
        self.seal()
        self._last += 1
        gap.sequence = self._last
        frame = tracking.StreamHeartbeatsRequest(gap=gap).SerializeToString()
        self._waiting.append(Frame(self._last, self._last, frame))
        self._sealed = self._last

    def seal(self) -> None:
        """Make a frame of the events that are in none yet."""
        if self._sealed < self._last:
            self._waiting.append(Frame(self._sealed + 1, self._last, self._request.SerializeToString()))
            self._sealed = self._last
            self._open_batch()

    def take(self, most_on_the_way: int) -> Frame | None:
        """Return the next frame to send, if there is one and the service is ready for so much."""
        if not self._waiting:
            return None
        if self._sent and self._waiting[0].last - self._acknowledged > most_on_the_way:
            return None
        frame = self._waiting.popleft()
        self._sent.append(frame)
        return frame

    def acknowledge(self, committed: int) -> int:
        """Drop what is committed; return how many events that newly answers."""
        answered = committed - self._acknowledged
        if answered <= 0:
            return 0
        for frames in (self._sent, self._waiting):
            while frames and frames[0].last <= committed:
                frames.popleft()
        self._acknowledged = committed
        self.answered += answered
        return answered

    def fits(self, committed: int) -> bool:
        """Tell whether the service can stand there in this stream: nothing dropped is missing, nothing is foreign."""
        return self._acknowledged <= committed <= self._sealed

    def resend(self) -> None:
        """Let everything unacknowledged wait again, as it was built: numbers that are committed change nothing."""
        self._waiting.extendleft(reversed(self._sent))
        self._sent.clear()

    def start_anew(self) -> None:
        """Give new numbers, from 1, to what is unacknowledged: for a new stream id."""
        kept = list(self._kept())
        self._begin()
        for entry in kept:
            if isinstance(entry, tracking.ObservationGap):
                self.add_gap(entry)
            else:
                entry.sequence = self._last + 1
                self._events.append(entry)
                self._count()

    def find(self, sequences: Collection[int]) -> Iterator[Entry]:
        """Yield those of the sent entries that have these numbers."""
        ordered = sorted(sequences)
        for frame in self._sent:
            if bisect_left(ordered, frame.first) < bisect_right(ordered, frame.last):
                yield from (entry for entry in _entries_of(frame) if entry.sequence in sequences)

    def unacknowledged(self) -> Iterator[tracking.PresenceEvent]:
        """Yield the events that are kept, oldest first."""
        return (entry for entry in self._kept() if isinstance(entry, tracking.PresenceEvent))

    def _kept(self) -> Iterator[Entry]:
        for frames in (self._sent, self._waiting):
            for frame in frames:
                yield from (entry for entry in _entries_of(frame) if entry.sequence > self._acknowledged)
        yield from self._events

    def _count(self) -> bool:
        self._last += 1
        gathered = self._last - self._sealed
        if gathered == EVENTS_PER_FRAME:
            self.seal()
            return True
        return gathered == 1


def _entries_of(frame: Frame) -> Iterable[Entry]:
    request = tracking.StreamHeartbeatsRequest.FromString(frame.data)
    return (request.gap,) if request.HasField("gap") else request.batch.events
