from __future__ import annotations

import pytest

from benchmarks.evaluation.moments import Stretch
from benchmarks.evaluation.review.marks import Mark
from benchmarks.evaluation.review.reviewer import review
from tests.unit.benchmarks.evaluation.build import HOUR_LONG, minutes

SECOND = 1 / 60


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
    assert review([minutes(start, end)], HOUR_LONG).mark is mark


def test_whoever_never_came_is_absent() -> None:
    given = review([], HOUR_LONG)
    assert (given.mark, given.is_borderline) == (Mark.ABSENT, False)


def test_an_earlier_visit_before_the_start_does_not_count() -> None:
    assert review([minutes(-10, -2), minutes(20, 60)], HOUR_LONG).mark is Mark.LATE


@pytest.mark.parametrize("late", [4.5, 5, 5.5])
def test_within_thirty_seconds_of_five_minutes_is_borderline(late: float) -> None:
    assert review([minutes(late, 60)], HOUR_LONG).is_borderline


@pytest.mark.parametrize("late", [4.5 - SECOND, 5.5 + SECOND])
def test_further_away_is_not(late: float) -> None:
    assert not review([minutes(late, 60)], HOUR_LONG).is_borderline


@pytest.mark.parametrize(("active", "is_borderline"), [(27.9, False), (28, True), (32, True), (32.1, False)])
def test_within_two_points_of_thirty_percent_is_borderline(active: float, *, is_borderline: bool) -> None:
    assert review([Stretch(0, round(active * HOUR_LONG.length / 100))], HOUR_LONG).is_borderline is is_borderline


def test_a_limit_whose_crossing_changes_nothing_makes_nobody_borderline() -> None:
    assert not review([minutes(0, 24)], HOUR_LONG).is_borderline
    assert not review([minutes(15, 60)], HOUR_LONG).is_borderline
    assert not review([minutes(5, 15)], HOUR_LONG).is_borderline


def test_fifteen_minutes_matter_to_whoever_was_there_little() -> None:
    assert review([minutes(15, 36)], HOUR_LONG).is_borderline
