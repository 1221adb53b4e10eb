from __future__ import annotations

import asyncio

import pytest
from grpc import StatusCode
from sqlalchemy import text

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.store import decisions
from testkit.grpc_errors import refusal
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import (
    STATUSES,
    Platform,
)


async def test_a_mark_with_the_shown_etag_is_accepted_once(tutor: Client, parent: Client, lesson: int) -> None:
    etag = (await tutor.session(lesson)).attendance_etag
    await parent.mark(lesson, student_attendance_status=pb.absent, attendance_etag=etag)
    mark = tutor.mark(lesson, student_attendance_status=pb.present, attendance_etag=etag)
    assert await refusal(mark) == (StatusCode.ABORTED, "ATTENDANCE_CHANGED")


async def test_a_mark_is_refused_also_if_another_program_changed_the_row(
    tutor: Client, platform: Platform, lesson: int
) -> None:
    etag = (await tutor.session(lesson)).attendance_etag
    platform.run("UPDATE sessions SET student_attendance_status = 'absent' WHERE id = %s", lesson)
    mark = tutor.mark(lesson, student_attendance_status=pb.present, attendance_etag=etag)
    assert await refusal(mark) == (StatusCode.ABORTED, "ATTENDANCE_CHANGED")


async def test_of_many_concurrent_marks_with_one_etag_exactly_one_is_accepted(
    tutor: Client, platform: Platform, lesson: int
) -> None:
    etag = (await tutor.session(lesson)).attendance_etag
    marks = [tutor.mark(lesson, student_attendance_status=pb.late, attendance_etag=etag) for _ in range(12)]
    outcomes = await asyncio.gather(*marks, return_exceptions=True)
    assert sum(isinstance(outcome, pb.MarkAttendanceResponse) for outcome in outcomes) == 1
    assert len(platform.decisions(lesson, "id")) == 1


async def test_without_an_etag_the_last_decision_applies_and_every_one_is_kept(
    tutor: Client, admin: Client, platform: Platform, lesson: int
) -> None:
    await tutor.mark(lesson, student_attendance_status=pb.absent)
    await admin.mark(lesson, student_attendance_status=pb.late)
    assert platform.stored(lesson, *STATUSES)[1:] == ("late", "admin_override")
    assert platform.decisions(lesson, "student_status_before", "student_status_after") == [
        ("present", "absent"),
        ("absent", "late"),
    ]


async def test_a_mark_on_a_locked_session_fails_with_a_conflict(
    tutor: Client, platform: Platform, lesson: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "LOCK_TIMEOUT", text("SELECT set_config('lock_timeout', '100ms', true)"))
    platform.run("BEGIN")
    try:
        platform.run("SELECT id FROM sessions WHERE id = %s FOR UPDATE", lesson)
        mark = tutor.mark(lesson, student_attendance_status=pb.late)
        assert await refusal(mark) == (StatusCode.UNAVAILABLE, "STORAGE_CONFLICT")
    finally:
        platform.run("ROLLBACK")
