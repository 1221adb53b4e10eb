from __future__ import annotations

from dataclasses import replace

import pytest

from attendance_service.domain.policy import DEFAULT_LIMITS
from attendance_service.domain.reasons import ReasonCode
from attendance_service.domain.suggestion import suggest_without_facts
from servicekit.identifiers import UserId
from tests.unit.attendance.build import (
    CLASSMATE,
    STUDENT,
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


def test_tutor_and_student_are_judged_separately() -> None:
    suggestion = suggested(tutor(PUNCTUAL), facts_about())
    assert verdict(suggestion.tutor.judgement) == ("present", "high")
    assert verdict(suggestion.student.judgement) == ("absent", "high")


def test_the_activity_of_a_class_is_the_sum_over_its_students() -> None:
    one = replace(facts_about(PUNCTUAL), activity=(1, 0, 2))
    other = replace(facts_about(user_id=CLASSMATE), activity=())
    third = replace(facts_about(PUNCTUAL, user_id=UserId(203)), activity=(1, 1, 0))
    suggestion = suggested(tutor(PUNCTUAL), one, other, third)
    assert suggestion.student.activity == (2, 1, 2)
    assert [student.activity for student in suggestion.students.values()] == [(1, 0, 2), (), (1, 1, 0)]


def test_without_a_whiteboard_both_are_present_with_low_confidence() -> None:
    suggestion = suggest_without_facts(ReasonCode.NO_WHITEBOARD, span(0, 60))
    assert (suggestion.has_whiteboard, suggestion.provisional) == (False, False)
    assert verdict(suggestion.tutor.judgement) == verdict(suggestion.student.judgement) == ("present", "low")


@pytest.mark.parametrize("now", [-10, 0])
def test_a_session_that_has_not_begun_has_no_facts_and_is_provisional(now: float) -> None:
    suggestion = suggested(tutor(), facts_about(), as_of=at(now))
    assert (suggestion.has_whiteboard, suggestion.provisional) == (False, True)
    assert (verdict(suggestion.tutor.judgement), codes(suggestion.tutor.judgement)) == (
        ("present", "low"),
        ["not_begun"],
    )


def test_a_running_session_is_provisional_and_judged_by_the_part_that_is_over() -> None:
    suggestion = suggested(tutor(there(0, 29, reason="")), facts_about(), as_of=at(30))
    assert suggestion.provisional
    assert verdict(suggestion.tutor.judgement) == ("present", "low")
    assert codes(suggestion.tutor.judgement) == ["on_time", "high_engagement", "running"]
    assert verdict(suggestion.student.judgement) == ("absent", "low")


def test_a_running_session_is_not_called_short() -> None:
    assert "short_window" not in codes(suggested(tutor(), facts_about(), as_of=at(5)).tutor.judgement)


def test_a_session_that_ended_is_provisional_until_it_is_settled() -> None:
    settled = at(60) + DEFAULT_LIMITS.settling_time
    just_before = suggested(tutor(PUNCTUAL), facts_about(PUNCTUAL), as_of=settled - (at(microseconds=1) - at()))
    assert codes(just_before.tutor.judgement)[-1] == "settling"
    assert just_before.provisional
    assert not suggested(tutor(PUNCTUAL), facts_about(PUNCTUAL), as_of=settled).provisional


def test_the_settling_time_is_two_presence_timeouts() -> None:
    assert DEFAULT_LIMITS.settling_time.total_seconds() == 150


def test_a_class_is_present_if_one_student_was_and_each_student_is_judged() -> None:
    suggestion = suggested(tutor(PUNCTUAL), facts_about(PUNCTUAL), facts_about(user_id=CLASSMATE))
    assert verdict(suggestion.student.judgement) == ("present", "medium")
    assert {user_id: verdict(person.judgement) for user_id, person in suggestion.students.items()} == {
        STUDENT: ("present", "high"),
        CLASSMATE: ("absent", "high"),
    }


def test_a_whiteboard_without_students_is_to_be_marked_manually() -> None:
    suggestion = suggested(tutor(PUNCTUAL))
    assert (suggestion.has_whiteboard, codes(suggestion.student.judgement)) == (False, ["no_participant"])


def test_a_window_without_length_is_no_schedule() -> None:
    assert codes(suggested(tutor(), facts_about(), minutes=0).tutor.judgement) == ["no_schedule"]


def test_gaps_are_shown_inside_the_window() -> None:
    suggestion = suggested(tutor(PUNCTUAL), facts_about(), gaps=[span(50, 90), span(-9, -5)])
    assert suggestion.observation_gaps == (span(50, 60),)


def test_the_same_facts_give_the_same_etag() -> None:
    assert suggested(tutor(PUNCTUAL), facts_about()).etag == suggested(tutor(PUNCTUAL), facts_about()).etag


def test_the_etag_stays_while_statuses_and_confidences_do() -> None:
    assert suggested(tutor(PUNCTUAL), facts_about()).etag == suggested(tutor(there(0, 59)), facts_about()).etag


def test_the_etag_changes_with_a_status() -> None:
    assert suggested(tutor(PUNCTUAL), facts_about()).etag != suggested(tutor(PUNCTUAL), facts_about(there(10, 60))).etag


def test_the_etag_changes_with_a_confidence() -> None:
    half, student = there(0, 30), facts_about(PUNCTUAL)
    assert suggested(tutor(PUNCTUAL), student).etag != suggested(tutor(half), student).etag


def test_the_etag_changes_with_one_student_of_a_class() -> None:
    late = there(10, 60)
    before = suggested(tutor(PUNCTUAL), facts_about(PUNCTUAL), facts_about(user_id=CLASSMATE))
    after = suggested(tutor(PUNCTUAL), facts_about(PUNCTUAL), facts_about(late, user_id=CLASSMATE))
    assert before.student.judgement == after.student.judgement
    assert before.etag != after.etag


def test_the_etag_changes_when_the_facts_are_settled() -> None:
    low = there(0, 23)
    settling = suggested(tutor(low), facts_about(low), as_of=at(61))
    settled = suggested(tutor(low), facts_about(low))
    assert verdict(settling.tutor.judgement) == verdict(settled.tutor.judgement) == ("present", "low")
    assert settling.etag != settled.etag


@pytest.mark.parametrize(
    ("student_minutes", "beginning"),
    [(60, "The facts are clear: tutor present, student present"), (30, "Probably"), (20, "Not sure enough")],
)
def test_the_recommendation_says_how_far_to_rely_on_it(student_minutes: float, beginning: str) -> None:
    suggestion = suggested(tutor(PUNCTUAL), facts_about(there(0, student_minutes)))
    assert suggestion.recommendation.startswith(beginning)


def test_the_recommendation_says_to_wait_while_the_suggestion_is_provisional() -> None:
    assert "wait" in suggested(tutor(PUNCTUAL), facts_about(), as_of=at(30)).recommendation


def test_the_recommendation_without_facts_is_to_mark_manually() -> None:
    assert "mark attendance manually" in suggest_without_facts(ReasonCode.NO_WHITEBOARD, None).recommendation


def test_nothing_is_suggested_about_a_cancelled_session() -> None:
    suggestion = suggest_without_facts(ReasonCode.CANCELLED, None)
    assert (suggestion.has_whiteboard, suggestion.is_clear) == (False, False)
    assert suggestion.recommendation == "The lesson was cancelled; nothing is suggested."


def test_the_recommendation_before_the_start_is_to_come_back() -> None:
    assert "not begun" in suggested(tutor(), facts_about(), as_of=at(-1)).recommendation


def test_reasons_are_sentences_with_the_numbers_that_are_shown() -> None:
    judgement = suggested(tutor(PUNCTUAL), facts_about(there(at(7, seconds=59), 60))).student.judgement
    assert judgement.explanation == "Joined 7.9 min after the start. Connected for 86.6 % of the lesson."
