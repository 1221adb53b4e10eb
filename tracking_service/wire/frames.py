"""Frames of StreamHeartbeats that come from clients.

Nearly every event is a plain heartbeat, and there may be a hundred thousand a second, so those are read here directly.
Everything unusual (another kind, an odd connection id, a time out of bounds, a fault) is left to
`tracking_service.wire.event_reader`, which names what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from astegni.tracking.v1 import tracking_pb2
from servicekit.auth.principal import Principal
from servicekit.clock import (
    MICROSECONDS_PER_SECOND,
    NANOSECONDS_PER_MICROSECOND,
    NANOSECONDS_PER_SECOND,
    Clock,
    Instant,
    seconds,
)
from servicekit.errors import DomainError, FieldViolation, InvalidArgument
from servicekit.identifiers import StreamId
from tracking_service.domain.events import PLAIN_ACTIVITY
from tracking_service.domain.heartbeat_columns import participant_key
from tracking_service.domain.numbered_heartbeats import NumberedHeartbeats
from tracking_service.domain.relay_clocks import ClockOffset, ClockOffsetMeter
from tracking_service.ingest.stream import Numbered
from tracking_service.ingest.stream_registry import StreamOpening
from tracking_service.recording.submission import NumberedEvent, Rejection
from tracking_service.store.observation import NumberedRelayGap
from tracking_service.wire.event_reader import EventReader, is_connection_id
from tracking_service.wire.fields import LATEST_TIMESTAMP
from tracking_service.wire.heartbeat_frame import HeartbeatFrame, numbered

#: No process runs for longer than ten years. In microseconds.
MAX_OBSERVING_FOR = seconds(10 * 366 * 24 * 3600)
#: Some 100 KiB: larger messages hold up the others on the same connection.
MAX_EVENTS_PER_BATCH = 1_000

_HEARTBEAT = tracking_pb2.heartbeat
_STUDENT = tracking_pb2.student
_USER_TYPES = (tracking_pb2.tutor, _STUDENT)


def opening(frame: tracking_pb2.StreamHeartbeatsRequest) -> StreamOpening:
    """Read the first frame."""
    if frame.WhichOneof("frame") != "open":
        raise InvalidArgument(FieldViolation("open", "the first frame of a stream must be `open`"))
    try:
        stream_id = UUID(frame.open.stream_id)
    except ValueError:
        raise InvalidArgument(FieldViolation("open.stream_id", "must be a UUID")) from None
    if not frame.open.HasField("observing_for"):
        return StreamOpening(stream_id, None)
    observing_for = frame.open.observing_for.ToMicroseconds()
    if not 0 <= observing_for <= MAX_OBSERVING_FOR:
        raise InvalidArgument(FieldViolation("open.observing_for", "must not be negative, nor more than ten years"))
    return StreamOpening(stream_id, observing_for)


class FrameReader:
    """Reads the further frames of one stream."""

    __slots__ = (
        "_arrival_time",
        "_backfill_limit",
        "_clock",
        "_clock_offset",
        "_events",
        "_is_relay",
        "_own_types",
        "_own_user_id",
        "_stream_id",
    )

    def __init__(
        self,
        principal: Principal,
        clock: Clock,
        stream_id: UUID,
        *,
        arrival_time: Callable[[], Instant],
        backfill_limit: int,
    ) -> None:
        """`arrival_time` returns the time of what is read now; `backfill_limit` is in microseconds."""
        self._events = EventReader(principal, clock, arrival_time=arrival_time, backfill_limit=backfill_limit)
        self._clock = clock
        self._arrival_time = arrival_time
        self._stream_id = StreamId(stream_id)
        self._is_relay = principal.is_service
        self._own_user_id = principal.user_id or 0
        self._own_types = frozenset(
            number
            for number in _USER_TYPES
            if self._own_user_id and tracking_pb2.UserType.Name(number) in principal.roles
        )
        self._backfill_limit = backfill_limit
        self._clock_offset = ClockOffsetMeter()

    def clock_offset_change(self, frame: tracking_pb2.StreamHeartbeatsRequest) -> ClockOffset | None:
        """Return how far the relay's clock is off if a frame shows that this has changed.

        The last event of a frame is commonly the latest one, and reading all would cost as much as what is done with
        them.
        """
        return self._clock_offset.add(_last_observed_at(frame), self._clock.now()) if self._is_relay else None

    def heartbeat(
        self, frame: tracking_pb2.StreamHeartbeatsRequest, next_sequence: int
    ) -> tuple[int, Instant, str] | None:
        """Return the participant's key, the time and the connection id of a relay's plain heartbeat that came alone.

        None: it is something else, or its clock is to be measured, so it has to be read by `clock_offset_change` and
        `read`. Many relays send one heartbeat at a time, and this takes half the time of these two.
        """
        now = self._clock.now()
        # A frame without an event has one that is empty, and numbers begin with 1.
        if not self._is_relay or self._clock_offset.is_due(now):
            return None
        event = frame.event
        return _relayed_row(event, now - self._backfill_limit, now) if event.sequence == next_sequence else None

    def read(
        self, frame: tracking_pb2.StreamHeartbeatsRequest, next_sequence: int
    ) -> Iterator[NumberedHeartbeats | Numbered]:
        """Yield what a frame carries, in order; InvalidArgument for a frame that may not come here.

        `next_sequence` is the number that the next event must have. Plain heartbeats that are numbered from it on
        without a gap are yielded together.
        """
        if frame.HasField("gap"):
            return iter((self._numbered(frame.gap),))
        if not frame.HasField("heartbeats"):
            return self._read_events(_events(frame), next_sequence)
        heartbeats = HeartbeatFrame(frame.heartbeats, max_rows=MAX_EVENTS_PER_BATCH, names_users=self._is_relay)
        if not self._is_relay:
            return self._read_events(heartbeats.events(), next_sequence)
        return self._read_columns(heartbeats, next_sequence)

    def _read_columns(self, frame: HeartbeatFrame, next_sequence: int) -> Iterator[NumberedHeartbeats | Numbered]:
        first = frame.first_sequence
        if first != next_sequence:
            # Whatever the row says, only its number counts: it was received before, or one before it is missing.
            yield self._numbered(frame.event(0))
        start = next_sequence - first
        if not 0 <= start < len(frame):
            return
        now = self._clock.now()
        read = frame.columns(oldest=now - self._backfill_limit, now=now)
        for row in (*read.others.tolist(), len(frame)):
            if row > start:
                yield numbered(read, first, start, row)
            if start <= row < len(frame):
                yield self._numbered(frame.event(row))
            start = max(start, row + 1)

    def _read_events(
        self, messages: Iterable[tracking_pb2.PresenceEvent], next_sequence: int
    ) -> Iterator[NumberedHeartbeats | Numbered]:
        remaining = iter(messages)
        read_heartbeats = self._relayed if self._is_relay else self._own
        while True:
            heartbeats = NumberedHeartbeats()
            other = read_heartbeats(remaining, next_sequence, heartbeats)
            if heartbeats:
                yield heartbeats
                next_sequence = heartbeats.last_sequence + 1
            if other is None:
                return
            numbered = self._numbered(other)
            yield numbered
            next_sequence += numbered.sequence == next_sequence

    def _relayed(
        self, events: Iterator[tracking_pb2.PresenceEvent], sequence: int, to: NumberedHeartbeats
    ) -> tracking_pb2.PresenceEvent | None:
        """Add the plain heartbeats that are numbered from `sequence` on, and return the first other event."""
        now = self._clock.now()
        oldest = now - self._backfill_limit
        keys: list[int] = []
        times: list[Instant] = []
        connection_ids: list[str] = []
        other = None
        for event in events:
            row = _relayed_row(event, oldest, now) if event.sequence == sequence + len(keys) else None
            if row is None:
                other = event
                break
            key, at, connection_id = row
            keys.append(key)
            times.append(at)
            connection_ids.append(connection_id)
        to.add_rows(sequence, keys, times, connection_ids)
        return other

    def _own(
        self, events: Iterator[tracking_pb2.PresenceEvent], sequence: int, to: NumberedHeartbeats
    ) -> tracking_pb2.PresenceEvent | None:
        arrived_at = self._arrival_time()
        for event in events:
            if event.sequence != sequence or not _is_plain(event) or event.session_id <= 0:
                return event
            user_type = event.user_type
            if user_type not in self._own_types or event.HasField("user_id"):
                return event
            key = participant_key(event.session_id, self._own_user_id, is_student=user_type == _STUDENT)
            to.add(sequence, key, arrived_at, event.connection_id)
            sequence += 1
        return None

    def _numbered(self, message: tracking_pb2.PresenceEvent | tracking_pb2.ObservationGap) -> Numbered:
        try:
            if isinstance(message, tracking_pb2.ObservationGap):
                return NumberedRelayGap(message.sequence, self._events.gap(message, self._stream_id))
            return NumberedEvent(message.sequence, self._events.event(message))
        except DomainError as error:
            return Rejection(message.sequence, error)


def _events(frame: tracking_pb2.StreamHeartbeatsRequest) -> Sequence[tracking_pb2.PresenceEvent]:
    kind = frame.WhichOneof("frame")
    if kind == "event":
        return (frame.event,)
    if kind == "batch":
        events = frame.batch.events
        if not 1 <= len(events) <= MAX_EVENTS_PER_BATCH:
            raise InvalidArgument(FieldViolation("batch.events", f"must hold 1 to {MAX_EVENTS_PER_BATCH} events"))
        return events
    if kind == "open":
        raise InvalidArgument(FieldViolation("open", "a stream is opened once"))
    raise InvalidArgument(FieldViolation("frame", "must be an event, a batch, heartbeats or a gap"))


def _last_observed_at(frame: tracking_pb2.StreamHeartbeatsRequest) -> Instant | None:
    """Return when the last event of a frame happened, if the frame states a time that there is."""
    after = 0
    message: tracking_pb2.PresenceEvent | tracking_pb2.PresenceHeartbeats = frame.event
    if frame.HasField("batch") and frame.batch.events:
        message = frame.batch.events[-1]
    elif frame.HasField("heartbeats"):
        message = frame.heartbeats
        after = message.observed_after_microseconds[-1] if message.observed_after_microseconds else 0
    if not message.HasField("observed_at"):
        return None
    stamp = message.observed_at
    at = stamp.seconds * MICROSECONDS_PER_SECOND + stamp.nanos // NANOSECONDS_PER_MICROSECOND + after
    return Instant(at) if at <= LATEST_TIMESTAMP else None


def _relayed_row(event: tracking_pb2.PresenceEvent, oldest: int, now: Instant) -> tuple[int, Instant, str] | None:
    """Return the participant's key, the time and the connection id of a relay's event; None: not a plain heartbeat."""
    # Reading a field costs as much as what is done with it, and so does a call, so there are few of either.
    connection_id = event.connection_id
    if (
        event.kind != _HEARTBEAT
        or event.activity_type not in PLAIN_ACTIVITY
        or (connection_id and not is_connection_id(connection_id))
    ):
        return None
    stamp = event.observed_at
    nanoseconds = stamp.nanos
    at = stamp.seconds * MICROSECONDS_PER_SECOND + nanoseconds // NANOSECONDS_PER_MICROSECOND
    if not oldest <= at <= now or not 0 <= nanoseconds < NANOSECONDS_PER_SECOND:
        if event.HasField("observed_at") and not _is_ahead(stamp, at, now):
            return None
        at = now
    session_id, user_id, user_type = event.session_id, event.user_id, event.user_type
    if session_id <= 0 or user_id <= 0 or user_type not in _USER_TYPES:
        return None
    return participant_key(session_id, user_id, is_student=user_type == _STUDENT), Instant(at), connection_id


def _is_ahead(stamp: Timestamp, at: int, now: int) -> bool:
    """Return whether a time is valid and lies in the future: many relays' clocks are a little ahead."""
    return now < at <= LATEST_TIMESTAMP and 0 <= stamp.nanos < NANOSECONDS_PER_SECOND


def _is_plain(event: tracking_pb2.PresenceEvent) -> bool:
    connection_id = event.connection_id
    return (
        event.kind == _HEARTBEAT
        and event.activity_type in PLAIN_ACTIVITY
        and (not connection_id or is_connection_id(connection_id))
    )
