from __future__ import annotations

import pytest

from benchmarks.evaluation.reviewer import Mark, review
from benchmarks.evaluation.time_ranges import TimeRange
from tests.unit.benchmarks.evaluation.examples import ONE_HOUR, minutes

SECOND = 1 / 60
#: The other was there all the time.
NOT_ALONE = [minutes(0, 60)]


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
    assert review([minutes(start, end)], ONE_HOUR, NOT_ALONE).mark is mark


def test_a_person_who_never_came_is_absent() -> None:
    result = review([], ONE_HOUR)
    assert (result.mark, result.is_borderline) == (Mark.ABSENT, False)


def test_a_visit_before_the_start_does_not_count() -> None:
    assert review([minutes(-10, -2), minutes(20, 60)], ONE_HOUR).mark is Mark.LATE


@pytest.mark.parametrize("late", [4.5, 5, 5.5])
def test_within_thirty_seconds_of_five_minutes_is_borderline(late: float) -> None:
    assert review([minutes(late, 60)], ONE_HOUR).is_borderline


@pytest.mark.parametrize("late", [4.5 - SECOND, 5.5 + SECOND])
def test_more_than_thirty_seconds_from_five_minutes_is_not_borderline(late: float) -> None:
    assert not review([minutes(late, 60)], ONE_HOUR).is_borderline


@pytest.mark.parametrize(("active", "is_borderline"), [(27.9, False), (28, True), (32, True), (32.1, False)])
def test_within_two_points_of_thirty_percent_is_borderline(active: float, *, is_borderline: bool) -> None:
    stay = TimeRange(0, round(active * ONE_HOUR.length / 100))
    assert review([stay], ONE_HOUR, NOT_ALONE).is_borderline is is_borderline


def test_a_limit_whose_crossing_changes_nothing_is_not_borderline() -> None:
    assert not review([minutes(0, 24)], ONE_HOUR, NOT_ALONE).is_borderline
    assert not review([minutes(15, 60)], ONE_HOUR).is_borderline
    assert not review([minutes(5, 15)], ONE_HOUR).is_borderline


def test_fifteen_minutes_are_borderline_for_a_person_with_little_engagement() -> None:
    assert review([minutes(15, 36)], ONE_HOUR).is_borderline


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
    assert review([minutes(start, end)], ONE_HOUR, others).mark is mark


@pytest.mark.parametrize(("waited", "is_borderline"), [(14.4, False), (14.5, True), (15.5, True), (15.6, False)])
def test_within_thirty_seconds_of_fifteen_minutes_of_waiting_is_borderline(
    waited: float, *, is_borderline: bool
) -> None:
    assert review([minutes(0, waited)], ONE_HOUR).is_borderline is is_borderline
