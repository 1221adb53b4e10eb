"""Absences that are announced before a session (docs/decisions.md#announced-absences)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from grpc import StatusCode, aio

from astegni.attendance.v1 import attendance_pb2 as pb
from testkit.grpc_errors import refusal
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import (
    ADMIN,
    CLASS,
    CLASSMATE,
    OTHER_TUTOR,
    OTHERS,
    PARENT,
    STATUSES,
    STUDENT,
    TUTOR,
    Platform,
)
from tests.integration.attendance.tracking_stand_in import TrackingStandIn, there

#: student_profiles.id of STUDENT and CLASSMATE.
STUDENT_PROFILE, CLASSMATE_PROFILE = 21, 22
#: Text that pages, spreadsheets, formats and SQL may stumble over.
HOSTILE = "<script>alert(1)</script> '; DROP TABLE sessions; -- {unknown} %s \u202e =1+1 \\ \u1200 \U0001f912"
RECORDED = "SELECT student_id, announced_by, announced_by_role, reason, withdrawn FROM absence_notices ORDER BY id"


@pytest.fixture
def coming(platform: Platform) -> int:
    """Return a lesson that has not begun."""
    return platform.add_session(session_date="2099-03-02", status="scheduled")


@pytest.fixture
def coming_class(platform: Platform) -> int:
    """Return the same of the class of two."""
    return platform.add_session(session_date="2099-03-02", status="scheduled", enrolled_courses_id=CLASS)


async def announce(caller: Client, session_id: int, **fields: Any) -> pb.AbsenceNotice:  # noqa: ANN401
    notice: pb.AbsenceNotice = await caller.report("AnnounceAbsence", session_id=session_id, **fields)
    return notice


async def test_a_parent_announces_their_child_s_absence_and_everyone_of_the_lesson_sees_it(
    parent: Client, tutor: Client, student: Client, platform: Platform, coming: int
) -> None:
    notice = await announce(parent, coming, reason="Fever")
    assert (notice.session_id, notice.student_id, notice.user_id) == (coming, STUDENT_PROFILE, STUDENT)
    assert (notice.name, notice.reason, notice.withdrawn) == ("Sara Tesfaye", "Fever", False)
    assert (notice.announced_by, notice.announced_by_name) == (PARENT, "Tesfaye Alemu")
    assert (notice.announced_by_role, notice.about_tutor) == ("parent", False)
    assert notice.announced_at.seconds > 0
    for caller in (tutor, student, parent):
        card, [listed] = await caller.session(coming), (await caller.sessions()).sessions
        for session in (card, listed):
            assert [it.absence_announced for it in session.students] == ["Fever"]
            assert not session.HasField("tutor_absence_announced")
    assert platform.stored(coming, *STATUSES) == ("present", "present", "system_default")
    assert platform.decisions(coming, "id") == []


async def test_a_tutor_announces_their_own_absence(tutor: Client, parent: Client, coming: int) -> None:
    notice = await announce(tutor, coming, about_tutor=True, reason="Exam board")
    assert (notice.about_tutor, notice.name, notice.HasField("student_id")) == (True, "Abebe Kebede", False)
    session = await parent.session(coming)
    assert session.tutor_absence_announced == "Exam board"
    assert not session.students[0].HasField("absence_announced")


async def test_the_newest_notice_counts_and_a_withdrawal_takes_it_back(
    parent: Client, tutor: Client, platform: Platform, coming: int
) -> None:
    await announce(parent, coming, user_id=STUDENT, reason="Fever")
    flu = await announce(parent, coming, user_id=STUDENT, reason="Flu")
    assert await announce(parent, coming, user_id=STUDENT, reason="Flu") == flu
    assert (await tutor.session(coming)).students[0].absence_announced == "Flu"
    assert (await announce(tutor, coming, user_id=STUDENT, withdrawn=True)).withdrawn
    assert not (await tutor.session(coming)).students[0].HasField("absence_announced")
    again = announce(parent, coming, withdrawn=True)
    assert await refusal(again) == (StatusCode.FAILED_PRECONDITION, "NOTHING_ANNOUNCED")
    assert platform.rows(RECORDED) == [
        (STUDENT_PROFILE, PARENT, "parent", "Fever", False),
        (STUDENT_PROFILE, PARENT, "parent", "Flu", False),
        (STUDENT_PROFILE, TUTOR, "tutor", "", True),
    ]
    await announce(parent, coming, reason="Fever again")
    assert (await tutor.session(coming)).students[0].absence_announced == "Fever again"


async def test_after_the_session_has_begun_it_is_too_late(
    parent: Client, tutor: Client, admin: Client, lesson: int
) -> None:
    for caller in (parent, tutor, admin):
        call = announce(caller, lesson, student_id=STUDENT_PROFILE, reason="Fever")
        assert await refusal(call) == (StatusCode.FAILED_PRECONDITION, "SESSION_BEGUN")


async def test_nothing_is_announced_for_a_cancelled_session(parent: Client, platform: Platform) -> None:
    cancelled = platform.add_session(session_date="2099-03-02", status="cancelled")
    call = announce(parent, cancelled, reason="Fever")
    assert await refusal(call) == (StatusCode.FAILED_PRECONDITION, "SESSION_CANCELLED")


@pytest.mark.parametrize(
    ("user", "role", "fields", "refused"),
    [
        (STUDENT, "student", {"student_id": STUDENT_PROFILE}, "ABSENCE_NOT_YOURS"),
        (STUDENT, "student", {}, "ABSENCE_NOT_YOURS"),
        (PARENT, "parent", {"about_tutor": True}, "ABSENCE_NOT_YOURS"),
        (999, "admin", {"about_tutor": True}, "CALLER_UNKNOWN"),
    ],
)
async def test_who_may_not(
    channel: aio.Channel, platform: Platform, coming: int, *, user: int, role: str, fields: dict[str, Any], refused: str
) -> None:
    call = announce(Client(channel, user, role), coming, reason="Fever", **fields)
    assert await refusal(call) == (StatusCode.PERMISSION_DENIED, refused)
    assert platform.rows(RECORDED) == []


async def test_to_a_stranger_the_session_does_not_exist(channel: aio.Channel, platform: Platform, coming: int) -> None:
    call = announce(Client(channel, OTHER_TUTOR, "tutor"), coming, reason="Fever", about_tutor=True)
    assert await refusal(call) == (StatusCode.NOT_FOUND, "SESSION_NOT_FOUND")
    assert platform.rows(RECORDED) == []


async def test_a_substitute_announces_for_the_students_only(channel: aio.Channel, platform: Platform) -> None:
    whiteboard = platform.add_whiteboard(tutor_id=OTHER_TUTOR)
    session = platform.add_session(session_date="2099-03-02", status="scheduled", whiteboard_id=whiteboard)
    substitute = Client(channel, OTHER_TUTOR, "tutor")
    assert (await announce(substitute, session, student_id=STUDENT_PROFILE, reason="Called me")).notice_id == 1
    refused = await refusal(announce(substitute, session, about_tutor=True, reason="Ill"))
    assert refused == (StatusCode.PERMISSION_DENIED, "ABSENCE_NOT_YOURS")


@pytest.mark.parametrize("named", [{"student_id": 23}, {"user_id": 203}, {"user_id": TUTOR}, {"student_id": 999}])
async def test_a_student_of_another_session_is_not_on_the_roster(
    admin: Client, coming: int, named: dict[str, int]
) -> None:
    call = announce(admin, coming, reason="Fever", **named)
    assert await refusal(call) == (StatusCode.INVALID_ARGUMENT, "NOT_ON_ROSTER")


async def test_classmates_see_nothing_of_it_and_their_parents_can_not_name_them(
    channel: aio.Channel, platform: Platform, tutor: Client, coming_class: int
) -> None:
    # PARENT has one child in the class only.
    platform.run("UPDATE parent_profiles SET children_ids = '{}'")
    await announce(tutor, coming_class, student_id=CLASSMATE_PROFILE, reason="Surgery")
    for user, role in ((STUDENT, "student"), (PARENT, "parent")):
        session = await Client(channel, user, role).session(coming_class)
        assert [(it.user_id, it.absence_announced) for it in session.students] == [(STUDENT, "")]
    parent = Client(channel, PARENT, "parent")
    call = announce(parent, coming_class, student_id=CLASSMATE_PROFILE, reason="Fever")
    assert await refusal(call) == (StatusCode.INVALID_ARGUMENT, "NOT_ON_ROSTER")
    assert (await announce(parent, coming_class, reason="Fever")).user_id == STUDENT
    of_tutor = (await tutor.session(coming_class)).students
    assert [(it.user_id, it.absence_announced) for it in of_tutor] == [(CLASSMATE, "Surgery"), (STUDENT, "Fever")]


async def test_a_parent_of_two_in_a_class_names_the_child(parent: Client, coming_class: int) -> None:
    call = announce(parent, coming_class, reason="Fever")
    assert await refusal(call) == (StatusCode.INVALID_ARGUMENT, "NOT_ON_ROSTER")
    assert (await announce(parent, coming_class, user_id=CLASSMATE, reason="Fever")).student_id == CLASSMATE_PROFILE


async def test_a_notice_is_about_the_time_that_the_session_had(
    parent: Client, tutor: Client, platform: Platform, coming: int
) -> None:
    await announce(parent, coming, reason="Fever")
    platform.run("UPDATE sessions SET session_date = '2099-03-05' WHERE id = %s", coming)
    assert not (await tutor.session(coming)).students[0].HasField("absence_announced")
    await announce(parent, coming, reason="Fever")
    assert (await tutor.session(coming)).students[0].absence_announced == "Fever"


async def test_a_suggestion_names_it_and_is_the_same_otherwise(
    admin: Client, tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    lesson, whiteboard = platform.add_lesson()
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, [there(10, 60)]))
    before = await tutor.suggestion(lesson)
    platform.run(
        "INSERT INTO absence_notices (session_id, student_id, session_date, start_time, announced_by,"
        " announced_by_role, reason, withdrawn) VALUES (%s, 21, '2026-03-02', '10:00', 301, 'parent', 'Fever', FALSE)",
        lesson,
    )
    after = await tutor.suggestion(lesson)
    assert after.etag == before.etag
    assert (after.student_status_suggestion, after.student_confidence) == (pb.late, before.student_confidence)
    assert after.student_reasons == [*before.student_reasons, "absence_announced"]
    assert after.students[0].reasons == after.student_reasons
    assert after.student_metrics.reason.endswith(" This absence was announced before the lesson.")
    assert after.tutor_reasons == before.tutor_reasons
    assert (await admin.mark(lesson, use_suggestion=True, etag=before.etag)).student_attendance_status == "late"


async def test_of_a_class_the_suggestion_names_it_at_the_student_alone(
    tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    lesson, whiteboard = platform.add_lesson(enrolled_courses_id=CLASS)
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), one=(CLASSMATE, []), two=(STUDENT, [there(0, 60)]))
    platform.run(
        "INSERT INTO absence_notices (session_id, student_id, session_date, start_time, announced_by,"
        " announced_by_role, reason, withdrawn) VALUES (%s, 22, '2026-03-02', '10:00', 301, 'parent', 'Fever', FALSE)",
        lesson,
    )
    suggestion = await tutor.suggestion(lesson)
    assert "absence_announced" not in suggestion.student_reasons
    assert [student.reasons[-1] == "absence_announced" for student in suggestion.students] == [True, False]


async def test_the_suggestion_of_a_coming_lesson_names_the_tutor_s_absence(tutor: Client, platform: Platform) -> None:
    coming = platform.add_session(session_date="2099-03-02", status="scheduled")
    await announce(tutor, coming, about_tutor=True, reason="Ill")
    suggestion = await tutor.suggestion(coming)
    assert suggestion.tutor_reasons == ["no_whiteboard", "absence_announced"]
    assert suggestion.student_reasons == ["no_whiteboard"]


async def test_hostile_reasons_are_kept_to_the_letter(parent: Client, tutor: Client, coming: int) -> None:
    assert (await announce(parent, coming, reason=HOSTILE)).reason == HOSTILE
    assert (await tutor.session(coming)).students[0].absence_announced == HOSTILE
    assert (await tutor.suggestion(coming)).student_metrics.reason.endswith("announced before the lesson.")


async def test_of_many_equal_notices_at_once_one_is_recorded(parent: Client, platform: Platform, coming: int) -> None:
    notices = await asyncio.gather(*(announce(parent, coming, reason="Fever") for _ in range(8)))
    assert {notice.notice_id for notice in notices} == {1}
    assert len(platform.rows(RECORDED)) == 1


async def test_of_many_withdrawals_at_once_one_is_accepted(parent: Client, platform: Platform, coming: int) -> None:
    await announce(parent, coming, reason="Fever")
    calls = [announce(parent, coming, withdrawn=True) for _ in range(8)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(outcome, pb.AbsenceNotice) for outcome in outcomes) == 1
    assert len(platform.rows(RECORDED)) == 2


async def test_a_session_that_does_not_exist_is_not_found(admin: Client) -> None:
    call = announce(admin, 999, about_tutor=True, reason="Ill")
    assert await refusal(call) == (StatusCode.NOT_FOUND, "SESSION_NOT_FOUND")


async def test_notices_of_other_sessions_are_not_shown(admin: Client, platform: Platform, coming: int) -> None:
    other = platform.add_session(session_date="2099-03-02", status="scheduled", enrolled_courses_id=OTHERS)
    await announce(admin, other, about_tutor=True, reason="Ill")
    assert platform.rows("SELECT announced_by FROM absence_notices") == [(ADMIN,)]
    assert not (await admin.session(coming)).HasField("tutor_absence_announced")
