from __future__ import annotations

import asyncio

import pytest
from grpc import StatusCode, aio
from sqlalchemy import text

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.store import decisions
from testkit.grpc_errors import refusal
from tests.integration.attendance.classes import DAWIT, OTHER, SARA, mark, statuses
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import ADMIN, OTHER_PARENT, PARENT, STATUSES, TUTOR, Platform


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


async def test_decisions_at_the_same_time_about_different_students_are_all_kept(
    channel: aio.Channel, platform: Platform, class_: int
) -> None:
    tutor, admin = Client(channel, TUTOR, "tutor"), Client(channel, ADMIN, "admin")
    parent, other_parent = Client(channel, PARENT, "parent"), Client(channel, OTHER_PARENT, "parent")
    for _ in range(5):
        # It covers the parent's own child alone.
        etag = (await other_parent.session(class_)).attendance_etag
        await asyncio.gather(
            tutor.mark(class_, students=[mark(DAWIT, pb.late)]),
            parent.mark(class_, students=[mark(SARA, pb.absent)]),
            other_parent.mark(class_, students=[mark(OTHER, pb.present)], attendance_etag=etag),
            admin.mark(class_, tutor_attendance_status=pb.absent),
        )
        assert await statuses(tutor, class_) == {
            DAWIT: ("late", "manual"),
            SARA: ("absent", "parent_reported"),
            OTHER: ("present", "parent_reported"),
        }
        assert platform.stored(class_, *STATUSES[:2]) == ("absent", "present")
        await admin.report("WithdrawDecision", session_id=class_)
    assert len(platform.decisions(class_, "id")) == 25


async def test_of_decisions_at_the_same_time_about_one_student_the_last_stands_and_all_are_kept(
    tutor: Client, parent: Client, platform: Platform, class_: int
) -> None:
    marks = [
        client.mark(class_, students=[mark(SARA, status)])
        for client in (tutor, parent)
        for status in (pb.present, pb.late, pb.absent)
    ]
    await asyncio.gather(*marks)
    rows = platform.rows("SELECT status_before, status_after FROM attendance_student_decisions ORDER BY decision_id")
    assert len(rows) == 6
    # Each saw the one before it.
    assert [before for before, _ in rows[1:]] == [after for _, after in rows[:-1]]
    assert (await statuses(tutor, class_))[SARA][0] == rows[-1][1]
