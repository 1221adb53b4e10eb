"""When which session groups are folded: all at once while little happens, in turns while much does.

See docs/streams.md#folding.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tracking_service.domain.grouping import ALL_GROUPS
from tracking_service.domain.journal import NEIGHBOURS

#: Documented columns follow within a second at light load. To see that there is nothing to fold takes a millisecond.
MIN_CYCLE_SECONDS = 0.25
#: They follow within a minute at any load; ten seconds are left for a turn that takes longer.
MAX_CYCLE_SECONDS = 50.0
#: Up to this cycle all groups are folded at once.
MAX_LIGHT_CYCLE_SECONDS = 1.0
#: The share of the time for which groups are folded: the rest of PostgreSQL is for appends and queries.
MAX_SHARE = 0.35
#: How long after one look at the ages a process looks again.
LOOK_SECONDS = MIN_CYCLE_SECONDS
#: From this share of a turn on, the next one begins: who looks a moment too early would begin it one look too late.
TURN_SHARE = 0.9
#: If nothing is appended, the time until which groups are folded is moved on this often.
IDLE_SECONDS = 10.0
#: A cycle grows and shrinks by this factor at most, so that one slow turn changes little.
MAX_CHANGE = 2.0


class Age(NamedTuple):
    """How far a group is folded."""

    #: Since everything in it was folded.
    seconds: float
    #: Whether something was appended since that may be its.
    is_behind: bool

    @property
    def lag_seconds(self) -> float:
        """How old the oldest append is that may not be folded."""
        return self.seconds if self.is_behind else 0.0


class FoldRhythm:
    """Decides which groups this process folds next. Several processes that look at the same ages share the turns."""

    def __init__(self, groups: Sequence[int] = ALL_GROUPS, *, share: float = MAX_SHARE) -> None:
        """Little happens at first; `groups` are neighbours, and `share` is the part of the time in which they fold."""
        self._groups = groups
        self._share = share
        self._turns = max(len(groups) // NEIGHBOURS, 1)
        self.cycle_seconds = MIN_CYCLE_SECONDS

    @property
    def turn_seconds(self) -> float:
        """How long after one turn the next one begins, whichever process folds."""
        return self.cycle_seconds if self._is_light else self.cycle_seconds / self._turns

    def due(self, ages: Sequence[Age]) -> Sequence[int]:
        """Return the groups that are to be folded now; none: it is nobody's turn yet. `ages` are by group."""
        oldest = max(range(len(ages)), key=lambda place: (ages[place].is_behind, ages[place].seconds))
        # Single groups are also folded between the turns, and that must not hold up the others.
        is_late = ages[oldest].lag_seconds >= self._late_seconds
        if not is_late and min(age.seconds for age in ages) < self.turn_seconds * TURN_SHARE:
            return ()
        if not ages[oldest].is_behind and ages[oldest].seconds < IDLE_SECONDS:
            return ()
        if self._is_light:
            return self._groups
        first = oldest - oldest % NEIGHBOURS
        return self._groups[first : first + NEIGHBOURS]

    def note(self, groups: Sequence[int], busy_seconds: float) -> None:
        """Note how long it took to fold groups: what takes longer is done more seldom, since it costs less then."""
        fitting = busy_seconds * len(self._groups) / len(groups) / self._share
        changed = min(max(fitting, self.cycle_seconds / MAX_CHANGE), self.cycle_seconds * MAX_CHANGE)
        self.cycle_seconds = min(max(changed, MIN_CYCLE_SECONDS), MAX_CYCLE_SECONDS)

    def pause_seconds(self, busy_seconds: float, remaining_seconds: float) -> float:
        """Return how long to wait after a step of a turn, of which so much time remains."""
        return max(min(busy_seconds * (1 / self._share - 1), remaining_seconds / 2), 0.0)

    @property
    def _late_seconds(self) -> float:
        return MAX_LIGHT_CYCLE_SECONDS if self._is_light else self.cycle_seconds + self.turn_seconds

    @property
    def _is_light(self) -> bool:
        return self.cycle_seconds <= MAX_LIGHT_CYCLE_SECONDS
