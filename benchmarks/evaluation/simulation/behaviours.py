"""When a person is really present."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from benchmarks.evaluation.simulation.plan import Behaviour
from benchmarks.evaluation.time_ranges import MINUTE, SECOND, TimeRange

Stay = Callable[[int, Random], TimeRange | None]

_ARRIVES_ON_TIME = (-10 * MINUTE, 5 * MINUTE)
_LEAVES_ON_TIME = (-2 * MINUTE, 6 * MINUTE)
_LATE = (5 * MINUTE, 15 * MINUTE)
_VERY_LATE = (15 * MINUTE, 45 * MINUTE)
#: Share of the window after which no person arrives.
_MAX_ARRIVAL = 0.9
#: Shares of the window after which a person leaves.
_LEAVES_EARLY = (0.5, 0.95)
_DROPS_OUT = (0.05, 0.5)
_BRIEF = (20 * SECOND, 4 * MINUTE)
_WAITS_FROM = (-20 * MINUTE, -6 * MINUTE)
_WAITS_UNTIL = (-5 * MINUTE, -5 * SECOND)
_OVERSTAYS = (8 * MINUTE, 50 * MINUTE)
_GIVES_UP_AFTER = (8 * MINUTE, 35 * MINUTE)
_MIN_STAY = 5 * SECOND


def stay(behaviour: Behaviour, length: int, random: Random) -> TimeRange | None:
    """Return when a person is present, relative to the start of a window of this length; None: never."""
    return _STAYS[behaviour](length, random)


def _punctual(length: int, random: Random) -> TimeRange:
    return _from_to(_between(_ARRIVES_ON_TIME, random), length + _between(_LEAVES_ON_TIME, random))


def _late_by(range_: tuple[int, int]) -> Stay:
    def late(length: int, random: Random) -> TimeRange:
        low, high = (min(limit, round(_MAX_ARRIVAL * length)) for limit in range_)
        return _from_to(_between((low, high), random), length + _between(_LEAVES_ON_TIME, random))

    return late


def _leaves_after(shares: tuple[float, float]) -> Stay:
    def leaves(length: int, random: Random) -> TimeRange:
        return _from_to(_between(_ARRIVES_ON_TIME, random), round(length * random.uniform(*shares)))

    return leaves


def _no_show(_length: int, _random: Random) -> None:
    return None


def _brief_visit(length: int, random: Random) -> TimeRange:
    start = random.randrange(length)
    return TimeRange(start, start + _between(_BRIEF, random))


def _early_joiner(_length: int, random: Random) -> TimeRange:
    return TimeRange(_between(_WAITS_FROM, random), _between(_WAITS_UNTIL, random))


def _overstayer(length: int, random: Random) -> TimeRange:
    return _from_to(_between(_ARRIVES_ON_TIME, random), length + _between(_OVERSTAYS, random))


def _waiter(length: int, random: Random) -> TimeRange:
    gives_up_at = min(_between(_GIVES_UP_AFTER, random), length)
    return _from_to(_between(_ARRIVES_ON_TIME, random), gives_up_at)


def _between(limits: tuple[int, int], random: Random) -> int:
    return random.randint(*limits)


def _from_to(start: int, end: int) -> TimeRange:
    return TimeRange(start, max(end, start + _MIN_STAY))


_STAYS: Mapping[Behaviour, Stay] = {
    Behaviour.PUNCTUAL: _punctual,
    Behaviour.LATE: _late_by(_LATE),
    Behaviour.VERY_LATE: _late_by(_VERY_LATE),
    Behaviour.EARLY_LEAVER: _leaves_after(_LEAVES_EARLY),
    Behaviour.DROP_OUT: _leaves_after(_DROPS_OUT),
    Behaviour.NO_SHOW: _no_show,
    Behaviour.BRIEF_VISIT: _brief_visit,
    Behaviour.EARLY_JOINER: _early_joiner,
    Behaviour.OVERSTAYER: _overstayer,
    Behaviour.WAITER: _waiter,
}
