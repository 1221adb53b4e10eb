"""What becomes of signals on their way to the tracking service: lost, late, twice, out of order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from random import Random
from typing import NamedTuple

from benchmarks.evaluation.moments import MINUTE, SECOND, Stretch
from benchmarks.evaluation.simulation.plan import Outage, Record
from benchmarks.evaluation.simulation.signals import Signal
from benchmarks.evaluation.simulation.words import Fault, Kind

#: The share of heartbeats that get lost, where some do.
LOST_HEARTBEATS = 0.05
#: Of a second and further connects, where the first one is lost.
_LOST_CONNECTS = 0.5
#: Where disconnects are lost: how often a relay concludes the end from silence, and how much later.
_CONCLUDED = 0.5
_CONCLUDED_AFTER = (20 * SECOND, 90 * SECOND)
_DUPLICATES = 0.2
_DUPLICATE_AFTER = 2 * MINUTE
_DISORDER = 20 * SECOND
_BUFFERING = (2 * MINUTE, 20 * MINUTE)


class Telemetry(NamedTuple):
    """A signal as it comes in. Sorts by the moment at which it does."""

    delivered_at: int
    observed_at: int
    kind: Kind
    connection_id: str


def lose(signals: Sequence[Signal], faults: Collection[Fault], random: Random) -> list[Signal]:
    """Return what is not lost before anybody could keep it."""
    kept = list(signals)
    for fault, loss in _LOSSES.items():
        if fault in faults:
            kept = loss(kept, random)
    return kept


def deliver(
    signals: Sequence[Signal], faults: Collection[Fault], outage: Outage | None, random: Random
) -> list[Telemetry]:
    """Return signals as they come in, in that order."""
    delivered = [Telemetry(at, at, kind, connection_id) for at, kind, connection_id in signals]
    for fault, change in _DELIVERIES.items():
        if fault in faults:
            delivered = change(delivered, random)
    if outage is not None:
        delivered = _through(outage, delivered)
    return sorted(delivered)


def _lose_connects(signals: list[Signal], random: Random) -> list[Signal]:
    first = next((signal for signal in signals if signal.kind is Kind.CONNECT), None)
    return [
        signal
        for signal in signals
        if signal.kind is not Kind.CONNECT or (signal is not first and random.random() >= _LOST_CONNECTS)
    ]


def _lose_disconnects(signals: list[Signal], random: Random) -> list[Signal]:
    kept = []
    for signal in signals:
        if signal.kind is not Kind.DISCONNECT:
            kept.append(signal)
        elif random.random() < _CONCLUDED:
            kept.append(Signal(signal.at + random.randint(*_CONCLUDED_AFTER), Kind.TIMEOUT, signal.connection_id))
    return kept


def _lose_heartbeats(signals: list[Signal], random: Random) -> list[Signal]:
    return [signal for signal in signals if signal.kind is not Kind.HEARTBEAT or random.random() >= LOST_HEARTBEATS]


def _duplicate(delivered: list[Telemetry], random: Random) -> list[Telemetry]:
    again = [
        item._replace(delivered_at=item.delivered_at + random.randrange(_DUPLICATE_AFTER))
        for item in delivered
        if random.random() < _DUPLICATES
    ]
    return delivered + again


def _disorder(delivered: list[Telemetry], random: Random) -> list[Telemetry]:
    return [item._replace(delivered_at=item.delivered_at + random.randrange(_DISORDER)) for item in delivered]


def _buffer(delivered: list[Telemetry], random: Random) -> list[Telemetry]:
    """Let a relay hold everything back for a while."""
    if not delivered:
        return delivered
    begins = random.choice(delivered).delivered_at
    return _held(delivered, Stretch(begins, begins + random.randint(*_BUFFERING)))


def _through(outage: Outage, delivered: list[Telemetry]) -> list[Telemetry]:
    if outage.record is not Record.NOTHING_MISSED:
        delivered = [item for item in delivered if not outage.stretch.holds(item.observed_at)]
    # What came from before a loss was kept by its relay: it waits as well.
    return _held(delivered, outage.stretch)


def _held(delivered: Sequence[Telemetry], until_its_end: Stretch) -> list[Telemetry]:
    return [
        item._replace(delivered_at=until_its_end.end) if until_its_end.holds(item.delivered_at) else item
        for item in delivered
    ]


_LOSSES: Mapping[Fault, Callable[[list[Signal], Random], list[Signal]]] = {
    Fault.LOST_CONNECT: _lose_connects,
    Fault.LOST_DISCONNECT: _lose_disconnects,
    Fault.LOST_HEARTBEATS: _lose_heartbeats,
}
_DELIVERIES: Mapping[Fault, Callable[[list[Telemetry], Random], list[Telemetry]]] = {
    Fault.DISORDER: _disorder,
    Fault.RELAY_BUFFERING: _buffer,
    Fault.DUPLICATES: _duplicate,
}
