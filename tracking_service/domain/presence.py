"""Everything known of one participant, and what further events make of it."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import NamedTuple

from servicekit.clock import Instant
from servicekit.identifiers import StreamId
from tracking_service.domain import connections
from tracking_service.domain.connections import NO_CONNECTIONS, Connections
from tracking_service.domain.events import EndReason, Participant, PresenceEvent
from tracking_service.domain.intervals import Stretch, extend


class Interval(NamedTuple):
    """One unbroken stretch of presence and how it ended."""

    stretch: Stretch
    #: None while it is open: only the last interval of a participant can be.
    end_reason: EndReason | None
    #: See `tracking_service.domain.ways`.
    stream_id: StreamId | None = None

    @property
    def is_open(self) -> bool:
        """Whether a connection was open at the last event."""
        return self.end_reason is None

    def is_alive(self, now: Instant, timeout: int) -> bool:
        """Whether it is open and the silence since its last sign of life is not too long."""
        return self.is_open and now - self.stretch.last_sign_at <= timeout


class Presence(NamedTuple):
    """Intervals of one participant, oldest first, and the connections that were open at the last event."""

    intervals: tuple[Interval, ...] = ()
    connections: Connections = NO_CONNECTIONS
    #: A disconnect later than all of it is recorded and has not counted so far.
    awaits_signs: bool = False

    @property
    def last(self) -> Interval | None:
        """The latest interval."""
        return self.intervals[-1] if self.intervals else None

    @property
    def sole_connection_id(self) -> str | None:
        """The only open connection, if nothing but its next heartbeats can change what is known.

        Then a plain heartbeat within the timeout moves the end of the last interval, and that is all (see
        `tracking_service.domain.runs`).
        """
        last = self.last
        if last is None or not last.is_open or self.awaits_signs or len(self.connections) != 1:
            return None
        [(connection_id, connection)] = self.connections.items()
        # Another one, closed since, may have shown the later sign: then the interval's end does not tell this one's.
        return connection_id if connection.last_sign_at == last.stretch.last_sign_at else None


NOBODY = Presence()
#: What is known of several participants.
Presences = Mapping[Participant, Presence]


def record(
    presence: Presence,
    events: Sequence[PresenceEvent],
    *,
    earlier_disconnects: Sequence[PresenceEvent],
    timeout: int,
) -> Presence:
    """Return the presence after further events of one participant (DESIGN 5.1 to 5.5).

    `earlier_disconnects` are the participant's recorded ones: a late sign of life may make one of them count.
    `timeout` is in microseconds.
    """
    disconnects = [*earlier_disconnects, *(event for event in events if not event.is_sign_of_life)]
    closes = {event.at for event in disconnects if event.reason is EndReason.CLOSED}
    stretches = extend(
        [interval.stretch for interval in presence.intervals],
        signs=[event.at for event in events if event.is_sign_of_life],
        disconnects=closes,
        timeout=timeout,
    )
    if not stretches:
        return NOBODY
    known = connections.update(presence.connections, [*earlier_disconnects, *events])
    intervals = [Interval(stretch, _end_reason(stretch, closes)) for stretch in stretches]
    last_event_at = stretches[-1].ended_at
    still_open = connections.still_open(known, last_event_at, timeout)
    if still_open:
        intervals[-1] = Interval(stretches[-1], None)
    awaits_signs = any(moment > last_event_at for moment in closes)
    return Presence(tuple(intervals), still_open, awaits_signs)


def time_out(presence: Presence, now: Instant, timeout: int) -> Presence:
    """Close the last interval if it was silent for longer than the timeout (DESIGN 5.4); else return it as it is."""
    last = presence.last
    if last is None or not last.is_open or last.is_alive(now, timeout):
        return presence
    closed = last._replace(end_reason=_end_reason(last.stretch, ()))
    return Presence((*presence.intervals[:-1], closed), presence.connections, presence.awaits_signs)


def _end_reason(stretch: Stretch, closes: Container[Instant]) -> EndReason:
    """Return how a stretch ended: seen if the last event is a disconnect, else concluded from silence."""
    seen = stretch.ended_at > stretch.last_sign_at or stretch.ended_at in closes
    return EndReason.CLOSED if seen else EndReason.TIMED_OUT
