from __future__ import annotations

import pytest

from benchmarks.evaluation.reviewer.doubts import Doubt, find_doubts
from benchmarks.evaluation.reviewer.lesson import Lesson
from benchmarks.evaluation.time_ranges import SECOND, TimeRange
from tests.unit.benchmarks.evaluation.examples import lesson, minutes, student, tutor

WHOLE = minutes(0, 60)


def doubts_about_student(known: Lesson) -> set[Doubt]:
    return set(find_doubts(known, known.students[0]))


def test_there_is_no_doubt_about_an_ordinary_lesson() -> None:
    known = lesson(tutor(WHOLE), student(WHOLE))
    assert [set(find_doubts(known, person)) for person in known.people] == [set(), set()]


def test_a_guest_is_a_doubt_about_students_and_not_about_the_tutor() -> None:
    known = lesson(tutor(WHOLE), student(WHOLE), student(WHOLE, is_on_roster=False))
    assert doubts_about_student(known) == {Doubt.ROSTER}
    assert set(find_doubts(known, known.tutors[0])) == set()


@pytest.mark.parametrize(("until", "is_doubtful"), [(-27.9, True), (-28, False)])
def test_a_stay_of_more_than_two_minutes_within_the_hour_before_is_a_doubt(until: float, *, is_doubtful: bool) -> None:
    known = lesson(tutor(WHOLE), student(minutes(-30, until)))
    assert (doubts_about_student(known) == {Doubt.OUTSIDE}) is is_doubtful


def test_what_is_more_than_an_hour_away_is_no_doubt() -> None:
    assert doubts_about_student(lesson(tutor(WHOLE), student(minutes(121, 180)))) == set()


def test_tutor_and_student_who_were_never_there_together_are_a_doubt() -> None:
    known = lesson(tutor(minutes(0, 10)), student(minutes(20, 60)))
    assert doubts_about_student(known) == {Doubt.NEVER_TOGETHER}


def test_whoever_waited_for_long_enough_is_beyond_doubt() -> None:
    known = lesson(tutor(minutes(0, 20)), student(minutes(30, 60)))
    assert set(find_doubts(known, known.tutors[0])) == set()


@pytest.mark.parametrize(
    ("of_tutor", "of_student", "is_doubtful"),
    [
        # Late and longer by twenty minutes.
        (minutes(20, 80), minutes(22, 81), True),
        # Not longer.
        (minutes(20, 60), minutes(22, 81), False),
        # Not by about the same time.
        (minutes(20, 80), minutes(36, 81), False),
        # On time.
        (minutes(4, 66), minutes(4, 66), False),
        # Gone early, but there on time.
        (minutes(-50, 10), minutes(0, 12), False),
        # Fifty minutes early.
        (minutes(-50, 10), minutes(-45, 12), True),
        # Early, and present all the same.
        (minutes(-10, 50), minutes(-10, 50), False),
    ],
)
def test_both_later_or_both_earlier_is_a_doubt_about_who_is_not_present(
    of_tutor: TimeRange, of_student: TimeRange, *, is_doubtful: bool
) -> None:
    known = lesson(tutor(of_tutor), student(of_student))
    assert (doubts_about_student(known) == {Doubt.SHIFTED}) is is_doubtful


@pytest.mark.parametrize(("seconds", "is_doubtful"), [(29, False), (30, True), (-360, True)])
def test_a_clock_that_is_off_by_half_a_minute_is_a_doubt(seconds: int, *, is_doubtful: bool) -> None:
    known = lesson(tutor(WHOLE), student(WHOLE), clock_offset=seconds * SECOND)
    assert (doubts_about_student(known) == {Doubt.CLOCK}) is is_doubtful


def test_a_clock_is_no_doubt_about_one_who_never_came() -> None:
    assert doubts_about_student(lesson(tutor(WHOLE), student(), clock_offset=360 * SECOND)) == set()
