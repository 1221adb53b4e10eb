"""What a page tells: a connect, heartbeats, a disconnect, and again after each break."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from benchmarks.evaluation.moments import MINUTE, SECOND, Stretch
from benchmarks.evaluation.simulation.tabs import Tab
from benchmarks.evaluation.simulation.words import Kind

HEARTBEAT_INTERVAL = 15 * SECOND
#: Browsers let the timers of a hidden tab fire once a minute.
HIDDEN_INTERVAL = MINUTE
#: Timers are late, never early.
_TIMER_DELAY = 200


class Signal(NamedTuple):
    """Something that happened to one connection."""

    at: int
    kind: Kind
    connection_id: str


def signals(tab: Tab, random: Random) -> list[Signal]:
    """Return everything that a tab tells, in the order of time."""
    return [signal for number, life in enumerate(_lives(tab)) for signal in _connection(tab, number, life, random)]


class _Life(NamedTuple):
    """Of one connection."""

    stretch: Stretch
    is_end_seen: bool


def _lives(tab: Tab) -> Iterator[_Life]:
    start = tab.stretch.start
    for item in tab.breaks:
        yield _Life(Stretch(start, item.stretch.start), item.is_seen)
        start = item.stretch.end
    yield _Life(Stretch(start, tab.stretch.end), is_end_seen=True)


def _connection(tab: Tab, number: int, life: _Life, random: Random) -> Iterator[Signal]:
    connection_id = f"{tab.name}{number}"
    yield Signal(life.stretch.start, Kind.CONNECT, connection_id)
    for moment in _beats(life.stretch, tab.hidden, random):
        yield Signal(moment, Kind.HEARTBEAT, connection_id)
    if life.is_end_seen:
        yield Signal(life.stretch.end, Kind.DISCONNECT, connection_id)


def _beats(life: Stretch, hidden: Stretch | None, random: Random) -> Iterator[int]:
    """Yield when the timer of a connection fires."""
    last = life.start
    while (moment := _due(last, hidden) + int(random.random() * _TIMER_DELAY)) < life.end:
        yield moment
        last = moment


def _due(last: int, hidden: Stretch | None) -> int:
    """Return when a timer is due again, by the moment at which it fired last."""
    regular = last + HEARTBEAT_INTERVAL
    if hidden is None or not hidden.holds(regular):
        return regular
    # Whoever looks at the tab again lets its timers fire.
    return min(last + HIDDEN_INTERVAL, hidden.end)
