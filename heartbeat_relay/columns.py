"""Plain heartbeats as columns: they cost both sides a fraction of what events cost."""

from __future__ import annotations

from collections.abc import Iterator

from astegni.tracking.v1 import tracking_pb2 as tracking
from heartbeat_relay.events import NANOSECONDS_PER_MICROSECOND, NO_REASON, Event

MICROSECONDS_PER_SECOND = 1_000_000


def is_plain(event: Event) -> bool:
    """Return whether an event is a sign of life and nothing else."""
    return event.kind == tracking.heartbeat and not event.activity_type and event.reason == NO_REASON


class HeartbeatRows:
    """Plain heartbeats of one frame, numbered without a gap."""

    __slots__ = ("_base", "_message", "_places", "request")

    def __init__(self, first_sequence: int) -> None:
        """Start empty; the first row will have this number."""
        #: The frame.
        self.request = tracking.StreamHeartbeatsRequest()
        self._message = self.request.heartbeats
        self._message.first_sequence = first_sequence
        #: The time from which the rows' times count, in microseconds since the epoch.
        self._base = 0
        self._places: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._message.session_ids)

    def add(self, event: Event) -> None:
        """Add a plain heartbeat; TypeError or ValueError if a value does not fit into its column."""
        rows, message = len(self), self._message
        at = event.nanoseconds // NANOSECONDS_PER_MICROSECOND
        try:
            if not rows:
                self._start_at(at)
            message.session_ids.append(event.session_id)
            message.user_ids.append(event.user_id)
            message.user_types.append(event.user_type)
            message.observed_after_microseconds.append(at - self._base)
            message.connections.append(self._place(event.connection_id))
        except (TypeError, ValueError):
            # Only the first rows are kept, whichever column refused the value.
            for column in (
                message.session_ids,
                message.user_ids,
                message.user_types,
                message.observed_after_microseconds,
                message.connections,
            ):
                del column[rows:]
            raise

    def _start_at(self, at: int) -> None:
        self._base = at
        seconds, microseconds = divmod(at, MICROSECONDS_PER_SECOND)
        self._message.observed_at.seconds = seconds
        self._message.observed_at.nanos = microseconds * NANOSECONDS_PER_MICROSECOND

    def _place(self, connection_id: str) -> int:
        if not connection_id:
            return 0
        place = self._places.get(connection_id)
        if place is None:
            self._message.connection_ids.append(connection_id)
            place = self._places[connection_id] = len(self._message.connection_ids)
        return place


def events_of(message: tracking.PresenceHeartbeats) -> Iterator[tracking.PresenceEvent]:
    """Yield the rows of a frame as events."""
    stamp = message.observed_at
    base = stamp.seconds * MICROSECONDS_PER_SECOND + stamp.nanos // NANOSECONDS_PER_MICROSECOND
    columns = zip(
        message.session_ids,
        message.user_ids,
        message.user_types,
        message.observed_after_microseconds,
        message.connections,
        strict=True,
    )
    for sequence, (session_id, user_id, user_type, after, place) in enumerate(columns, message.first_sequence):
        event = tracking.PresenceEvent(
            sequence=sequence,
            kind=tracking.heartbeat,
            session_id=session_id,
            user_type=user_type,
            user_id=user_id,
            connection_id=message.connection_ids[place - 1] if place else "",
        )
        seconds, microseconds = divmod(base + after, MICROSECONDS_PER_SECOND)
        event.observed_at.seconds, event.observed_at.nanos = seconds, microseconds * NANOSECONDS_PER_MICROSECOND
        yield event
