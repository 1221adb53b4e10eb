from __future__ import annotations

from collections.abc import Sequence

import pytest

from benchmarks.evaluation.reviewer.doubts import Doubt
from benchmarks.evaluation.reviewer.marks import Confidence, Mark, Verdict
from benchmarks.evaluation.reviewer.review import Review, review
from benchmarks.evaluation.time_ranges import TimeRange
from tests.unit.benchmarks.evaluation.examples import ONE_HOUR, lesson, minutes, student, tutor

SECOND = 1 / 60
#: The other was there all the time.
NOT_ALONE = [minutes(0, 60)]


def review_of(presence: Sequence[TimeRange], others: Sequence[TimeRange] = ()) -> Review:
    """Review a student whose tutor was there at the times of others."""
    person = student(*presence)
    return review(lesson(tutor(*others), person), person)


@pytest.mark.parametrize(
    ("start", "end", "mark"),
    [
        (-5, 65, Mark.PRESENT),
        (4, 60, Mark.PRESENT),
        (5, 60, Mark.LATE),
        (15, 60, Mark.LATE),
        (20, 60, Mark.LATE),
        (20, 43.9, Mark.ABSENT),
        (20, 44, Mark.LATE),
        (0, 17.9, Mark.ABSENT),
        (0, 18, Mark.PRESENT),
        (10, 28, Mark.LATE),
        (-10, -1, Mark.ABSENT),
    ],
)
def test_the_rule_table_on_the_truth(start: float, end: float, mark: Mark) -> None:
    assert review_of([minutes(start, end)], NOT_ALONE).mark is mark


def test_a_person_who_never_came_is_absent() -> None:
    result = review_of([])
    assert (result.mark, result.is_borderline) == (Mark.ABSENT, False)


def test_a_visit_before_the_start_does_not_count() -> None:
    assert review_of([minutes(-10, -2), minutes(20, 60)]).mark is Mark.LATE


@pytest.mark.parametrize("late", [4.5, 5, 5.5])
def test_within_thirty_seconds_of_five_minutes_is_borderline(late: float) -> None:
    assert review_of([minutes(late, 60)]).is_borderline


@pytest.mark.parametrize("late", [4.5 - SECOND, 5.5 + SECOND])
def test_more_than_thirty_seconds_from_five_minutes_is_not_borderline(late: float) -> None:
    assert not review_of([minutes(late, 60)]).is_borderline


@pytest.mark.parametrize(("active", "is_borderline"), [(27.9, False), (28, True), (32, True), (32.1, False)])
def test_within_two_points_of_thirty_percent_is_borderline(active: float, *, is_borderline: bool) -> None:
    stay = TimeRange(0, round(active * ONE_HOUR.length / 100))
    assert review_of([stay], NOT_ALONE).is_borderline is is_borderline


def test_a_limit_whose_crossing_changes_nothing_is_not_borderline() -> None:
    assert not review_of([minutes(0, 24)], NOT_ALONE).is_borderline
    assert not review_of([minutes(15, 60)]).is_borderline
    assert not review_of([minutes(5, 15)]).is_borderline


def test_fifteen_minutes_are_borderline_for_a_person_with_little_engagement() -> None:
    assert review_of([minutes(15, 36)]).is_borderline


@pytest.mark.parametrize(
    ("start", "end", "other_came", "mark"),
    [
        # Nobody else came.
        (0, 16, None, Mark.PRESENT),
        (4, 20, None, Mark.PRESENT),
        (0, 14, None, Mark.ABSENT),
        (6, 17, None, Mark.ABSENT),
        # The other came after that, or before.
        (0, 17, 30, Mark.PRESENT),
        (0, 17, 16, Mark.PRESENT),
        (0, 17, 14, Mark.ABSENT),
    ],
)
def test_a_person_who_waited_alone_for_fifteen_minutes_attended(
    start: float, end: float, other_came: float | None, mark: Mark
) -> None:
    others = [] if other_came is None else [minutes(other_came, 60)]
    assert review_of([minutes(start, end)], others).mark is mark


@pytest.mark.parametrize(("waited", "is_borderline"), [(14.4, False), (14.5, True), (15.5, True), (15.6, False)])
def test_within_thirty_seconds_of_fifteen_minutes_of_waiting_is_borderline(
    waited: float, *, is_borderline: bool
) -> None:
    assert review_of([minutes(0, waited)]).is_borderline is is_borderline


@pytest.mark.parametrize(("seen_until", "is_borderline"), [(0.01, True), (0.5, True), (1, False)])
def test_one_who_is_there_for_a_moment_at_the_start_is_borderline(seen_until: float, *, is_borderline: bool) -> None:
    presence = [minutes(-5, seen_until), minutes(7, 60)]
    assert review_of(presence, NOT_ALONE).is_borderline is is_borderline


def test_a_guest_is_company_for_whom_a_tutor_need_not_wait_any_longer() -> None:
    waiting, guest = tutor(minutes(0, 17)), student(minutes(5, 60), is_on_roster=False)
    assert review(lesson(waiting, student(), guest), waiting).mark is Mark.ABSENT
    assert review(lesson(waiting, student()), waiting).mark is Mark.PRESENT


def test_nobody_can_know_of_one_who_could_not_come_to_the_whiteboard() -> None:
    missing = student(is_listed=False)
    result = review(lesson(tutor(minutes(0, 60)), missing), missing)
    assert result.mark is None
    assert not result.is_decidable
    assert result.agrees(Verdict(Mark.PRESENT, Confidence.LOW))
    assert not result.agrees(Verdict(Mark.PRESENT, Confidence.MEDIUM))


def test_one_who_was_there_and_is_off_the_list_since_is_judged_with_a_doubt() -> None:
    taken_off = student(minutes(0, 60), is_listed=False)
    result = review(lesson(tutor(minutes(0, 60)), taken_off), taken_off)
    assert (result.mark, result.doubts) == (Mark.PRESENT, frozenset({Doubt.ROSTER}))


def test_the_tutor_for_whom_a_substitute_came_is_absent() -> None:
    enrolled, substitute = tutor(is_listed=False), tutor(minutes(0, 60), is_on_roster=False)
    result = review(lesson(enrolled, student(minutes(0, 60)), substitute), enrolled)
    assert (result.mark, result.doubts) == (Mark.ABSENT, frozenset({Doubt.ROSTER}))


def test_the_tutor_for_whom_nobody_came_either_can_not_be_judged() -> None:
    enrolled, substitute = tutor(is_listed=False), tutor(is_on_roster=False)
    assert review(lesson(enrolled, student(minutes(0, 60)), substitute), enrolled).mark is None


def test_a_substitute_who_was_only_there_unseen_leaves_the_tutor_undecidable() -> None:
    enrolled, substitute = tutor(is_listed=False), tutor(minutes(10, 15), is_on_roster=False)
    result = review(lesson(enrolled, student(minutes(0, 60)), substitute, hidden=minutes(8, 20)), enrolled)
    assert not result.is_decidable


@pytest.mark.parametrize(("confidence", "is_too_sure"), [(Confidence.HIGH, True), (Confidence.MEDIUM, False)])
def test_high_confidence_where_there_is_a_doubt_is_too_much(confidence: Confidence, *, is_too_sure: bool) -> None:
    result = Review(mark=Mark.PRESENT, doubts=frozenset({Doubt.CLOCK}))
    assert result.is_too_sure(Verdict(Mark.PRESENT, confidence)) is is_too_sure
    assert not Review(mark=Mark.PRESENT).is_too_sure(Verdict(Mark.PRESENT, confidence))
