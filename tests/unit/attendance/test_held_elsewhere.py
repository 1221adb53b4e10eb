"""Signs that a lesson was held at another time than its window (docs/suggestions.md#held-at-another-time)."""

from __future__ import annotations

import pytest

from attendance_service.domain.session import Roster
from tests.unit.attendance.build import (
    CLASSMATE,
    STUDENT,
    TUTOR,
    at,
    codes,
    facts_about,
    span,
    suggested,
    there,
    tutor,
    verdict,
)

PUNCTUAL = there(0, 60)
BEFORE = [span(-60, -0.1)]


def test_a_lesson_that_was_held_before_its_time_is_not_called_a_clear_absence() -> None:
    suggestion = suggested(tutor(nearby=BEFORE), facts_about(nearby=[span(-50, -10)]))
    for judgement in (suggestion.tutor.judgement, suggestion.student.judgement):
        assert verdict(judgement) == ("absent", "medium")
        assert codes(judgement) == ["never_connected", "seen_outside_window"]
    assert suggestion.student.judgement.explanation.endswith(
        "Was at the whiteboard for 40 min shortly before or after the lesson, and never during it."
    )
    assert suggestion.seen_together == span(-50, -10)
    assert "together from 06:10 to 06:50" in suggestion.recommendation


def test_a_lesson_that_was_held_after_its_time_is_found_too() -> None:
    suggestion = suggested(tutor(nearby=[span(70, 120)]), facts_about(nearby=[span(65, 110)]))
    assert suggestion.seen_together == span(70, 110)


def test_the_students_of_a_class_were_there_together_if_one_was_there_with_the_tutor() -> None:
    one, other = facts_about(nearby=BEFORE), facts_about(user_id=CLASSMATE)
    suggestion = suggested(tutor(nearby=BEFORE), one, other, roster=Roster(tutor=TUTOR, students=(STUDENT, CLASSMATE)))
    assert suggestion.seen_together == BEFORE[0]
    assert verdict(suggestion.students[STUDENT].judgement) == ("absent", "medium")
    assert verdict(suggestion.students[CLASSMATE].judgement) == ("absent", "high")


def test_people_who_were_not_there_together_held_no_lesson() -> None:
    suggestion = suggested(tutor(nearby=[span(-60, -40)]), facts_about(nearby=[span(-30, -10)]))
    assert suggestion.seen_together is None
    assert codes(suggestion.tutor.judgement)[-1] == "seen_outside_window"


def test_only_one_who_was_there_outside_the_window_is_doubted() -> None:
    suggestion = suggested(tutor(PUNCTUAL), facts_about(nearby=BEFORE))
    assert verdict(suggestion.tutor.judgement) == ("present", "high")
    assert verdict(suggestion.student.judgement) == ("absent", "medium")
    assert suggestion.seen_together is None
    assert not suggestion.is_clear


def test_a_short_visit_outside_the_window_changes_nothing() -> None:
    visit = [span(-10, -9.1)]
    suggestion = suggested(tutor(nearby=visit), facts_about(nearby=visit))
    assert suggestion.is_clear
    assert suggestion.seen_together is None


def test_people_who_came_early_and_stayed_too_long_held_their_lesson() -> None:
    around = [span(-30, 0), span(60, 90)]
    assert suggested(tutor(PUNCTUAL, nearby=around), facts_about(PUNCTUAL, nearby=around)).is_clear


def test_while_a_session_runs_nobody_is_said_to_have_missed_it() -> None:
    suggestion = suggested(tutor(nearby=BEFORE), facts_about(nearby=BEFORE), as_of=at(20))
    assert codes(suggestion.tutor.judgement) == ["never_connected", "running"]
    assert suggestion.seen_together is None


def test_both_late_and_longer_by_the_same_time_is_a_sign() -> None:
    late = there(12, 73)
    suggestion = suggested(tutor(late, nearby=[span(60, 73)]), facts_about(there(10, 71), nearby=[span(60, 71)]))
    for judgement in (suggestion.tutor.judgement, suggestion.student.judgement):
        assert verdict(judgement) == ("late", "medium")
        assert codes(judgement)[-1] == "shifted"


@pytest.mark.parametrize(
    ("tutor_stay", "student_stay"),
    [
        # Only one of them was late.
        ((0, 72), (12, 72)),
        # They did not stay longer.
        ((12, 60), (12, 60)),
        # By other times.
        ((12, 72), (12, 90)),
        ((12, 90), (25, 90)),
        # Hardly late.
        ((2, 63), (2, 63)),
    ],
)
def test_late_and_longer_by_different_times_is_no_sign(
    tutor_stay: tuple[float, float], student_stay: tuple[float, float]
) -> None:
    people = [
        build(there(start, end), nearby=[span(60, end)] if end > 60 else [])
        for build, (start, end) in ((tutor, tutor_stay), (facts_about, student_stay))
    ]
    for judgement in (suggested(*people).tutor.judgement, suggested(*people).student.judgement):
        assert "shifted" not in codes(judgement)


@pytest.mark.parametrize("early", [45, 55])
def test_a_lesson_that_was_held_earlier_than_scheduled_is_no_clear_absence(early: float) -> None:
    of_tutor, of_student = there(0, 60 - early), there(0, 58 - early)
    suggestion = suggested(
        tutor(of_tutor, nearby=[span(-early - 8, 0)]), facts_about(of_student, nearby=[span(-early + 4, 0)])
    )
    for judgement in (suggestion.tutor.judgement, suggestion.student.judgement):
        assert judgement.status == "absent"
        assert judgement.confidence != "high"
        assert codes(judgement)[-1] == "shifted"
    assert not suggestion.is_clear


def test_a_break_before_the_window_does_not_hide_that_the_lesson_was_earlier() -> None:
    """The tutor's connection was lost for some minutes before the scheduled time."""
    before = [span(-50, -20), span(-8, 0)]
    suggestion = suggested(tutor(there(0, 12), nearby=before), facts_about(there(0, 10), nearby=[span(-48, 0)]))
    assert codes(suggestion.tutor.judgement)[-1] == codes(suggestion.student.judgement)[-1] == "shifted"


def test_someone_who_had_been_there_before_the_lesson_does_not_hide_that_it_was_earlier() -> None:
    before = [span(-60, -49), span(-42, 0)]
    suggestion = suggested(tutor(there(0, 7), nearby=before), facts_about(there(0, 6), nearby=[span(-42, 0)]))
    assert codes(suggestion.tutor.judgement)[-1] == codes(suggestion.student.judgement)[-1] == "shifted"


def test_people_who_were_early_and_are_present_all_the_same_are_not_doubted() -> None:
    early = [span(-8, 0)]
    assert suggested(tutor(there(0, 53), nearby=early), facts_about(there(0, 52), nearby=early)).is_clear


@pytest.mark.parametrize(
    ("tutor_from", "student_from", "student_until"),
    [
        # Only one of them was early.
        (-50, 0, 12),
        # One had been there long before.
        (-50, -20, 12),
        # One came back after a while, so was late.
        (-50, 3, 12),
        # They stayed.
        (-50, -50, 60),
    ],
)
def test_early_by_different_times_is_no_sign(tutor_from: float, student_from: float, student_until: float) -> None:
    student_before = [span(student_from, 0)] if student_from < 0 else []
    suggestion = suggested(
        tutor(there(0, 12), nearby=[span(tutor_from, 0)]),
        facts_about(there(max(student_from, 0), student_until), nearby=student_before),
    )
    assert "shifted" not in codes(suggestion.tutor.judgement)
    assert "shifted" not in codes(suggestion.student.judgement)


def test_tutor_and_student_who_were_never_there_at_the_same_time_are_doubted() -> None:
    suggestion = suggested(tutor(there(0, 44)), facts_about(there(45, 60)))
    assert verdict(suggestion.tutor.judgement) == ("present", "medium")
    assert codes(suggestion.tutor.judgement)[-1] == codes(suggestion.student.judgement)[-1] == "never_together"


def test_whether_they_met_is_not_known_where_one_was_not_observed() -> None:
    suggestion = suggested(tutor(there(0, 42), unknown=[span(42, 60)]), facts_about(there(45, 60)))
    assert "never_together" not in codes(suggestion.tutor.judgement)
