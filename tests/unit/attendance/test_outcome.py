"""What became of a lesson (docs/suggestions.md#outcome-of-a-lesson)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from attendance_service.domain.facts import ParticipantFacts, PresenceInterval, SessionFacts
from attendance_service.domain.outcome import LessonOutcome
from attendance_service.domain.policy import DEFAULT_LIMITS
from attendance_service.domain.reasons import ReasonCode
from attendance_service.domain.session import Roster
from attendance_service.domain.suggestion import NO_ROSTER, suggest, suggest_without_facts
from servicekit.time_ranges import TimeRange
from tests.unit.attendance.build import (
    CLASSMATE,
    LATER,
    OTHER_TUTOR,
    START,
    STUDENT,
    TUTOR,
    assumed,
    at,
    codes,
    facts_about,
    span,
    suggested,
    there,
    tutor,
)

PUNCTUAL = there(0, 60)
LESSON = Roster(tutor=TUTOR, students=(STUDENT,))
CLASS = Roster(tutor=TUTOR, students=(STUDENT, CLASSMATE))
NOTHING_KNOWN = span(0, 60)


def outcome(
    *participants: ParticipantFacts, roster: Roster = NO_ROSTER, gaps: Iterable[TimeRange[datetime]] = ()
) -> LessonOutcome:
    outcomes = suggested(*participants, roster=roster, gaps=gaps).outcomes
    assert outcomes is not None
    return outcomes.lesson


def minutes(length: timedelta) -> float:
    return length / timedelta(minutes=1)


def in_minutes(found: LessonOutcome) -> tuple[str, float, float, float, float]:
    """Return kind, overlap, how long the tutor and the student waited, and what is billable."""
    times = (found.overlap, found.tutor_waited, found.student_waited, found.billable)
    overlap, tutor_waited, student_waited, billable = map(minutes, times)
    return found.kind.value, overlap, tutor_waited, student_waited, billable


@pytest.mark.parametrize(
    ("tutor_stay", "student_stay", "expected"),
    [
        ((0, 60), (0, 60), ("held", 60, 0, 0, 60)),
        # Time before and after the lesson counts for nothing.
        ((-10, 70), (7, 65), ("held", 53, 7, 0, 53)),
        ((4, 60), (0, 50), ("held", 46, 0, 4, 46)),
        # Who came late did not wait.
        ((6, 60), (20, 60), ("held", 40, 0, 0, 40)),
        # However briefly, they met.
        ((0, 60), (30, 31), ("held", 1, 30, 0, 1)),
        ((0, 60), (30, 30), ("held", 0, 30, 0, 0)),
        ((0, 60), None, ("student_no_show", 0, 60, 0, 15)),
        ((0, 16), None, ("student_no_show", 0, 16, 0, 15)),
        # The tutor left too soon, or came late and waited in vain all the same.
        ((0, 9), None, ("student_no_show", 0, 9, 0, 9)),
        ((5, 60), None, ("student_no_show", 0, 0, 0, 15)),
        (None, (0, 60), ("tutor_no_show", 0, 0, 60, 0)),
        (None, None, ("nobody_came", 0, 0, 0, 0)),
        ((-20, 0), (60, 80), ("nobody_came", 0, 0, 0, 0)),
        # They missed each other.
        ((0, 20), (30, 60), ("student_no_show", 0, 20, 0, 15)),
        ((30, 60), (0, 20), ("tutor_no_show", 0, 0, 20, 0)),
        ((0, 10), (30, 60), ("cannot_know", 0, 10, 0, 0)),
    ],
)
def test_the_outcome_follows_from_who_was_there_when(
    tutor_stay: tuple[float, float] | None,
    student_stay: tuple[float, float] | None,
    expected: tuple[str, float, float, float, float],
) -> None:
    of_tutor = tutor(*[] if tutor_stay is None else [there(*tutor_stay)])
    of_student = facts_about(*[] if student_stay is None else [there(*student_stay)])
    assert in_minutes(outcome(of_tutor, of_student, roster=LESSON)) == expected
    assert in_minutes(outcome(of_tutor, of_student)) == expected


def test_the_time_of_waiting_is_that_of_the_reason() -> None:
    suggestion = suggested(tutor(there(0, 20)), facts_about(), roster=LESSON)
    assert codes(suggestion.tutor.judgement) == ["waited"]
    assert "waited 20 min" in suggestion.tutor.judgement.explanation
    assert suggestion.outcomes is not None
    assert minutes(suggestion.outcomes.lesson.tutor_waited) == 20


def test_a_policy_sets_what_a_no_show_is_worth() -> None:
    facts = SessionFacts(window=span(0, 60), tutors=(tutor(PUNCTUAL),), students=(facts_about(),), as_of=START + LATER)
    outcomes = suggest(facts, replace(DEFAULT_LIMITS, no_show_after=timedelta(minutes=40))).outcomes
    assert outcomes is not None
    assert minutes(outcomes.lesson.billable) == 40


def test_presence_that_is_assumed_counts() -> None:
    found = outcome(tutor(PUNCTUAL), facts_about(there(0, 10), assumed(10, 20), there(20, 30)))
    assert in_minutes(found) == ("held", 30, 0, 0, 30)


# What cannot be known.


@pytest.mark.parametrize(
    ("of_tutor", "of_student", "expected"),
    [
        (tutor(PUNCTUAL), facts_about(unknown=[NOTHING_KNOWN]), "cannot_know"),
        (tutor(unknown=[NOTHING_KNOWN]), facts_about(PUNCTUAL), "cannot_know"),
        (tutor(unknown=[NOTHING_KNOWN]), facts_about(unknown=[NOTHING_KNOWN]), "cannot_know"),
        (tutor(unknown=[NOTHING_KNOWN]), facts_about(), "cannot_know"),
        # Half of it is not more than half.
        (tutor(PUNCTUAL), facts_about(unknown=[span(0, 30)]), "student_no_show"),
        (tutor(PUNCTUAL), facts_about(unknown=[span(0, 31)]), "cannot_know"),
        # They met, so it does not matter what else is unknown.
        (tutor(PUNCTUAL), facts_about(there(0, 10), unknown=[span(10, 60)]), "held"),
        (tutor(there(0, 10), unknown=[span(10, 60)]), facts_about(PUNCTUAL), "held"),
        # They may have met in the time that is unknown.
        (tutor(there(0, 25)), facts_about(there(40, 60), unknown=[span(20, 40)]), "cannot_know"),
        (tutor(there(0, 20)), facts_about(there(40, 60), unknown=[span(20, 40)]), "student_no_show"),
    ],
)
def test_what_is_unknown_matters_if_it_decides(
    of_tutor: ParticipantFacts, of_student: ParticipantFacts, expected: str
) -> None:
    found = outcome(of_tutor, of_student, roster=LESSON)
    assert found.kind.value == expected
    assert expected != "cannot_know" or not found.billable


@pytest.mark.parametrize(
    ("of_tutor", "of_student", "gap", "expected"),
    [
        # Half of the lesson is enough to see that someone did not come.
        ((), (), (0, 30), "nobody_came"),
        ((), (), (0, 31), "cannot_know"),
        ((), (there(40, 60),), (5, 36), "cannot_know"),
        ((), (there(0, 60),), (5, 36), "cannot_know"),
        ((there(0, 60),), (), (5, 35), "student_no_show"),
        ((there(0, 60),), (), (5, 36), "cannot_know"),
        # They met, so it does not matter what else could not be seen.
        ((there(0, 60),), (there(50, 60),), (5, 45), "held"),
    ],
)
def test_nobody_is_a_no_show_where_nobody_could_be_seen_for_most_of_the_lesson(
    of_tutor: tuple[PresenceInterval, ...],
    of_student: tuple[PresenceInterval, ...],
    gap: tuple[float, float],
    expected: str,
) -> None:
    found = outcome(tutor(*of_tutor), facts_about(*of_student), roster=LESSON, gaps=[span(*gap)])
    assert found.kind.value == expected


def test_time_in_which_the_student_could_not_be_seen_is_no_waiting() -> None:
    found = outcome(tutor(PUNCTUAL), facts_about(unknown=[span(5, 30)]))
    assert in_minutes(found) == ("student_no_show", 0, 35, 0, 15)


def test_of_people_who_are_not_let_to_the_whiteboard_nothing_is_known() -> None:
    assert outcome(tutor(PUNCTUAL), roster=LESSON).kind == "cannot_know"
    assert outcome(tutor(user_id=OTHER_TUTOR), facts_about(PUNCTUAL), roster=LESSON).kind == "cannot_know"
    nameless = Roster(tutor=TUTOR, has_students_without_user=True)
    assert outcome(tutor(PUNCTUAL), roster=nameless).kind == "cannot_know"


def test_one_student_of_whom_nothing_is_known_is_enough_unless_another_came() -> None:
    absent, present = facts_about(), facts_about(PUNCTUAL)
    assert outcome(tutor(PUNCTUAL), absent, roster=CLASS).kind == "cannot_know"
    assert outcome(tutor(PUNCTUAL), present, roster=CLASS).kind == "held"
    nameless = replace(LESSON, has_students_without_user=True)
    assert outcome(tutor(PUNCTUAL), absent, roster=nameless).kind == "cannot_know"


def test_there_is_no_outcome_while_facts_may_change_or_without_facts() -> None:
    for as_of in (at(30), at(61)):
        assert suggested(tutor(PUNCTUAL), facts_about(PUNCTUAL), as_of=as_of).outcomes is None
    assert suggested(tutor(PUNCTUAL)).outcomes is None
    for code in (ReasonCode.NO_WHITEBOARD, ReasonCode.WHITEBOARD_UNKNOWN):
        assert suggest_without_facts(code, span(0, 60)).outcomes is None


def test_a_cancelled_lesson_is_cancelled() -> None:
    outcomes = suggest_without_facts(ReasonCode.CANCELLED, span(0, 60)).outcomes
    assert outcomes is not None
    assert in_minutes(outcomes.lesson) == ("cancelled", 0, 0, 0, 0)


# Substitutes and guests.


def test_a_substitute_holds_the_lesson_and_it_counts_for_them() -> None:
    found = outcome(tutor(), tutor(there(5, 60), user_id=OTHER_TUTOR), facts_about(PUNCTUAL), roster=LESSON)
    assert in_minutes(found) == ("held", 55, 0, 5, 55)
    assert found.tutor_user_id == OTHER_TUTOR


def test_a_substitute_may_come_although_the_tutor_is_not_let_to_the_whiteboard() -> None:
    substitute = tutor(PUNCTUAL, user_id=OTHER_TUTOR)
    assert outcome(substitute, facts_about(), roster=LESSON).kind == "student_no_show"
    assert outcome(substitute, facts_about(there(0, 50)), roster=LESSON).kind == "held"


@pytest.mark.parametrize(("minute", "expected"), [(10, OTHER_TUTOR), (30, TUTOR), (50, TUTOR)])
def test_a_lesson_counts_for_the_tutor_who_was_with_the_students_for_longer(minute: int, expected: int) -> None:
    both = tutor(there(0, minute)), tutor(there(minute, 60), user_id=OTHER_TUTOR)
    found = outcome(*both, facts_about(PUNCTUAL), roster=LESSON)
    assert (in_minutes(found), found.tutor_user_id) == (("held", 60, 0, 0, 60), expected)


def test_if_no_student_came_it_counts_for_the_tutor_who_was_there() -> None:
    found = outcome(tutor(), tutor(PUNCTUAL, user_id=OTHER_TUTOR), facts_about(), roster=LESSON)
    assert (in_minutes(found), found.tutor_user_id) == (("student_no_show", 0, 60, 0, 15), OTHER_TUTOR)
    assert outcome(tutor(), facts_about(PUNCTUAL), roster=LESSON).tutor_user_id == TUTOR


def test_a_guest_holds_no_lesson_but_is_company() -> None:
    guest = facts_about(there(8, 60), user_id=CLASSMATE)
    found = outcome(tutor(PUNCTUAL), facts_about(), guest, roster=LESSON)
    assert in_minutes(found) == ("student_no_show", 0, 8, 0, 15)


# Classes.


def test_each_student_of_a_class_has_an_outcome_of_their_own() -> None:
    late = facts_about(there(20, 60), user_id=CLASSMATE)
    outcomes = suggested(tutor(there(2, 60)), facts_about(), late, roster=CLASS).outcomes
    assert outcomes is not None
    assert in_minutes(outcomes.lesson) == ("held", 40, 18, 0, 40)
    # The tutor was there for the absent student all the time, also while the classmate was there.
    assert in_minutes(outcomes.students[STUDENT]) == ("student_no_show", 0, 58, 0, 15)
    assert in_minutes(outcomes.students[CLASSMATE]) == ("held", 40, 18, 0, 40)


def test_students_who_came_by_turns_held_the_lesson_together() -> None:
    first, second = facts_about(there(0, 20)), facts_about(there(15, 60), user_id=CLASSMATE)
    outcomes = suggested(tutor(PUNCTUAL), first, second, roster=CLASS).outcomes
    assert outcomes is not None
    assert minutes(outcomes.lesson.billable) == 60
    assert [minutes(student.billable) for student in outcomes.students.values()] == [20, 45]


def test_a_lesson_with_one_student_has_one_outcome() -> None:
    outcomes = suggested(tutor(PUNCTUAL), facts_about(there(3, 50)), roster=LESSON).outcomes
    assert outcomes is not None
    assert outcomes.students == {STUDENT: outcomes.lesson}
