"""What became of a lesson: the table of docs/suggestions.md#outcome-of-a-lesson, applied to the truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.evaluation.reviewer.lesson import Lesson, Person, as_if, times
from benchmarks.evaluation.reviewer.marks import LATENESS_MARGIN, MIN_LATENESS, NO_SHOW_AFTER, measure_attendance
from benchmarks.evaluation.reviewer.possibilities import possible_courses
from benchmarks.evaluation.time_ranges import TimeRange, clip, intersection, union

#: Share of the window.
_MOST = 0.5


class Outcome(StrEnum):
    """What became of a lesson."""

    HELD = "held"
    STUDENT_NO_SHOW = "student_no_show"
    TUTOR_NO_SHOW = "tutor_no_show"
    NOBODY_CAME = "nobody_came"
    CANNOT_KNOW = "cannot_know"


@dataclass(frozen=True, kw_only=True, slots=True)
class OutcomeReview:
    """What the reviewer says about a lesson, or about one student's part in it."""

    outcome: Outcome
    #: How long tutor and students were there together, in milliseconds.
    overlap: int = 0
    #: Whether a little more or less presence would change the outcome.
    is_borderline: bool = False
    #: Whether what could be observed allows no other outcome.
    is_decidable: bool = True

    def agrees(self, suggested: Outcome) -> bool:
        """Return whether an outcome is right; where it could not be observed, `cannot_know` is right as well."""
        return suggested is self.outcome or (not self.is_decidable and suggested is Outcome.CANNOT_KNOW)


def review_outcome(lesson: Lesson) -> OutcomeReview:
    """Say what became of a lesson for its students taken together."""
    outcome = _outcome(lesson)
    return OutcomeReview(
        outcome=outcome,
        overlap=_duration(_together(lesson)),
        is_borderline=any(other is not outcome for other in _nearby(lesson)),
        is_decidable=not _is_mostly_hidden(lesson)
        and all(_outcome(other) is outcome for other in possible_courses(lesson)),
    )


def _is_mostly_hidden(lesson: Lesson) -> bool:
    """Return whether nobody was seen together, and nothing is known of most of the window."""
    hidden = 0 if lesson.hidden is None else lesson.hidden.overlap(lesson.window)
    return hidden > _MOST * lesson.window.length and not _together(lesson.as_seen)


def alone_with_tutor(lesson: Lesson, student: Person) -> Lesson:
    """Return a lesson as if one student had no classmates; guests remain."""
    people = [person for person in lesson.people if person.is_tutor or not person.is_on_roster or person is student]
    return Lesson(window=lesson.window, people=tuple(people), hidden=lesson.hidden, clock_offset=lesson.clock_offset)


def _outcome(lesson: Lesson, margin: int = 0) -> Outcome:
    """Apply the table; `margin` is added to the limits of waiting."""
    if _together(lesson):
        return Outcome.HELD
    tutors, students = _tutors(lesson), lesson.students
    has_stand_in = any(not tutor.is_on_roster and lesson.came(tutor) for tutor in tutors)
    missing = [person for person in (*lesson.tutors, *students) if not person.is_listed and not lesson.came(person)]
    if any(not person.is_tutor or not has_stand_in for person in missing):
        return Outcome.CANNOT_KNOW
    came = any(map(lesson.came, tutors)), any(map(lesson.came, students))
    return _WHERE_ONE_SIDE_CAME.get(came) or _by_waiting(lesson, margin)


_WHERE_ONE_SIDE_CAME = {
    (False, False): Outcome.NOBODY_CAME,
    (True, False): Outcome.STUDENT_NO_SHOW,
    (False, True): Outcome.TUTOR_NO_SHOW,
}


def _by_waiting(lesson: Lesson, margin: int) -> Outcome:
    """Apply the rows for a tutor and students who came at different times."""
    tutors = _tutors(lesson)
    with_guests = [person for person in lesson.people if not person.is_tutor]
    if _waited(lesson, tutors, with_guests) >= NO_SHOW_AFTER + margin:
        return Outcome.STUDENT_NO_SHOW
    if _waited(lesson, lesson.students, tutors) >= NO_SHOW_AFTER + margin:
        return Outcome.TUTOR_NO_SHOW
    return Outcome.CANNOT_KNOW


def _nearby(lesson: Lesson) -> Iterator[Outcome]:
    """Yield what would follow from a little more or less."""
    for margin in (-LATENESS_MARGIN, LATENESS_MARGIN):
        yield _outcome(lesson, margin)
        moved = [as_if(person, _with_edges_moved(person.presence, margin // 2)) for person in lesson.people]
        yield _outcome(Lesson(window=lesson.window, people=tuple(moved)))


def _with_edges_moved(presence: Sequence[TimeRange], by: int) -> tuple[TimeRange, ...]:
    moved = (TimeRange(time.start - by, time.end + by) for time in presence)
    return union(time for time in moved if time.start < time.end)


def _tutors(lesson: Lesson) -> tuple[Person, ...]:
    """Return the tutor and substitutes."""
    return tuple(person for person in lesson.people if person.is_tutor)


def _together(lesson: Lesson) -> tuple[TimeRange, ...]:
    return clip(intersection(times(_tutors(lesson)), times(lesson.students)), lesson.window)


def _waited(lesson: Lesson, people: Sequence[Person], others: Sequence[Person]) -> int:
    """Return how long people who came on time were alone before the first of others came."""
    attendance = measure_attendance(union(times(people)), lesson.window, times(others))
    is_on_time = attendance.lateness is not None and attendance.lateness < MIN_LATENESS
    return attendance.waited if is_on_time else 0


def _duration(ranges: Sequence[TimeRange]) -> int:
    return sum(time.length for time in ranges)
