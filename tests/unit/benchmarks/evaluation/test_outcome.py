from __future__ import annotations

import pytest

from benchmarks.evaluation.goals import goals
from benchmarks.evaluation.outcomes import (
    ExpectedOutcome,
    JudgedOutcome,
    SuggestedOutcome,
    decidable,
    expect_outcomes,
)
from benchmarks.evaluation.results import Results
from benchmarks.evaluation.reviewer.lesson import Lesson
from benchmarks.evaluation.reviewer.outcome import Outcome, OutcomeReview, alone_with_tutor, review_outcome
from benchmarks.evaluation.simulation.drawing import draw
from benchmarks.evaluation.simulation.plan import Situation
from benchmarks.evaluation.simulation.simulate import simulate
from benchmarks.evaluation.time_ranges import MINUTE, SECOND
from tests.unit.benchmarks.evaluation.examples import lesson, minutes, student, tutor

WHOLE = minutes(0, 60)


def outcome(known: Lesson) -> Outcome:
    return review_outcome(known).outcome


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (lesson(tutor(WHOLE), student(minutes(50, 60))), Outcome.HELD),
        (lesson(tutor(WHOLE), student()), Outcome.STUDENT_NO_SHOW),
        (lesson(tutor(minutes(40, 60)), student(minutes(-10, -1))), Outcome.STUDENT_NO_SHOW),
        (lesson(tutor(), student(WHOLE)), Outcome.TUTOR_NO_SHOW),
        (lesson(tutor(minutes(-5, -1)), student(minutes(61, 90))), Outcome.NOBODY_CAME),
        # Both came, and were never there together: it counts who waited.
        (lesson(tutor(minutes(0, 20)), student(minutes(30, 60))), Outcome.STUDENT_NO_SHOW),
        (lesson(tutor(minutes(30, 60)), student(minutes(4, 20))), Outcome.TUTOR_NO_SHOW),
        (lesson(tutor(minutes(0, 10)), student(minutes(30, 60))), Outcome.CANNOT_KNOW),
        (lesson(tutor(minutes(6, 26)), student(minutes(30, 60))), Outcome.CANNOT_KNOW),
    ],
)
def test_the_table_of_outcomes_on_the_truth(known: Lesson, expected: Outcome) -> None:
    assert outcome(known) is expected


def test_a_substitute_holds_the_lesson() -> None:
    substitute = tutor(WHOLE, is_on_roster=False)
    assert outcome(lesson(tutor(is_listed=False), student(WHOLE), substitute)) is Outcome.HELD
    assert outcome(lesson(tutor(is_listed=False), student(), substitute)) is Outcome.STUDENT_NO_SHOW


def test_a_guest_holds_no_lesson_and_ends_the_waiting() -> None:
    guest = student(minutes(5, 60), is_on_roster=False)
    assert outcome(lesson(tutor(WHOLE), student(), guest)) is Outcome.STUDENT_NO_SHOW
    assert outcome(lesson(tutor(minutes(0, 20)), student(minutes(30, 60)), guest)) is Outcome.CANNOT_KNOW


def test_nobody_can_know_what_became_of_one_who_could_not_come_to_the_whiteboard() -> None:
    assert outcome(lesson(tutor(WHOLE), student(is_listed=False))) is Outcome.CANNOT_KNOW
    assert outcome(lesson(tutor(is_listed=False), student(WHOLE))) is Outcome.CANNOT_KNOW


def test_a_student_of_a_class_has_an_outcome_of_their_own() -> None:
    present, absent = student(WHOLE), student()
    known = lesson(tutor(WHOLE), present, absent)
    assert outcome(known) is Outcome.HELD
    assert outcome(alone_with_tutor(known, present)) is Outcome.HELD
    assert outcome(alone_with_tutor(known, absent)) is Outcome.STUDENT_NO_SHOW


def test_the_overlap_is_the_time_together_in_the_window() -> None:
    assert review_outcome(lesson(tutor(minutes(-5, 40)), student(minutes(10, 70)))).overlap == 30 * MINUTE


@pytest.mark.parametrize(("until", "is_borderline"), [(30.2, True), (32, False), (29.8, True), (28, False)])
def test_a_moment_together_or_apart_is_borderline(until: float, *, is_borderline: bool) -> None:
    known = lesson(tutor(minutes(6, until)), student(minutes(30, 60)))
    assert review_outcome(known).is_borderline is is_borderline


def test_what_was_hidden_may_leave_an_outcome_undecidable() -> None:
    came_unseen = lesson(tutor(WHOLE), student(minutes(22, 28)), hidden=minutes(20, 30))
    assert review_outcome(came_unseen).outcome is Outcome.HELD
    assert not review_outcome(came_unseen).is_decidable
    assert review_outcome(lesson(tutor(WHOLE), student(minutes(22, 58)), hidden=minutes(20, 30))).is_decidable


def test_a_lesson_of_which_most_is_hidden_is_not_decidable_unless_they_were_seen_together() -> None:
    assert not review_outcome(lesson(tutor(WHOLE), student(), hidden=minutes(10, 41))).is_decidable
    assert review_outcome(lesson(tutor(WHOLE), student(), hidden=minutes(10, 39))).is_decidable
    assert review_outcome(lesson(tutor(WHOLE), student(WHOLE), hidden=minutes(10, 41))).is_decidable


def test_a_wrong_clock_may_leave_an_outcome_undecidable() -> None:
    known = lesson(tutor(minutes(-10, -2)), student(WHOLE), clock_offset=240 * SECOND)
    assert review_outcome(known).outcome is Outcome.TUTOR_NO_SHOW
    assert not review_outcome(known).is_decidable


def test_where_an_outcome_is_not_decidable_cannot_know_is_right_as_well() -> None:
    hidden = OutcomeReview(outcome=Outcome.HELD, is_decidable=False)
    assert hidden.agrees(Outcome.CANNOT_KNOW)
    assert not hidden.agrees(Outcome.NOBODY_CAME)
    assert not OutcomeReview(outcome=Outcome.HELD).agrees(Outcome.CANNOT_KNOW)


def judged(review: OutcomeReview, suggested: Outcome, overlap_minutes: float = 0) -> JudgedOutcome:
    return JudgedOutcome(
        expected=ExpectedOutcome(
            number=1, student=None, situation=Situation.ORDINARY, faults=frozenset(), review=review
        ),
        suggested=SuggestedOutcome(outcome=suggested, overlap_minutes=overlap_minutes),
    )


def missed(*of_lessons: JudgedOutcome) -> int:
    return sum(not check.is_met for check in goals(Results(lessons=of_lessons)))


def test_one_wrong_outcome_in_two_hundred_is_allowed() -> None:
    right = judged(OutcomeReview(outcome=Outcome.NOBODY_CAME), Outcome.NOBODY_CAME)
    wrong = judged(OutcomeReview(outcome=Outcome.NOBODY_CAME), Outcome.CANNOT_KNOW)
    assert missed(*[right] * 199, wrong) == 0
    assert missed(*[right] * 190, wrong) == 1


def test_a_borderline_outcome_does_not_count() -> None:
    assert decidable([judged(OutcomeReview(outcome=Outcome.HELD, is_borderline=True), Outcome.CANNOT_KNOW)]) == []


def test_minutes_together_are_compared_to_a_tenth() -> None:
    review = OutcomeReview(outcome=Outcome.HELD, overlap=30 * MINUTE + 5 * SECOND)
    assert judged(review, Outcome.HELD, 30.0).has_right_overlap
    assert missed(judged(review, Outcome.HELD, 29.9)) == 1


def test_a_class_has_an_outcome_and_each_of_several_students_one_more() -> None:
    for number in range(1, 60):
        plan = draw(4, number)
        expected = [one.student for one in expect_outcomes(simulate(4, plan))]
        assert len(expected) == (1 if plan.size == 1 else 1 + plan.size)
        assert expected[0] is None
