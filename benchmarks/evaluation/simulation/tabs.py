"""The tabs in which a person opens the page: when each is open, hidden, and without a connection."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from benchmarks.evaluation.simulation.plan import Fault
from benchmarks.evaluation.time_ranges import MINUTE, SECOND, TimeRange, subtract, union

#: The longest silence inside a presence (docs/glossary.md). A tab that is frozen for longer is not present meanwhile.
PRESENCE_TIMEOUT = 75 * SECOND

#: A second tab is open, and a tab is hidden, for at least this time.
_MIN_LENGTH = MINUTE
#: Shares of its life between which a tab becomes hidden, and between which it becomes visible again.
_HIDDEN_FROM = (0.0, 0.5)
_HIDDEN_UNTIL = (0.6, 1.0)

_RELOAD = (800, 4 * SECOND)
_BLIP = (5 * SECOND, 70 * SECOND)
_FREEZE = (20 * SECOND, 10 * MINUTE)
_MAX_RELOADS = 3
_MAX_BLIPS = 3
#: Share of the blips after which the end of the connection is noticed.
_NOTICED_BLIPS = 0.5
#: Between two breaks of a connection, and between a break and an end of the tab.
_MIN_DISTANCE = 20 * SECOND


class Break(NamedTuple):
    """A time without connection, from the loss of one to the opening of the next."""

    range: TimeRange
    cause: Fault
    #: Whether the end of the connection is noticed, and reported as a disconnect.
    is_noticed: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Tab:
    """One tab from its opening to its closing."""

    name: str
    range: TimeRange
    #: Apart from each other, oldest first.
    breaks: tuple[Break, ...] = ()
    #: When its timers are throttled.
    hidden: TimeRange | None = None

    @property
    def faults(self) -> frozenset[Fault]:
        """The faults of this tab."""
        return frozenset({item.cause for item in self.breaks} | ({Fault.HIDDEN_TAB} if self.hidden else set()))

    @property
    def presence(self) -> tuple[TimeRange, ...]:
        """When the person is present by it: breaks included, except a freeze longer than the presence timeout."""
        return subtract(self.range, [item.range for item in self.breaks if _is_absence(item)])


def open_tabs(stay: TimeRange, faults: Collection[Fault], random: Random) -> tuple[Tab, ...]:
    """Return the tabs of a person who stays for this time."""
    breaks = draw_breaks(stay, faults, random)
    first = Tab(name="a", range=stay, breaks=breaks, hidden=_hidden(stay, faults, random))
    second = _second_tab(stay, random) if Fault.TWO_TABS in faults else None
    if second is None:
        return (first,)
    # The network fails for all tabs; a reload or a freeze affects one.
    shared = [item for item in breaks if item.cause is Fault.BLIPS and _fits(item.range, second)]
    return (first, Tab(name="b", range=second, breaks=tuple(shared)))


def truth(tabs: Sequence[Tab]) -> tuple[TimeRange, ...]:
    """Return when the person with these tabs was really present."""
    return union(time_range for tab in tabs for time_range in tab.presence)


def draw_breaks(stay: TimeRange, faults: Collection[Fault], random: Random) -> tuple[Break, ...]:
    """Draw the breaks of a connection of this length; those for which there is no room are left out."""
    placed: list[Break] = []
    for cause, length, is_noticed in _planned_breaks(faults, random):
        room = stay.length - length - 2 * _MIN_DISTANCE
        if room <= 0:
            continue
        start = stay.start + _MIN_DISTANCE + random.randrange(room)
        item = Break(TimeRange(start, start + length), cause, is_noticed)
        if all(_are_apart(item.range, other.range) for other in placed):
            placed.append(item)
    return tuple(sorted(placed))


def _planned_breaks(faults: Collection[Fault], random: Random) -> Iterator[tuple[Fault, int, bool]]:
    """Yield the cause and the length of each break, and whether the end of the connection is noticed."""
    if Fault.FROZEN_TAB in faults:
        yield Fault.FROZEN_TAB, random.randint(*_FREEZE), False
    if Fault.BLIPS in faults:
        for _ in range(random.randint(1, _MAX_BLIPS)):
            yield Fault.BLIPS, random.randint(*_BLIP), random.random() < _NOTICED_BLIPS
    if Fault.RELOADS in faults:
        for _ in range(random.randint(1, _MAX_RELOADS)):
            yield Fault.RELOADS, random.randint(*_RELOAD), True


def _are_apart(one: TimeRange, other: TimeRange) -> bool:
    return one.end + _MIN_DISTANCE <= other.start or other.end + _MIN_DISTANCE <= one.start


def _fits(inner: TimeRange, outer: TimeRange) -> bool:
    return outer.start + _MIN_DISTANCE <= inner.start and inner.end + _MIN_DISTANCE <= outer.end


def _is_absence(item: Break) -> bool:
    return item.cause is Fault.FROZEN_TAB and item.range.length > PRESENCE_TIMEOUT


def _second_tab(stay: TimeRange, random: Random) -> TimeRange | None:
    if stay.length <= _MIN_LENGTH:
        return None
    start = stay.start + random.randrange(stay.length - _MIN_LENGTH)
    return TimeRange(start, random.randint(start + _MIN_LENGTH, stay.end))


def _hidden(stay: TimeRange, faults: Collection[Fault], random: Random) -> TimeRange | None:
    if Fault.HIDDEN_TAB not in faults:
        return None
    start, end = (stay.start + round(stay.length * random.uniform(*share)) for share in (_HIDDEN_FROM, _HIDDEN_UNTIL))
    return TimeRange(start, end) if end - start >= _MIN_LENGTH else None
