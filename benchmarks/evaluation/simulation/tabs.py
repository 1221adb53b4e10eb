"""A person's pages: how many, from when to when, and whether they are looked at."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from random import Random

from benchmarks.evaluation.moments import MINUTE, SECOND, Stretch, union, without
from benchmarks.evaluation.simulation.breaks import Break, breaks, fits
from benchmarks.evaluation.simulation.words import Fault

#: DESIGN 3: the longest silence inside a presence. A tab that is frozen for longer is no presence while it is.
PRESENCE_TIMEOUT = 75 * SECOND

#: Of a second tab, and of a time for which a tab is hidden.
_SHORTEST = MINUTE
#: From where on and up to where a tab is hidden, as shares of its life.
_HIDDEN_FROM = (0.0, 0.5)
_HIDDEN_UNTIL = (0.6, 1.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tab:
    """One page from its opening to its closing."""

    name: str
    stretch: Stretch
    #: Apart from each other, oldest first.
    breaks: tuple[Break, ...] = ()
    #: When its timers are throttled.
    hidden: Stretch | None = None

    @property
    def causes(self) -> frozenset[Fault]:
        """What happens to it."""
        return frozenset(
            {interruption.cause for interruption in self.breaks} | ({Fault.HIDDEN_TAB} if self.hidden else set())
        )

    @property
    def presence(self) -> tuple[Stretch, ...]:
        """When it is alive: a break is a part of that, unless it was frozen for longer than the presence timeout."""
        return without(self.stretch, [item.stretch for item in self.breaks if _is_absence(item)])


def tabs(stay: Stretch, faults: Collection[Fault], random: Random) -> tuple[Tab, ...]:
    """Return the tabs of somebody who stays so long."""
    shocks = breaks(stay, faults, random)
    first = Tab(name="a", stretch=stay, breaks=shocks, hidden=_hidden(stay, faults, random))
    second = _second_stretch(stay, random) if Fault.TWO_TABS in faults else None
    if second is None:
        return (first,)
    # The network fails for all tabs; one that reloads or freezes does so alone.
    shared = [item for item in shocks if item.cause is Fault.BLIPS and fits(item.stretch, second)]
    return (first, Tab(name="b", stretch=second, breaks=tuple(shared)))


def truth(of: Sequence[Tab]) -> tuple[Stretch, ...]:
    """Return when somebody with these tabs was really there."""
    return union(stretch for tab in of for stretch in tab.presence)


def _is_absence(item: Break) -> bool:
    return item.cause is Fault.FROZEN_TAB and item.stretch.length > PRESENCE_TIMEOUT


def _second_stretch(stay: Stretch, random: Random) -> Stretch | None:
    if stay.length <= _SHORTEST:
        return None
    start = stay.start + random.randrange(stay.length - _SHORTEST)
    return Stretch(start, random.randint(start + _SHORTEST, stay.end))


def _hidden(stay: Stretch, faults: Collection[Fault], random: Random) -> Stretch | None:
    if Fault.HIDDEN_TAB not in faults:
        return None
    start, end = (stay.start + round(stay.length * random.uniform(*share)) for share in (_HIDDEN_FROM, _HIDDEN_UNTIL))
    return Stretch(start, end) if end - start >= _SHORTEST else None
