"""When which session groups are folded: all at once while little happens, in turns while much does.

See docs/streams.md#folding.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tracking_service.domain.grouping import ALL_GROUPS
from tracking_service.domain.journal import NEIGHBOURS

#: Documented columns follow within a second at light load. Twice as many folds would cost twice as much.
MIN_CYCLE_SECONDS = 0.5
#: They follow within a minute at any load; ten seconds are left for a turn that takes longer.
MAX_CYCLE_SECONDS = 50.0
#: Up to this cycle all groups are folded at once.
MAX_LIGHT_CYCLE_SECONDS = 1.0
#: The share of the time for which groups are folded while all are folded at once.
MAX_LIGHT_SHARE = 0.35
#: The same while they are folded in turns: what is folded more seldom costs less, and the rest is for appends.
TURNS_SHARE = 0.15
#: All groups are folded at once again when so much less is to be folded than when that took too long.
RETURN_SHARE = 0.8
#: How long after one look at the ages a process looks again. To see that there is nothing to fold takes a millisecond.
LOOK_SECONDS = 0.25
#: From this share of a turn on, the next one begins: who looks a moment too early would begin it one look too late.
TURN_SHARE = 0.9
#: If nothing is appended, the time until which groups are folded is moved on this often.
IDLE_SECONDS = 10.0
#: After a step of a turn there is a pause that is at most so many times as long.
MAX_PAUSE = 4.0
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


class Folded(NamedTuple):
    """What a turn did."""

    groups: Sequence[int]
    #: How long it took.
    busy_seconds: float
    #: How many heartbeats it folded; an event counts as several.
    weight: int
    #: In what time they were appended.
    seconds: float


class Pace(NamedTuple):
    """How a turn is to spend its time."""

    #: About how long it takes.
    seconds: float
    #: The pause after a step is so many times as long as the step.
    pause: float = MAX_PAUSE

    def pause_seconds(self, busy_seconds: float, remaining_seconds: float) -> float:
        """Return how long to wait after a step of a turn, of which so much time remains."""
        return max(min(busy_seconds * self.pause, remaining_seconds / 2), 0.0)


class FoldRhythm:
    """Decides which groups this process folds next. Several processes that look at the same ages share the turns."""

    def __init__(self, groups: Sequence[int] = ALL_GROUPS, *, shards: int = 1) -> None:
        """Little happens at first; `groups` are neighbours, and the time for folding is divided among shards."""
        self._groups = groups
        self._shards = shards
        self._turns = max(len(groups) // NEIGHBOURS, 1)
        self.cycle_seconds = MIN_CYCLE_SECONDS
        #: How long the last turn worked.
        self._busy_seconds = 0.0
        #: Heartbeats per second that were too many to fold all groups at once; None: they are not.
        self._too_many: float | None = None

    @property
    def turn_seconds(self) -> float:
        """How long after one turn the next one begins, whichever process folds."""
        return self.cycle_seconds if self.is_light else self.cycle_seconds / self._turns

    @property
    def is_light(self) -> bool:
        """Whether all groups are folded at once."""
        return self._too_many is None

    def pace(self, seconds: float) -> Pace:
        """Return how the next turn is to spend so many seconds: it probably works as long as the last one did."""
        if seconds >= self._busy_seconds * (1 + MAX_PAUSE):
            return Pace(seconds)
        return Pace(seconds, pause=max(seconds / self._busy_seconds - 1, 0.0))

    def due(self, ages: Sequence[Age]) -> Sequence[int]:
        """Return the groups that are to be folded now; none: it is nobody's turn yet. `ages` are by group."""
        oldest = max(range(len(ages)), key=lambda place: (ages[place].is_behind, ages[place].seconds))
        # Single groups are also folded between the turns, and that must not hold up the others.
        is_late = ages[oldest].lag_seconds >= self._late_seconds
        if not is_late and min(age.seconds for age in ages) < self.turn_seconds * TURN_SHARE:
            return ()
        if not ages[oldest].is_behind and ages[oldest].seconds < IDLE_SECONDS:
            return ()
        if self.is_light:
            return self._groups
        first = oldest - oldest % NEIGHBOURS
        return self._groups[first : first + NEIGHBOURS]

    def note(self, folded: Folded) -> None:
        """Note what a turn did: what takes longer is done more seldom, since it costs less then."""
        self._busy_seconds = folded.busy_seconds
        part = len(self._groups) / len(folded.groups)
        rate = folded.weight * part / folded.seconds
        if self._too_many is not None and rate <= self._too_many * RETURN_SHARE:
            # The first turn folds all that waits, and may be slow.
            self._too_many, self.cycle_seconds = None, MIN_CYCLE_SECONDS
            return
        share = (MAX_LIGHT_SHARE if self.is_light else TURNS_SHARE) / self._shards
        changed = folded.busy_seconds * part / share
        changed = min(max(changed, self.cycle_seconds / MAX_CHANGE), self.cycle_seconds * MAX_CHANGE)
        if self.is_light and changed > MAX_LIGHT_CYCLE_SECONDS:
            self._too_many = rate
        self.cycle_seconds = min(max(changed, MIN_CYCLE_SECONDS), MAX_CYCLE_SECONDS)

    @property
    def _late_seconds(self) -> float:
        return MAX_LIGHT_CYCLE_SECONDS if self.is_light else self.cycle_seconds + self.turn_seconds
