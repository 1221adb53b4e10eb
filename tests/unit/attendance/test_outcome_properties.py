"""Outcomes agree with an oracle that knows them in another way, for all kinds of people."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_service.domain.facts import ParticipantFacts, PresenceInterval
from attendance_service.domain.outcome import LessonOutcome
from attendance_service.domain.session import Roster
from servicekit.identifiers import UserId
from servicekit.time_ranges import TimeRange
from testkit.pytest_plugins.thorough import thoroughly
from tests.unit.attendance.build import OTHER_TUTOR, START, TUTOR, facts_about, suggested
from tests.unit.attendance.outcome_oracle import LATE_FROM, NO_SHOW_AFTER, Lesson, Person, Spans

LENGTH = 1800
#: Seconds around the limits and the ends of the lesson, where mistakes are likely.
LIKELY = (-60, 0, 1, LATE_FROM - 1, LATE_FROM, NO_SHOW_AFTER - 1, NO_SHOW_AFTER, NO_SHOW_AFTER + 1, 1200, LENGTH)
GUEST = UserId(299)

seconds = st.one_of(st.sampled_from(LIKELY), st.integers(-300, LENGTH + 300))
pairs = st.builds(lambda first, second: (min(first, second), max(first, second)), seconds, seconds)
stretches = pairs.filter(lambda pair: pair[0] < pair[1])


def are_apart(spans: list[tuple[int, int]]) -> bool:
    """Return whether they are intervals of one person: the tracking service makes one of two that touch."""
    return all(before[1] < after[0] for before, after in pairwise(sorted(spans)))


def people(spans: st.SearchStrategy[tuple[int, int]]) -> st.SearchStrategy[Person]:
    return st.builds(
        Person,
        presence=st.lists(spans, max_size=2).filter(are_apart).map(tuple),
        unknown=st.one_of(st.just(()), st.lists(stretches, max_size=2).map(tuple)),
        is_listed=st.sampled_from((True, True, True, False)),
    )


def was_there(person: Person) -> bool:
    """Return whether someone was there in the time of the lesson."""
    return any(start < LENGTH and (end > 0 or start == end == 0) for start, end in person.presence)


#: Only students have single signs of life: two at the same instant are as good as never.
lessons = st.builds(
    Lesson,
    length=st.just(LENGTH),
    tutor=people(stretches),
    substitute=st.one_of(st.none(), people(stretches).filter(was_there)),
    students=st.lists(people(pairs), min_size=1, max_size=3).map(tuple),
    guest=st.one_of(st.none(), people(pairs).filter(was_there)),
    gaps=st.one_of(st.just(()), st.lists(stretches, max_size=2).map(tuple)),
)


@given(lessons)
@settings(max_examples=thoroughly(150, thorough=3000))
def test_outcomes_agree_with_the_oracle(lesson: Lesson) -> None:
    students = {UserId(201 + number): student for number, student in enumerate(lesson.students)}
    outcomes = suggested(
        _facts(TUTOR, lesson.tutor),
        *[_facts(OTHER_TUTOR, person) for person in [lesson.substitute] if person],
        *[_facts(user, student) for user, student in students.items()],
        *[_facts(GUEST, person) for person in [lesson.guest] if person],
        minutes=LENGTH / 60,
        gaps=_spans(lesson.gaps),
        roster=Roster(tutor=TUTOR, students=tuple(students)),
    ).outcomes
    assert outcomes is not None
    for user, student in students.items():
        assert _in_seconds(outcomes.students[user]) == lesson.expected([student])
    assert _in_seconds(outcomes.lesson) == lesson.expected(lesson.students)


def _facts(user: UserId, person: Person) -> ParticipantFacts:
    return facts_about(
        *[PresenceInterval(span=span, end_reason="closed") for span in _spans(person.presence)],
        user_id=user,
        unknown=_spans(person.unknown),
        is_listed=person.is_listed,
    )


def _spans(pairs: Spans) -> list[TimeRange[datetime]]:
    return [TimeRange(START + timedelta(seconds=start), START + timedelta(seconds=end)) for start, end in pairs]


def _in_seconds(found: LessonOutcome) -> tuple[str, float, float, float, float]:
    times = (found.overlap, found.tutor_waited, found.student_waited, found.billable)
    overlap, tutor_waited, student_waited, billable = (time / timedelta(seconds=1) for time in times)
    return found.kind.value, overlap, tutor_waited, student_waited, billable
