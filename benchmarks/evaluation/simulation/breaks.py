"""What breaks the connections of a page off: reloads, a network that fails, a tab that is frozen."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from random import Random
from typing import NamedTuple

from benchmarks.evaluation.moments import MINUTE, SECOND, Stretch
from benchmarks.evaluation.simulation.words import Fault

_RELOAD = (800, 4 * SECOND)
_BLIP = (5 * SECOND, 70 * SECOND)
_FREEZE = (20 * SECOND, 10 * MINUTE)
_MOST_RELOADS = 3
_MOST_BLIPS = 3
#: How often the end of a connection that a blip breaks off is seen.
_BLIP_IS_SEEN = 0.5
#: Between two breaks of a connection, and at both its ends.
_APART = 20 * SECOND


class Break(NamedTuple):
    """A time without connection, from the loss of one to the opening of the next."""

    stretch: Stretch
    cause: Fault
    #: Whether the end of the connection is seen, and told as a disconnect.
    is_seen: bool


def breaks(stay: Stretch, faults: Collection[Fault], random: Random) -> tuple[Break, ...]:
    """Draw what breaks off somebody who stays so long; those that find no room are left out."""
    placed: list[Break] = []
    for cause, length, is_seen in _wanted(faults, random):
        room = stay.length - length - 2 * _APART
        if room <= 0:
            continue
        start = stay.start + _APART + random.randrange(room)
        item = Break(Stretch(start, start + length), cause, is_seen)
        if all(_are_apart(item.stretch, other.stretch) for other in placed):
            placed.append(item)
    return tuple(sorted(placed))


def fits(inner: Stretch, outer: Stretch) -> bool:
    """Tell whether a break leaves room at both ends of a page's life."""
    return outer.start + _APART <= inner.start and inner.end + _APART <= outer.end


def _wanted(faults: Collection[Fault], random: Random) -> Iterator[tuple[Fault, int, bool]]:
    """Yield the cause and the length of each break, and whether the end of the connection is seen."""
    if Fault.FROZEN_TAB in faults:
        yield Fault.FROZEN_TAB, random.randint(*_FREEZE), False
    if Fault.BLIPS in faults:
        for _ in range(random.randint(1, _MOST_BLIPS)):
            yield Fault.BLIPS, random.randint(*_BLIP), random.random() < _BLIP_IS_SEEN
    if Fault.RELOADS in faults:
        for _ in range(random.randint(1, _MOST_RELOADS)):
            yield Fault.RELOADS, random.randint(*_RELOAD), True


def _are_apart(one: Stretch, other: Stretch) -> bool:
    return one.end + _APART <= other.start or other.end + _APART <= one.start
