"""Why a suggestion about a person must not be sure, though the facts give a mark (docs/suggestions.md).

Only clear cases are demanded: where the truth is near a limit of a sign, the service may see it or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum

from benchmarks.evaluation.reviewer.lesson import Lesson, Person, times
from benchmarks.evaluation.reviewer.marks import LATENESS_MARGIN, MIN_LATENESS, has_waited, measure_attendance
from benchmarks.evaluation.time_ranges import HOUR, MINUTE, SECOND, TimeRange, clip, intersection, union, without

#: Presence before and after the window is considered for this long.
_NEARBY = HOUR
#: Less presence is a visit, of which hardly any sign of life may be kept.
_MIN_VISIT = MINUTE
#: Times that differ by less count as the same.
_SAME_TIME = 5 * MINUTE
#: A clock that is off by less moves nothing that matters.
_MIN_CLOCK_OFFSET = 30 * SECOND


class Doubt(StrEnum):
    """A reason not to be sure."""

    #: The roster and the whiteboard's list name different people.
    ROSTER = "roster and whiteboard differ"
    #: Seen only shortly before or after the window.
    OUTSIDE = "seen only outside the window"
    #: Tutor and student were late by the same time, and stayed longer by the same time.
    SHIFTED = "late and longer by the same time"
    NEVER_TOGETHER = "never there together"
    CLOCK = "relay clock off by 30 s or more"
    #: What could be observed is consistent with other marks.
    HIDDEN = "the facts allow another mark"


def find_doubts(lesson: Lesson, person: Person) -> Iterator[Doubt]:
    """Yield what must keep a suggestion about a person from being sure."""
    if lesson.is_different_for(person):
        yield Doubt.ROSTER
    if not lesson.came(person):
        if _is_noticed(_outside(lesson, person.presence)):
            yield Doubt.OUTSIDE
        return
    shifted = [time.shifted(lesson.clock_offset) for time in person.presence]
    if abs(lesson.clock_offset) >= _MIN_CLOCK_OFFSET and _is_noticed(clip(shifted, lesson.window)):
        yield Doubt.CLOCK
    company = times(lesson.company_of(person))
    if not has_waited(measure_attendance(person.presence, lesson.window, company)):
        yield from _signs_of_another_time(lesson)


def _signs_of_another_time(lesson: Lesson) -> Iterator[Doubt]:
    """Yield the signs that the lesson was not held in its window."""
    tutors, students = union(times(lesson.tutors)), union(times(lesson.students))
    if not _is_noticed(clip(tutors, lesson.window)) or not _is_noticed(clip(students, lesson.window)):
        return
    if lesson.hidden is None and not clip(intersection(tutors, students), lesson.window):
        yield Doubt.NEVER_TOGETHER
    elif _is_shifted(lesson, tutors, students):
        yield Doubt.SHIFTED


def _is_shifted(lesson: Lesson, *sides: Sequence[TimeRange]) -> bool:
    late = [clip(side, lesson.window)[0].start - lesson.window.start for side in sides]
    longer = [_overrun(side, lesson.window) for side in sides]
    each = [*late, *longer]
    is_long = min(each) > MIN_LATENESS + LATENESS_MARGIN
    return is_long and max(each) - min(each) < _SAME_TIME - LATENESS_MARGIN


def _overrun(side: Sequence[TimeRange], window: TimeRange) -> int:
    """Return for how long people stayed without leaving at the end of the window."""
    staying = [time for time in side if time.start < window.end <= time.end]
    return min(staying[0].end - window.end, _NEARBY) if staying else 0


def _outside(lesson: Lesson, presence: Sequence[TimeRange]) -> tuple[TimeRange, ...]:
    window = lesson.window
    return without(clip(presence, TimeRange(window.start - _NEARBY, window.end + _NEARBY)), window)


def _is_noticed(presence: Sequence[TimeRange]) -> bool:
    return sum(time.length for time in presence) > _MIN_VISIT + LATENESS_MARGIN
