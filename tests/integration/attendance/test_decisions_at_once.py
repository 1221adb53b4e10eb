from __future__ import annotations

import asyncio

from grpc import StatusCode

from astegni.attendance.v1 import attendance_pb2 as pb
from testkit.grpc_errors import refusal
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import (
    STATUSES,
    Platform,
)


async def test_a_mark_with_the_etag_that_was_shown_is_taken_once(tutor: Client, parent: Client, lesson: int) -> None:
    etag = (await tutor.session(lesson)).attendance_etag
    await parent.mark(lesson, student_attendance_status=pb.absent, attendance_etag=etag)
    mark = tutor.mark(lesson, student_attendance_status=pb.present, attendance_etag=etag)
    assert await refusal(mark) == (StatusCode.ABORTED, "ATTENDANCE_CHANGED")


async def test_a_mark_is_refused_also_if_the_row_was_changed_past_the_service(
    tutor: Client, platform: Platform, lesson: int
) -> None:
    etag = (await tutor.session(lesson)).attendance_etag
    platform.run("UPDATE sessions SET student_attendance_status = 'absent' WHERE id = %s", lesson)
    mark = tutor.mark(lesson, student_attendance_status=pb.present, attendance_etag=etag)
    assert await refusal(mark) == (StatusCode.ABORTED, "ATTENDANCE_CHANGED")


async def test_of_many_marks_at_once_with_one_etag_exactly_one_is_taken(
    tutor: Client, platform: Platform, lesson: int
) -> None:
    etag = (await tutor.session(lesson)).attendance_etag
    marks = [tutor.mark(lesson, student_attendance_status=pb.late, attendance_etag=etag) for _ in range(12)]
    outcomes = await asyncio.gather(*marks, return_exceptions=True)
    assert sum(isinstance(outcome, pb.MarkAttendanceResponse) for outcome in outcomes) == 1
    assert len(platform.decisions(lesson, "id")) == 1


async def test_without_an_etag_the_last_decision_stands_and_every_one_is_kept(
    tutor: Client, admin: Client, platform: Platform, lesson: int
) -> None:
    await tutor.mark(lesson, student_attendance_status=pb.absent)
    await admin.mark(lesson, student_attendance_status=pb.late)
    assert platform.stored(lesson, *STATUSES)[1:] == ("late", "admin_override")
    assert platform.decisions(lesson, "student_status_before", "student_status_after") == [
        ("present", "absent"),
        ("absent", "late"),
    ]


async def test_a_session_that_somebody_holds_locked_is_told_as_a_conflict(
    tutor: Client, platform: Platform, lesson: int
) -> None:
    platform.run("BEGIN")
    platform.run("SELECT id FROM sessions WHERE id = %s FOR UPDATE", lesson)
    mark = tutor.mark(lesson, student_attendance_status=pb.late)
    assert await refusal(mark) == (StatusCode.UNAVAILABLE, "STORAGE_CONFLICT")
    platform.run("ROLLBACK")
