"""What a page sends, and what becomes of it on the way to the tracking service: lost, late, twice, out of order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from random import Random
from typing import NamedTuple

from benchmarks.evaluation.simulation.plan import EventKind, Fault, Outage, OutageRecord
from benchmarks.evaluation.simulation.tabs import Tab
from benchmarks.evaluation.time_ranges import MINUTE, SECOND, TimeRange

HEARTBEAT_INTERVAL = 15 * SECOND
#: Browsers run the timers of a hidden tab once a minute.
HIDDEN_INTERVAL = MINUTE
#: Timers run late, never early.
_MAX_TIMER_DELAY = 200

LOST_HEARTBEATS_SHARE = 0.05
#: Share of the connects after the first one that are lost, where the first one is.
_LOST_CONNECTS_SHARE = 0.5
#: Where disconnects are lost: how often a relay concludes the end from silence, and how much later.
_CONCLUDED_SHARE = 0.5
_CONCLUDED_AFTER = (20 * SECOND, 90 * SECOND)
_DUPLICATES_SHARE = 0.2
_MAX_DUPLICATE_DELAY = 2 * MINUTE
_MAX_DISORDER = 20 * SECOND
_BUFFERING = (2 * MINUTE, 20 * MINUTE)
#: Pages that noticed an outage connect again within this time after it.
_CONNECTS_AGAIN_WITHIN = 5 * SECOND
#: The gateway gives up on a call after this time, so a stopped service finds only later ones when it goes on.
_CALLS_WAIT_FOR = 10 * SECOND


class Sent(NamedTuple):
    """An event that a page sends."""

    at: int
    kind: EventKind
    connection_id: str


class Telemetry(NamedTuple):
    """An event as it arrives. Sorts by the time of its arrival."""

    delivered_at: int
    observed_at: int
    kind: EventKind
    connection_id: str


class _Connection(NamedTuple):
    """One connection of a tab."""

    range: TimeRange
    is_end_noticed: bool


def send(tab: Tab, random: Random) -> list[Sent]:
    """Return everything that a tab sends, oldest first."""
    return [
        sent
        for number, connection in enumerate(_connections(tab))
        for sent in _send_over(tab, number, connection, random)
    ]


def lose(sent: Sequence[Sent], faults: Collection[Fault], random: Random) -> list[Sent]:
    """Return what is not lost before it reaches a relay."""
    remaining = list(sent)
    for fault, loss in _LOSSES.items():
        if fault in faults:
            remaining = loss(remaining, random)
    return remaining


def deliver(sent: Sequence[Sent], faults: Collection[Fault], outage: Outage | None, random: Random) -> list[Telemetry]:
    """Return events as they arrive, in that order."""
    delivered = [Telemetry(at, at, kind, connection_id) for at, kind, connection_id in sent]
    for fault, change in _DELIVERIES.items():
        if fault in faults:
            delivered = change(delivered, random)
    if outage is not None:
        delivered = _apply_outage(outage, delivered, random)
    return sorted(delivered)


def _connections(tab: Tab) -> Iterator[_Connection]:
    start = tab.range.start
    for item in tab.breaks:
        yield _Connection(TimeRange(start, item.range.start), item.is_noticed)
        start = item.range.end
    yield _Connection(TimeRange(start, tab.range.end), is_end_noticed=True)


def _send_over(tab: Tab, number: int, connection: _Connection, random: Random) -> Iterator[Sent]:
    connection_id = f"{tab.name}{number}"
    yield Sent(connection.range.start, EventKind.CONNECT, connection_id)
    for time in _heartbeats(connection.range, tab.hidden, random):
        yield Sent(time, EventKind.HEARTBEAT, connection_id)
    if connection.is_end_noticed:
        yield Sent(connection.range.end, EventKind.DISCONNECT, connection_id)


def _heartbeats(connected: TimeRange, hidden: TimeRange | None, random: Random) -> Iterator[int]:
    """Yield when the timer of a connection runs."""
    last = connected.start
    while (time := _due(last, hidden) + int(random.random() * _MAX_TIMER_DELAY)) < connected.end:
        yield time
        last = time


def _due(last: int, hidden: TimeRange | None) -> int:
    """Return when a timer that last ran at some time is due again."""
    regular = last + HEARTBEAT_INTERVAL
    if hidden is None or not hidden.contains(regular):
        return regular
    # Once the tab is visible again, its timers run at once.
    return min(last + HIDDEN_INTERVAL, hidden.end)


def _lose_connects(sent: list[Sent], random: Random) -> list[Sent]:
    first = next((item for item in sent if item.kind is EventKind.CONNECT), None)
    return [
        item
        for item in sent
        if item.kind is not EventKind.CONNECT or (item is not first and random.random() >= _LOST_CONNECTS_SHARE)
    ]


def _lose_disconnects(sent: list[Sent], random: Random) -> list[Sent]:
    remaining = []
    for item in sent:
        if item.kind is not EventKind.DISCONNECT:
            remaining.append(item)
        elif random.random() < _CONCLUDED_SHARE:
            concluded_at = item.at + random.randint(*_CONCLUDED_AFTER)
            remaining.append(Sent(concluded_at, EventKind.TIMEOUT, item.connection_id))
    return remaining


def _lose_heartbeats(sent: list[Sent], random: Random) -> list[Sent]:
    return [item for item in sent if item.kind is not EventKind.HEARTBEAT or random.random() >= LOST_HEARTBEATS_SHARE]


def _duplicate(delivered: list[Telemetry], random: Random) -> list[Telemetry]:
    again = [
        item._replace(delivered_at=item.delivered_at + random.randrange(_MAX_DUPLICATE_DELAY))
        for item in delivered
        if random.random() < _DUPLICATES_SHARE
    ]
    return delivered + again


def _disorder(delivered: list[Telemetry], random: Random) -> list[Telemetry]:
    return [item._replace(delivered_at=item.delivered_at + random.randrange(_MAX_DISORDER)) for item in delivered]


def _buffer(delivered: list[Telemetry], random: Random) -> list[Telemetry]:
    """Let a relay hold all events back for some time."""
    if not delivered:
        return delivered
    begins = random.choice(delivered).delivered_at
    return _hold_back(delivered, TimeRange(begins, begins + random.randint(*_BUFFERING)))


def _apply_outage(outage: Outage, delivered: list[Telemetry], random: Random) -> list[Telemetry]:
    recorded = _RECORDED[outage.record]
    affected = (recorded(item, outage.range) if outage.range.contains(item.observed_at) else item for item in delivered)
    remaining = [item for item in affected if item is not None]
    if outage.breaks_connections:
        open_then = {item.connection_id for item in delivered if item.observed_at < outage.range.end}
        remaining += _connect_again(remaining, open_then, outage.range.end, random)
    # Events from before the outage are in the relay's buffer, and also arrive after it.
    return _hold_back(remaining, outage.range)


def _connect_again(
    remaining: Sequence[Telemetry], open_then: Collection[str], since: int, random: Random
) -> list[Telemetry]:
    """Return the connects of connections that go on after an outage which their pages noticed."""
    first_after: dict[str, Telemetry] = {}
    for item in sorted(remaining, key=lambda item: item.observed_at):
        if item.observed_at >= since and item.connection_id in open_then:
            first_after.setdefault(item.connection_id, item)
    times = {connection_id: since + random.randrange(_CONNECTS_AGAIN_WITHIN) for connection_id in first_after}
    return [
        Telemetry(at, at, EventKind.CONNECT, connection_id)
        for connection_id, at in times.items()
        if first_after[connection_id].kind is EventKind.HEARTBEAT and at < first_after[connection_id].observed_at
    ]


def _sent_again(item: Telemetry, _outage: TimeRange) -> Telemetry:
    return item


def _lost(_item: Telemetry, _outage: TimeRange) -> None:
    return None


def _read_by_tracking(item: Telemetry, outage: TimeRange) -> Telemetry | None:
    """Return a page's call: it may have arrived at any time since the standstill began, so it has that time."""
    return item._replace(observed_at=outage.start) if item.observed_at >= outage.end - _CALLS_WAIT_FOR else None


def _read_by_socket(item: Telemetry, outage: TimeRange) -> Telemetry | None:
    """Return what the presence socket reads of its sockets when it goes on; it sent no pings meanwhile."""
    if item.kind is EventKind.HEARTBEAT:
        return None
    # An end has the time at which the standstill began, for the same reason.
    return item._replace(observed_at=outage.start if item.kind is EventKind.DISCONNECT else outage.end)


def _hold_back(delivered: Sequence[Telemetry], time_range: TimeRange) -> list[Telemetry]:
    """Deliver what would arrive in a time range at its end."""
    return [
        item._replace(delivered_at=time_range.end) if time_range.contains(item.delivered_at) else item
        for item in delivered
    ]


_LOSSES: Mapping[Fault, Callable[[list[Sent], Random], list[Sent]]] = {
    Fault.LOST_CONNECT: _lose_connects,
    Fault.LOST_DISCONNECT: _lose_disconnects,
    Fault.LOST_HEARTBEATS: _lose_heartbeats,
}
_DELIVERIES: Mapping[Fault, Callable[[list[Telemetry], Random], list[Telemetry]]] = {
    Fault.DISORDER: _disorder,
    Fault.RELAY_BUFFERING: _buffer,
    Fault.DUPLICATES: _duplicate,
}
#: What is recorded of an event during an outage.
_RECORDED: Mapping[OutageRecord, Callable[[Telemetry, TimeRange], Telemetry | None]] = {
    OutageRecord.NOTHING_MISSED: _sent_again,
    OutageRecord.COVERAGE: _lost,
    OutageRecord.GAP_FRAME: _lost,
    OutageRecord.TRACKING_FROZEN: _read_by_tracking,
    OutageRecord.SOCKET_FROZEN: _read_by_socket,
}
