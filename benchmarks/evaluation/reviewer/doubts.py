"""Why a suggestion about a person must not be sure, though the facts give a mark (docs/suggestions.md).

Only clear cases are demanded: where the truth is near a limit of a sign, the service may see it or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum

from benchmarks.evaluation.reviewer.lesson import Lesson, Person, times
from benchmarks.evaluation.reviewer.marks import (
    LATENESS_MARGIN,
    MIN_LATENESS,
    Mark,
    apply_rules,
    has_waited,
    measure_attendance,
)
from benchmarks.evaluation.time_ranges import HOUR, MINUTE, SECOND, TimeRange, clip, intersection, union, without

#: Presence before and after the window is considered for this long.
_NEARBY = HOUR
#: Less presence is a visit, of which hardly any sign of life may be kept.
_MIN_VISIT = MINUTE
#: Times that differ by less are about the same.
_SAME_TIME = 15 * MINUTE
#: A clock that is off by less moves nothing that matters.
_MIN_CLOCK_OFFSET = 30 * SECOND


class Doubt(StrEnum):
    """A reason not to be sure."""

    #: The roster and the whiteboard's list name different people.
    ROSTER = "roster and whiteboard differ"
    #: Seen only shortly before or after the window.
    OUTSIDE = "seen only outside the window"
    #: Tutor and student both came and left earlier, or both later, by about the same time.
    SHIFTED = "both earlier, or both later"
    NEVER_TOGETHER = "never there together"
    CLOCK = "relay clock off by 30 s or more"
    #: What could be observed is consistent with other marks.
    HIDDEN = "the facts allow another mark"


def find_doubts(lesson: Lesson, person: Person) -> Iterator[Doubt]:
    """Yield what must keep a suggestion about a person from being sure."""
    if lesson.is_different_for(person):
        yield Doubt.ROSTER
    if not lesson.came(person):
        if is_noticed(_outside(lesson, person.presence)):
            yield Doubt.OUTSIDE
        return
    shifted = [time.shifted(lesson.clock_offset) for time in person.presence]
    if abs(lesson.clock_offset) >= _MIN_CLOCK_OFFSET and is_noticed(clip(shifted, lesson.window)):
        yield Doubt.CLOCK
    attendance = measure_attendance(person.presence, lesson.window, times(lesson.company_of(person)))
    if not has_waited(attendance):
        yield from _signs_of_another_time(lesson, is_present=apply_rules(attendance) is Mark.PRESENT)


def _signs_of_another_time(lesson: Lesson, *, is_present: bool) -> Iterator[Doubt]:
    """Yield the signs that the lesson was not held in its window; an earlier or later one makes nobody more present."""
    tutors, students = union(times(lesson.tutors)), union(times(lesson.students))
    if not is_noticed(clip(tutors, lesson.window)) or not is_noticed(clip(students, lesson.window)):
        return
    if not clip(intersection(tutors, students), lesson.window):
        if lesson.hidden is None:
            yield Doubt.NEVER_TOGETHER
    elif not is_present and _is_shifted(lesson, tutors, students):
        yield Doubt.SHIFTED


def _is_shifted(lesson: Lesson, *sides: Sequence[TimeRange]) -> bool:
    shifts = [shift for side in sides for shift in _shifts(side, lesson.window)]
    is_one_way = min(shifts) > MIN_LATENESS + LATENESS_MARGIN or max(shifts) < -MIN_LATENESS - LATENESS_MARGIN
    return is_one_way and max(shifts) - min(shifts) < _SAME_TIME - LATENESS_MARGIN


def _shifts(side: Sequence[TimeRange], window: TimeRange) -> tuple[int, int]:
    """Return how much later than scheduled people came and left, an hour at most; negative: earlier."""
    came, *_, left = [time for time in side if time.overlap(window)] * 2
    return max(came.start - window.start, -_NEARBY), min(left.end - window.end, _NEARBY)


def _outside(lesson: Lesson, presence: Sequence[TimeRange]) -> tuple[TimeRange, ...]:
    window = lesson.window
    return without(clip(presence, TimeRange(window.start - _NEARBY, window.end + _NEARBY)), window)


def is_noticed(presence: Sequence[TimeRange]) -> bool:
    """Return whether there is so much presence that signs of life are kept, whatever is lost."""
    return sum(time.length for time in presence) > _MIN_VISIT + 2 * LATENESS_MARGIN
