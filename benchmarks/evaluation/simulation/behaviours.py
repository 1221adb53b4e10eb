"""When somebody is really there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from benchmarks.evaluation.moments import MINUTE, SECOND, Stretch
from benchmarks.evaluation.simulation.words import Behaviour

Stay = Callable[[int, Random], Stretch | None]

_COMES_EARLY = (-10 * MINUTE, 5 * MINUTE)
_STAYS_ON = (-2 * MINUTE, 6 * MINUTE)
_LATE = (5 * MINUTE, 15 * MINUTE)
_VERY_LATE = (15 * MINUTE, 45 * MINUTE)
#: Nobody comes later than in this share of the window.
_LATEST_ARRIVAL = 0.9
#: Shares of the window after which they leave.
_LEAVES_EARLY = (0.5, 0.95)
_DROPS_OUT = (0.05, 0.5)
_BRIEF = (20 * SECOND, 4 * MINUTE)
_WAITS_FROM = (-20 * MINUTE, -6 * MINUTE)
_WAITS_UNTIL = (-5 * MINUTE, -5 * SECOND)
#: Whoever comes at all stays for so long.
_SHORTEST_STAY = 5 * SECOND


def stay(behaviour: Behaviour, length: int, random: Random) -> Stretch | None:
    """Return when somebody is there, measured from the start of a window of some length; None: never."""
    return _STAYS[behaviour](length, random)


def _punctual(length: int, random: Random) -> Stretch:
    return _from_to(_between(_COMES_EARLY, random), length + _between(_STAYS_ON, random))


def _late_by(range_: tuple[int, int]) -> Stay:
    def late(length: int, random: Random) -> Stretch:
        low, high = (min(limit, round(_LATEST_ARRIVAL * length)) for limit in range_)
        return _from_to(_between((low, high), random), length + _between(_STAYS_ON, random))

    return late


def _leaves_after(shares: tuple[float, float]) -> Stay:
    def leaves(length: int, random: Random) -> Stretch:
        return _from_to(_between(_COMES_EARLY, random), round(length * random.uniform(*shares)))

    return leaves


def _no_show(_length: int, _random: Random) -> None:
    return None


def _brief_visit(length: int, random: Random) -> Stretch:
    start = random.randrange(length)
    return Stretch(start, start + _between(_BRIEF, random))


def _early_joiner(_length: int, random: Random) -> Stretch:
    return Stretch(_between(_WAITS_FROM, random), _between(_WAITS_UNTIL, random))


def _between(limits: tuple[int, int], random: Random) -> int:
    return random.randint(*limits)


def _from_to(start: int, end: int) -> Stretch:
    return Stretch(start, max(end, start + _SHORTEST_STAY))


_STAYS: Mapping[Behaviour, Stay] = {
    Behaviour.PUNCTUAL: _punctual,
    Behaviour.LATE: _late_by(_LATE),
    Behaviour.VERY_LATE: _late_by(_VERY_LATE),
    Behaviour.EARLY_LEAVER: _leaves_after(_LEAVES_EARLY),
    Behaviour.DROP_OUT: _leaves_after(_DROPS_OUT),
    Behaviour.NO_SHOW: _no_show,
    Behaviour.BRIEF_VISIT: _brief_visit,
    Behaviour.EARLY_JOINER: _early_joiner,
}
