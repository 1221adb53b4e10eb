"""Everything that is known about one participant, and how further events change it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from servicekit.clock import Instant
from servicekit.identifiers import StreamId
from tracking_service.domain.events import EndReason, Participant, PresenceEvent
from tracking_service.domain.presence_spans import PresenceSpan, add_events

#: Tabs and devices of one participant that are remembered as open; more than anyone uses. Of more, the latest count.
MAX_OPEN_CONNECTIONS = 64


class Interval(NamedTuple):
    """A span of presence and how it ended."""

    span: PresenceSpan
    #: None while it is open: only the last interval of a participant can be.
    end_reason: EndReason | None
    #: See `tracking_service.domain.provenance`.
    stream_id: StreamId | None = None

    @property
    def is_open(self) -> bool:
        """Whether a connection was open at the last event."""
        return self.end_reason is None

    def is_alive(self, now: Instant, timeout: int) -> bool:
        """Return whether it is open and its last sign of life is at most `timeout` microseconds old."""
        return self.is_open and now - self.span.last_sign_at <= timeout


class ClientConnection(NamedTuple):
    """One tab or device. Each field is a maximum, so that the order of arrival does not matter.

    They decide what the status shows (docs/presence.md#several-connections). Presence itself is the union of all
    connections and does not depend on this.
    """

    last_sign_at: Instant | None = None
    closed_at: Instant | None = None

    def is_open(self, not_before: Instant) -> bool:
        """Return whether its last event is a sign of life that is not older than `not_before`."""
        if self.last_sign_at is None or self.last_sign_at < not_before:
            return False
        return self.closed_at is None or self.closed_at < self.last_sign_at


_NEVER_SEEN = ClientConnection()
#: By connection id; clients that send none share the empty one.
ClientConnections = Mapping[str, ClientConnection]
NO_CONNECTIONS: ClientConnections = MappingProxyType({})


class Presence(NamedTuple):
    """Intervals of one participant, oldest first, and the connections that were open at the last event."""

    intervals: tuple[Interval, ...] = ()
    connections: ClientConnections = NO_CONNECTIONS
    #: A later disconnect is recorded that does not count yet, because there is no sign of life shortly before it.
    awaits_signs: bool = False

    @property
    def last(self) -> Interval | None:
        """The latest interval."""
        return self.intervals[-1] if self.intervals else None

    @property
    def sole_connection_id(self) -> str | None:
        """The only open connection, if its next heartbeats can do nothing but move the end of the last interval.

        `tracking_service.store.heartbeat_update` relies on this.
        """
        last = self.last
        if last is None or not last.is_open or self.awaits_signs or len(self.connections) != 1:
            return None
        [(connection_id, connection)] = self.connections.items()
        # If a connection that has closed since gave the last sign, the interval's end says nothing about this one.
        return connection_id if connection.last_sign_at == last.span.last_sign_at else None


NEVER_PRESENT = Presence()
Presences = Mapping[Participant, Presence]


def record(
    presence: Presence,
    events: Sequence[PresenceEvent],
    *,
    earlier_disconnects: Sequence[PresenceEvent],
    timeout: int,
) -> Presence:
    """Return the presence after further events of one participant.

    `earlier_disconnects` are the participant's recorded ones since `disconnects_matter_since`, or more of them: a late
    sign of life may make one of them count. `timeout` is in microseconds.
    """
    signs, disconnects = [], list(earlier_disconnects)
    for event in events:
        if event.is_sign_of_life:
            signs.append(event.at)
        else:
            disconnects.append(event)
    closes = {event.at for event in disconnects if event.reason is EndReason.CLOSED}
    spans = add_events(
        [interval.span for interval in presence.intervals],
        signs=signs,
        disconnects=closes,
        timeout=timeout,
    )
    if not spans:
        return NEVER_PRESENT
    connections = _updated(presence.connections, [*earlier_disconnects, *events])
    closes |= {interval.span.ended_at for interval in presence.intervals if interval.end_reason is EndReason.CLOSED}
    intervals = [Interval(span, _end_reason(span, closes)) for span in spans]
    last_event_at = spans[-1].ended_at
    still_open = _still_open(connections, last_event_at, timeout)
    if still_open:
        intervals[-1] = Interval(spans[-1], None)
    awaits_signs = any(at > last_event_at for at in closes)
    return Presence(tuple(intervals), still_open, awaits_signs)


def disconnects_matter_since(presence: Presence, events: Iterable[PresenceEvent]) -> Instant:
    """Return from when on recorded disconnects may matter to further events of a participant.

    An earlier one lies before all further signs of life, so none of these makes it count; and what it has done to known
    signs of life is known. So the cost of an event does not grow with the number of disconnects that are recorded.
    """
    times = [event.at for event in events if event.is_sign_of_life]
    return min(times if presence.last is None else [*times, presence.last.span.ended_at], default=Instant(0))


def time_out(presence: Presence, now: Instant, timeout: int) -> Presence:
    """Close the last interval if it was silent for longer than the timeout; otherwise return `presence` itself."""
    last = presence.last
    return presence if last is None or last.is_alive(now, timeout) else close(presence)


def close(presence: Presence) -> Presence:
    """Close the last interval at its last event if it is open; otherwise return `presence` itself."""
    last = presence.last
    if last is None or not last.is_open:
        return presence
    closed = last._replace(end_reason=_end_reason(last.span, ()))
    return Presence((*presence.intervals[:-1], closed), presence.connections, presence.awaits_signs)


def _end_reason(span: PresenceSpan, closes: Container[Instant]) -> EndReason:
    seen = span.ended_at > span.last_sign_at or span.ended_at in closes
    return EndReason.CLOSED if seen else EndReason.TIMED_OUT


def _updated(connections: ClientConnections, events: Iterable[PresenceEvent]) -> dict[str, ClientConnection]:
    updated = dict(connections)
    for event in events:
        last_sign_at, closed_at = updated.get(event.connection_id, _NEVER_SEEN)
        if event.is_sign_of_life:
            updated[event.connection_id] = ClientConnection(_later(last_sign_at, event.at), closed_at)
        else:
            updated[event.connection_id] = ClientConnection(last_sign_at, _later(closed_at, event.at))
    return updated


def _still_open(connections: ClientConnections, last_event_at: Instant, timeout: int) -> dict[str, ClientConnection]:
    """Return the connections that were open at the participant's last event.

    The others need not be remembered. Closed ones are known from the recorded disconnects. One that was silent for
    longer than the timeout before the last event can't become open again without a new event.
    """
    horizon = Instant(last_event_at - timeout)
    # That one was closed before its last sign of life does not matter any more.
    still_open = {
        name: connection if connection.closed_at is None else ClientConnection(connection.last_sign_at)
        for name, connection in connections.items()
        if connection.is_open(horizon)
    }
    if len(still_open) <= MAX_OPEN_CONNECTIONS:
        return still_open
    latest = sorted(still_open, key=lambda name: (still_open[name].last_sign_at or 0, name))[-MAX_OPEN_CONNECTIONS:]
    return {name: still_open[name] for name in latest}


def _later(known: Instant | None, at: Instant) -> Instant:
    return at if known is None else max(known, at)
