from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from grpc import StatusCode, aio

from astegni.attendance.v1 import attendance_pb2 as pb
from testkit.grpc_errors import refusal
from tests.integration.attendance.client import Client
from tests.integration.attendance.own_service import OwnService
from tests.integration.attendance.platform import (
    ADMIN,
    LESSONS,
    STATUSES,
    TUTOR,
    Platform,
)


async def test_a_manual_mark_is_stored_with_who_when_and_why(tutor: Client, platform: Platform, lesson: int) -> None:
    before = datetime.now(UTC) - timedelta(minutes=1)
    marked = await tutor.mark(
        lesson,
        tutor_attendance_status=pb.present,
        student_attendance_status=pb.late,
        attendance_notes="Student joined 10 minutes late",
    )
    stored = platform.stored(lesson, *STATUSES, "attendance_notes", "attendance_marked_by", "attendance_marked_at")
    assert stored[:5] == ("present", "late", "manual", "Student joined 10 minutes late", TUTOR)
    assert stored[5] == marked.attendance_marked_at.ToDatetime(tzinfo=UTC)
    assert stored[5] > before
    [student] = marked.students
    assert (student.student_id, student.attendance_status, student.attendance_source) == (21, "late", "manual")
    assert marked.attendance_etag == (await tutor.session(lesson)).attendance_etag
    marked.ClearField("attendance_etag")
    marked.ClearField("attendance_marked_at")
    marked.ClearField("students")
    assert marked == pb.MarkAttendanceResponse(
        success=True,
        session_id=lesson,
        tutor_attendance_status="present",
        student_attendance_status="late",
        attendance_source=pb.manual,
        attendance_notes="Student joined 10 minutes late",
        attendance_marked_by=TUTOR,
    )


@pytest.mark.parametrize("times", [{}, {"start_time": "10:00", "end_time": "10:00"}, {"start_time": None}])
async def test_a_session_that_has_not_begun_cannot_be_marked(
    tutor: Client, admin: Client, parent: Client, platform: Platform, times: dict[str, str]
) -> None:
    session_id = platform.add_session(session_date="2099-01-01", status="scheduled", **times)
    for caller in (tutor, admin, parent):
        mark = caller.mark(session_id, student_attendance_status=pb.absent)
        assert await refusal(mark) == (StatusCode.FAILED_PRECONDITION, "SESSION_NOT_BEGUN")


async def test_a_running_session_can_be_marked_manually(tutor: Client, platform: Platform) -> None:
    began = datetime.now(ZoneInfo("Africa/Addis_Ababa")) - timedelta(minutes=1)
    session_id = platform.add_session(
        session_date=began.date(), start_time=began.time(), end_time=(began + timedelta(hours=1)).time()
    )
    assert (await tutor.mark(session_id, student_attendance_status=pb.present)).success


async def test_a_cancelled_session_cannot_be_marked(tutor: Client, platform: Platform) -> None:
    session_id = platform.add_session(status="cancelled")
    mark = tutor.mark(session_id, student_attendance_status=pb.absent)
    assert await refusal(mark) == (StatusCode.FAILED_PRECONDITION, "SESSION_CANCELLED")


async def test_a_status_that_is_not_sent_is_kept(tutor: Client, platform: Platform, lesson: int) -> None:
    await tutor.mark(lesson, tutor_attendance_status=pb.late, student_attendance_status=pb.absent)
    await tutor.mark(lesson, student_attendance_status=pb.present)
    assert platform.stored(lesson, *STATUSES) == ("late", "present", "manual")
    assert platform.decisions(lesson, "tutor_status_before", "tutor_status_after")[1] == (None, None)


async def test_notes_that_are_not_sent_are_kept_and_empty_ones_clear(
    tutor: Client, platform: Platform, lesson: int
) -> None:
    await tutor.mark(lesson, student_attendance_status=pb.late, attendance_notes="Bus")
    await tutor.mark(lesson, student_attendance_status=pb.present)
    assert platform.stored(lesson, "attendance_notes") == ("Bus",)
    cleared = await tutor.mark(lesson, attendance_notes="")
    assert not cleared.HasField("attendance_notes")
    assert platform.stored(lesson, "attendance_notes") == (None,)


async def test_notes_alone_keep_statuses_source_and_marker(
    tutor: Client, admin: Client, platform: Platform, lesson: int
) -> None:
    await tutor.mark(lesson, use_suggestion=True)
    before = platform.stored(lesson, *STATUSES, "attendance_marked_by", "attendance_marked_at")
    response = await admin.mark(lesson, attendance_notes="Checked")
    assert platform.stored(lesson, *STATUSES, "attendance_marked_by", "attendance_marked_at") == before
    assert (response.attendance_source, response.attendance_marked_by) == (pb.admin_override, TUTOR)
    assert platform.decisions(lesson, "decided_by", "source", "notes")[1] == (ADMIN, "admin_override", "Checked")


async def test_notes_alone_on_an_unmarked_session_are_refused(tutor: Client, lesson: int) -> None:
    mark = tutor.mark(lesson, attendance_notes="Bus")
    assert await refusal(mark) == (StatusCode.FAILED_PRECONDITION, "NOTES_WITHOUT_DECISION")


async def test_a_mark_with_nothing_to_decide_is_refused(tutor: Client, lesson: int) -> None:
    assert await refusal(tutor.mark(lesson)) == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")


async def test_an_unknown_session_is_not_found(tutor: Client) -> None:
    mark = tutor.mark(4711, student_attendance_status=pb.late)
    assert await refusal(mark) == (StatusCode.NOT_FOUND, "SESSION_NOT_FOUND")


async def test_a_failing_statement_is_logged_without_notes_and_hidden_from_the_caller(
    own_service: OwnService, caplog: pytest.LogCaptureFixture
) -> None:
    tutor, platform = own_service.client(TUTOR, "tutor"), own_service.platform
    platform.run("ALTER TABLE attendance_decisions DROP COLUMN suggestion_etag")
    session_id = platform.add_session()
    with pytest.raises(aio.AioRpcError) as refused:
        await tutor.mark(session_id, student_attendance_status=pb.absent, attendance_notes="a private matter")
    assert refused.value.code() is StatusCode.INTERNAL
    assert "suggestion_etag" not in str(refused.value.details())
    assert "suggestion_etag" in caplog.text
    assert "a private matter" not in caplog.text
    assert platform.stored(session_id, "attendance_source") == ("system_default",)


async def test_notes_never_reach_the_log(tutor: Client, platform: Platform, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    session_id = platform.add_session(enrolled_courses_id=LESSONS)
    await tutor.mark(session_id, student_attendance_status=pb.absent, attendance_notes="a private matter")
    assert "a private matter" not in caplog.text
