"""A person who came on time and waited alone has attended (docs/suggestions.md#waiting)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from attendance_service.domain.facts import SessionFacts
from attendance_service.domain.policy import DEFAULT_LIMITS
from attendance_service.domain.session import Roster
from attendance_service.domain.suggestion import suggest
from tests.unit.attendance.build import (
    CLASSMATE,
    LATER,
    OTHER_TUTOR,
    START,
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


@pytest.mark.parametrize("end", [15.5, 16, 20, 30, 41])
def test_a_tutor_who_waited_and_left_was_present(end: float) -> None:
    suggestion = suggested(tutor(there(-3, end)), facts_about())
    assert verdict(suggestion.tutor.judgement) == ("present", "high")
    assert codes(suggestion.tutor.judgement) == ["waited"]
    assert verdict(suggestion.student.judgement) == ("absent", "high")
    assert suggestion.is_clear


def test_the_reason_says_how_long_they_waited() -> None:
    explanation = suggested(tutor(there(2, 22)), facts_about()).tutor.judgement.explanation
    assert explanation == "Came on time and waited 20 min alone, so there was no need to stay."


def test_a_student_who_waited_for_the_tutor_was_present_too() -> None:
    suggestion = suggested(tutor(), facts_about(there(1, 18)))
    assert verdict(suggestion.student.judgement) == ("present", "high")
    assert verdict(suggestion.students[STUDENT].judgement) == ("present", "high")
    assert verdict(suggestion.tutor.judgement) == ("absent", "high")


@pytest.mark.parametrize(
    ("stay", "other", "expected"),
    [
        # Left too soon.
        ((0, 14), None, ("absent", "medium")),
        # Came late.
        ((6, 30), None, ("late", "medium")),
        # The other came before the time was over.
        ((0, 16), 14.4, ("absent", "medium")),
        ((0, 25), 10, ("present", "medium")),
    ],
)
def test_less_waiting_changes_nothing(
    stay: tuple[float, float], other: float | None, expected: tuple[str, str]
) -> None:
    student = facts_about() if other is None else facts_about(there(other, 60))
    judgement = suggested(tutor(there(*stay)), student).tutor.judgement
    assert verdict(judgement) == expected
    assert "waited" not in codes(judgement)


def test_it_does_not_matter_whether_the_other_came_later() -> None:
    suggestion = suggested(tutor(there(0, 20)), facts_about(there(30, 60)))
    assert verdict(suggestion.tutor.judgement) == ("present", "high")
    assert codes(suggestion.student.judgement)[-1] == "never_together"


def test_interruptions_while_waiting_are_not_counted_as_waiting() -> None:
    short = suggested(tutor(there(0, 8), there(11, 17)), facts_about())
    assert verdict(short.tutor.judgement) == ("absent", "medium")
    long = suggested(tutor(there(0, 8), there(11, 20)), facts_about())
    assert verdict(long.tutor.judgement) == ("present", "high")


def test_a_guest_or_substitute_is_company() -> None:
    roster = Roster(tutor=TUTOR, students=(STUDENT,))
    with_guest = suggested(tutor(there(0, 16)), facts_about(), facts_about(PUNCTUAL, user_id=CLASSMATE), roster=roster)
    assert "waited" not in codes(with_guest.tutor.judgement)
    with_substitute = suggested(tutor(), tutor(PUNCTUAL, user_id=OTHER_TUTOR), facts_about(there(0, 16)), roster=roster)
    assert "waited" not in codes(with_substitute.student.judgement)


def test_time_in_which_the_other_could_not_be_seen_is_no_waiting() -> None:
    suggestion = suggested(tutor(there(0, 16)), facts_about(there(30, 60), unknown=[span(5, 30)]))
    assert "waited" not in codes(suggestion.tutor.judgement)


def test_a_person_who_stayed_most_of_the_time_is_judged_as_ever() -> None:
    assert codes(suggested(tutor(PUNCTUAL), facts_about()).tutor.judgement) == ["on_time", "high_engagement"]


@pytest.mark.parametrize(
    ("end", "expected"), [(at(14, seconds=45), ("absent", "low")), (at(15, seconds=15), ("present", "medium"))]
)
def test_near_the_limit_confidence_falls(end: datetime, expected: tuple[str, str]) -> None:
    judgement = suggested(tutor(there(0, end)), facts_about()).tutor.judgement
    assert verdict(judgement) == expected
    assert codes(judgement)[-1] == "near_waiting_limit"
    assert "less than 30 s" in judgement.explanation


def test_near_the_limit_of_lateness_confidence_falls() -> None:
    judgement = suggested(tutor(there(at(4, seconds=40), 22)), facts_about()).tutor.judgement
    assert verdict(judgement) == ("present", "medium")
    assert codes(judgement) == ["waited", "near_lateness_limit"]


def test_a_clock_that_was_off_is_doubted_after_waiting_too() -> None:
    waited = replace(tutor(there(0, 20)), clock_offset=timedelta(seconds=40))
    judgement = suggested(waited, facts_about()).tutor.judgement
    assert (verdict(judgement), codes(judgement)) == (("present", "medium"), ["waited", "clock_off"])


def test_an_arrival_that_was_not_observed_may_have_been_late() -> None:
    facts = facts_about(there(8, 30), user_id=TUTOR, arrival_uncertain_since=at(0))
    assert "waited" not in codes(suggested(facts, facts_about()).tutor.judgement)


def test_while_the_session_runs_it_is_provisional() -> None:
    judgement = suggested(tutor(there(0, 16)), facts_about(), as_of=at(25)).tutor.judgement
    assert (verdict(judgement), codes(judgement)) == (("present", "low"), ["waited", "running"])


def test_the_time_of_waiting_is_a_limit_of_the_policy() -> None:
    facts = SessionFacts(
        window=span(0, 60), tutors=(tutor(there(0, 11)),), students=(facts_about(),), as_of=START + LATER
    )
    shorter = replace(DEFAULT_LIMITS, no_show_after=timedelta(minutes=10))
    assert verdict(suggest(facts, DEFAULT_LIMITS).tutor.judgement) == ("absent", "high")
    assert verdict(suggest(facts, shorter).tutor.judgement) == ("present", "high")
