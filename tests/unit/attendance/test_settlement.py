"""When a session is over, whether what is suggested about it stays, and what is written down."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from attendance_service.domain.reasons import ReasonCode
from attendance_service.domain.session import (
    EnrolledStudent,
    Enrolment,
    Schedule,
    Student,
    TutoringSession,
)
from attendance_service.domain.settlement import Settlement, is_over, is_settled, settlement_of
from attendance_service.domain.suggestion import Suggestion, suggest_without_facts
from servicekit.identifiers import StudentProfileId, UserId, WhiteboardSessionId
from tests.unit.attendance.build import CLASSMATE, START, STUDENT, TUTOR, at, facts_about, suggested, there, tutor
from tests.unit.attendance.lesson import SESSION as LESSON

ADDIS = ZoneInfo("Africa/Addis_Ababa")
SETTLING_TIME = timedelta(minutes=2, seconds=30)
DAY = timedelta(days=1)
BOARD = WhiteboardSessionId(7)
SCHEDULE = Schedule(day=date(2026, 3, 2), start=time(10), end=time(11), whiteboard_id=BOARD)
SESSION = replace(
    LESSON,
    schedule=SCHEDULE,
    status="completed",
    enrolment=Enrolment(caller_is_tutor=False, students=(), student_count=0),
)
WITHOUT_DAY = replace(SCHEDULE, day=None)


def over(schedule: Schedule, now: datetime) -> bool:
    return is_over(replace(SESSION, schedule=schedule), now=now, zone=ADDIS, settling_time=SETTLING_TIME)


def written(session: TutoringSession, suggestion: Suggestion, judged_at: datetime = START + DAY) -> Settlement:
    return settlement_of(session, suggestion, {}, judged_at=judged_at, backfill_limit=DAY)


def enrolled(profile: int, user: int | None) -> EnrolledStudent:
    student = Student(id=StudentProfileId(profile), user_id=None if user is None else UserId(user), name="")
    return EnrolledStudent(student=student, is_caller=False, is_child_of_caller=False)


@pytest.mark.parametrize(
    ("schedule", "over_at"),
    [
        (SCHEDULE, at(60)),
        (replace(SCHEDULE, start=time(22), end=time(1)), datetime(2026, 3, 2, 22, tzinfo=UTC)),
        (replace(SCHEDULE, end=time(10)), datetime(2026, 3, 2, 21, tzinfo=UTC)),
        (replace(SCHEDULE, start=None), datetime(2026, 3, 2, 21, tzinfo=UTC)),
    ],
    ids=["its own times", "past midnight", "no length", "no start"],
)
def test_a_session_is_over_after_its_end_and_the_settling_time(schedule: Schedule, over_at: datetime) -> None:
    assert not over(schedule, over_at + SETTLING_TIME - timedelta(microseconds=1))
    assert over(schedule, over_at + SETTLING_TIME)


def test_of_a_session_without_a_day_only_its_whiteboard_knows() -> None:
    assert over(WITHOUT_DAY, START)
    assert not over(replace(WITHOUT_DAY, whiteboard_id=None), START + 1000 * DAY)


def test_a_provisional_suggestion_does_not_stay() -> None:
    people = (tutor(there(0, 60)), facts_about(there(0, 60)))
    assert not is_settled(SESSION, suggested(*people, as_of=at(30)))
    assert is_settled(SESSION, suggested(*people))


def test_a_whiteboard_that_does_not_say_when_it_takes_place_may_say_so_later() -> None:
    unknown = suggest_without_facts(ReasonCode.NO_SCHEDULE, None)
    assert is_settled(SESSION, unknown)
    assert not is_settled(replace(SESSION, schedule=WITHOUT_DAY), unknown)


@pytest.mark.parametrize(
    ("judged_at", "recheck_at"),
    [
        (at(63), at(78)),
        (at(90), at(120)),
        (at(60) + DAY / 4, at(60) + DAY / 2),
        (at(60) + DAY * 3 / 4, at(60) + DAY),
        (at(60) + DAY, None),
        (at(61) + DAY, None),
    ],
)
def test_it_is_judged_again_until_relays_can_report_nothing_more(
    judged_at: datetime, recheck_at: datetime | None
) -> None:
    suggestion = suggested(tutor(there(0, 60)), facts_about(there(0, 60)))
    assert written(SESSION, suggestion, judged_at).recheck_at == recheck_at


@pytest.mark.parametrize("session", [
    replace(SESSION, status="cancelled"), replace(SESSION, schedule=replace(SCHEDULE, whiteboard_id=None))
])  # fmt: skip
def test_where_there_are_no_reports_nothing_is_judged_again(session: TutoringSession) -> None:
    suggestion = suggested(tutor(there(0, 60)), facts_about(there(0, 60)))
    assert written(session, suggestion, at(61)).recheck_at is None


def test_the_students_are_those_of_the_enrolment_also_those_without_a_user() -> None:
    session = replace(
        SESSION,
        enrolment=replace(SESSION.enrolment, students=(enrolled(21, STUDENT), enrolled(22, None)), tutor_id=11),
    )
    settlement = written(session, suggested(tutor(there(0, 60)), facts_about(there(10, 60))))
    learner, without_user = settlement.suggestion.students
    assert (learner.student_id, learner.user_id, learner.active_seconds, learner.lateness_seconds) == (
        *(21, STUDENT),
        *(3000, 600),
    )
    assert learner.judgement is not None
    assert (learner.judgement.status, learner.judgement.reasons[0]) == ("late", "late")
    assert (without_user.student_id, without_user.user_id, without_user.judgement) == (22, None, None)


def test_where_the_enrolment_names_nobody_the_people_of_the_whiteboard_are_written_down() -> None:
    suggestion = suggested(tutor(there(0, 60)), facts_about(there(0, 60)), facts_about(user_id=CLASSMATE))
    settlement = written(SESSION, suggestion)
    assert settlement.tutor_user_id == TUTOR
    assert [student.user_id for student in settlement.suggestion.students] == [STUDENT, CLASSMATE]
