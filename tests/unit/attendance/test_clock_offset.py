"""Presence that a server reported whose clock was off (docs/suggestions.md#confidence)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from attendance_service.domain.judgement import Judgement
from tests.unit.attendance.build import at, codes, facts_about, suggested, there, tutor, verdict


def student_judged(start: float, seconds_off: float) -> Judgement:
    """Judge a student who was seen from then to the end, by a clock that was off."""
    student = facts_about(there(at(start), 60), clock_offset=timedelta(seconds=seconds_off))
    return suggested(tutor(there(0, 60)), student).student.judgement


@pytest.mark.parametrize("seconds_off", [-360, -30, 30, 360])
def test_a_clock_that_is_far_off_lowers_confidence(seconds_off: float) -> None:
    judgement = student_judged(0, seconds_off)
    assert verdict(judgement) == ("present", "medium")
    assert codes(judgement)[-1] == "clock_off"
    assert judgement.explanation.endswith(
        f"The clock of the server that reported this presence was {abs(seconds_off)} s off."
    )


@pytest.mark.parametrize("seconds_off", [-20, 0, 20])
def test_a_clock_that_is_a_little_off_changes_nothing_if_it_does_not_matter(seconds_off: float) -> None:
    assert verdict(student_judged(2, seconds_off)) == ("present", "high")


@pytest.mark.parametrize(
    ("start", "seconds_off", "is_doubted"),
    [
        # By a clock that was 20 s ahead, 5:10 was 4:50.
        (5 + 10 / 60, 20, True),
        (5 + 10 / 60, -20, False),
        (4 + 50 / 60, -20, True),
        (4 + 50 / 60, 20, False),
    ],
)
def test_a_clock_that_is_a_little_off_counts_if_the_right_time_means_another_status(
    start: float, seconds_off: float, *, is_doubted: bool
) -> None:
    assert ("clock_off" in codes(student_judged(start, seconds_off))) is is_doubted


def test_a_clock_that_was_right_about_the_tutor_says_nothing_about_the_student() -> None:
    student = facts_about(there(0, 60), clock_offset=timedelta(minutes=6))
    assert verdict(suggested(tutor(there(0, 60)), student).tutor.judgement) == ("present", "high")
