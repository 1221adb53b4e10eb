from __future__ import annotations

from datetime import timedelta

from attendance_service.domain.measurement import Measurement, measure, presence_of, presence_of_class
from attendance_service.domain.policy import DEFAULT_LIMITS
from tests.unit.attendance.build import CLASSMATE, at, facts_about, measured, span, there

TIMEOUT = DEFAULT_LIMITS.presence_timeout


def running(*intervals_end_reason: str, now: float) -> Measurement:
    presence = presence_of(facts_about(*(there(0, 20, reason=reason) for reason in intervals_end_reason)))
    return measure(presence, scheduled=span(0, 60), as_of=at(now), observation_gaps=(), presence_timeout=TIMEOUT)


def test_lateness_is_the_time_from_the_start_to_the_first_presence_in_the_window() -> None:
    assert measured(facts_about(there(-10, -2), there(20, 30))).lateness == timedelta(minutes=20)


def test_a_person_present_before_the_start_is_not_late() -> None:
    assert measured(facts_about(there(-10, 30))).lateness == timedelta()


def test_a_person_who_left_before_the_end_left_early() -> None:
    assert measured(facts_about(there(0, 50))).left_early_by == timedelta(minutes=10)


def test_a_person_who_stayed_until_the_end_did_not_leave_early() -> None:
    assert measured(facts_about(there(0, 60))).left_early_by is None


def test_a_person_who_never_came_did_not_leave_early() -> None:
    assert measured(facts_about()).left_early_by is None


def test_a_person_who_is_connected_in_a_running_session_has_not_left() -> None:
    assert running("", now=20.2).left_early_by is None


def test_a_person_who_closed_the_connection_in_a_running_session_may_come_back() -> None:
    assert running("closed", now=20.2).left_early_by is None


def test_a_person_who_has_been_silent_in_a_running_session_may_come_back() -> None:
    assert running("", now=30).left_early_by is None


def test_when_the_session_is_over_a_person_has_left_who_did_not_come_back() -> None:
    assert running("closed", now=60).left_early_by == timedelta(minutes=40)


def test_a_person_who_was_still_connected_at_the_end_did_not_leave_early() -> None:
    assert measured(facts_about(there(0, at(59), reason=""))).left_early_by is None
    assert measured(facts_about(there(0, at(58), reason=""))).left_early_by == timedelta(minutes=2)


def test_a_running_session_is_measured_over_the_part_that_is_over() -> None:
    assert running("closed", now=40).rule_input.engagement == 50


def test_time_that_is_both_present_and_unknown_counts_as_present() -> None:
    assert measured(facts_about(there(0, 60), unknown=[span(30, 40)])).unknown == timedelta()


def test_a_class_is_present_while_any_student_is() -> None:
    presence = presence_of_class([facts_about(there(0, 20)), facts_about(there(15, 40), user_id=CLASSMATE)], TIMEOUT)
    assert presence.earliest == (span(0, 40),)


def test_a_class_is_unknown_only_where_no_student_is_known_to_be_present() -> None:
    one = facts_about(there(0, 20), unknown=[span(20, 60)])
    other = facts_about(there(30, 60), user_id=CLASSMATE)
    assert presence_of_class([one, other], TIMEOUT).unknown == (span(20, 30),)


def test_a_class_of_one_has_the_presence_of_that_student() -> None:
    student = facts_about(there(0, 20), reconnects=4)
    assert presence_of_class([student], TIMEOUT) == presence_of(student)


def test_a_class_came_back_after_each_silence_longer_than_the_timeout() -> None:
    one = facts_about(there(0, 10), there(30, 40), reconnects=1)
    other = facts_about(there(5, 20), there(at(40, seconds=75), 60), user_id=CLASSMATE, reconnects=1)
    assert presence_of_class([one, other], TIMEOUT).reconnects == 1


def test_intervals_of_a_class_are_joined_and_end_as_the_last_one_does() -> None:
    one, other = there(0, 20), there(10, 30, reason="")
    [joined] = presence_of_class([facts_about(one), facts_about(other, user_id=CLASSMATE)], TIMEOUT).intervals
    assert (joined.span, joined.end_reason) == (span(0, 30), "")


def test_the_part_of_a_class_that_is_over_is_measured_exactly() -> None:
    measurement = measure(
        presence_of(facts_about(there(0, 1))),
        scheduled=span(0, 60),
        as_of=at(microseconds=1),
        observation_gaps=(),
        presence_timeout=TIMEOUT,
    )
    assert measurement.rule_input.engagement == 100
