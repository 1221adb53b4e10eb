from __future__ import annotations

from typing import Any

import pytest
from grpc import StatusCode

from astegni.attendance.v1 import attendance_pb2 as pb
from testkit.grpc_errors import refusal
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import (
    PARENT,
    STATUSES,
    Platform,
)


async def test_a_parent_reports_their_child(parent: Client, platform: Platform, lesson: int) -> None:
    await parent.mark(lesson, student_attendance_status=pb.absent, attendance_notes="Fever")
    assert platform.stored(lesson, *STATUSES) == ("present", "absent", "parent_reported")
    assert platform.decisions(lesson, "decided_by", "decided_by_role") == [(PARENT, "parent")]


async def test_a_parent_does_not_decide_on_the_tutor(parent: Client, lesson: int) -> None:
    mark = parent.mark(lesson, tutor_attendance_status=pb.absent)
    assert await refusal(mark) == (StatusCode.PERMISSION_DENIED, "PARENTS_REPORT_THEIR_CHILD")


async def test_a_parent_does_not_accept_suggestions(parent: Client, lesson: int) -> None:
    assert await refusal(parent.mark(lesson, use_suggestion=True)) == (
        StatusCode.PERMISSION_DENIED,
        "PARENTS_REPORT_THEIR_CHILD",
    )


async def test_a_student_does_not_decide(student: Client, lesson: int) -> None:
    mark = student.mark(lesson, student_attendance_status=pb.present)
    assert await refusal(mark) == (StatusCode.PERMISSION_DENIED, "STUDENTS_DO_NOT_DECIDE")


async def test_an_admin_overrides(admin: Client, platform: Platform, lesson: int) -> None:
    await admin.mark(lesson, tutor_attendance_status=pb.absent, student_attendance_status=pb.absent)
    assert platform.stored(lesson, *STATUSES) == ("absent", "absent", "admin_override")


@pytest.mark.parametrize("admins_mark", [{"use_suggestion": True}, {"student_attendance_status": pb.late}])
async def test_nobody_but_an_admin_changes_what_an_admin_decided(
    admin: Client, tutor: Client, parent: Client, platform: Platform, *, lesson: int, admins_mark: dict[str, Any]
) -> None:
    await admin.mark(lesson, **admins_mark)
    before = platform.stored(lesson, *STATUSES)
    for caller in (tutor, parent):
        mark = caller.mark(lesson, student_attendance_status=pb.absent)
        assert await refusal(mark) == (StatusCode.PERMISSION_DENIED, "ADMIN_DECIDED")
    accept = tutor.mark(lesson, use_suggestion=True)
    assert await refusal(accept) == (StatusCode.PERMISSION_DENIED, "ADMIN_DECIDED")
    assert platform.stored(lesson, *STATUSES) == before
    await admin.mark(lesson, student_attendance_status=pb.absent)
    assert platform.stored(lesson, "student_attendance_status") == ("absent",)


async def test_a_tutor_still_decides_on_the_person_whom_no_admin_decided_on(
    admin: Client, tutor: Client, platform: Platform, lesson: int
) -> None:
    await admin.mark(lesson, student_attendance_status=pb.late)
    await tutor.mark(lesson, tutor_attendance_status=pb.absent)
    assert platform.stored(lesson, *STATUSES[:2]) == ("absent", "late")


async def test_an_admin_s_decision_from_before_the_ledger_stands_as_well(parent: Client, platform: Platform) -> None:
    lesson = platform.add_session(attendance_source="admin_override", student_attendance_status="late")
    mark = parent.mark(lesson, student_attendance_status=pb.absent)
    assert await refusal(mark) == (StatusCode.PERMISSION_DENIED, "ADMIN_DECIDED")


async def test_a_tutor_does_not_replace_an_admin_s_notes(
    admin: Client, tutor: Client, platform: Platform, lesson: int
) -> None:
    await tutor.mark(lesson, student_attendance_status=pb.late, attendance_notes="Bus")
    await admin.mark(lesson, attendance_notes="Checked")
    for notes in ("Bus again", ""):
        mark = tutor.mark(lesson, attendance_notes=notes)
        assert await refusal(mark) == (StatusCode.PERMISSION_DENIED, "ADMIN_DECIDED")
    await tutor.mark(lesson, student_attendance_status=pb.present)
    assert platform.stored(lesson, "student_attendance_status", "attendance_notes") == ("present", "Checked")


async def test_a_parent_s_word_keeps_the_tutor_s_notes_beside_it(
    tutor: Client, parent: Client, platform: Platform, lesson: int
) -> None:
    await tutor.mark(lesson, student_attendance_status=pb.absent, attendance_notes="Did not answer")
    await parent.mark(lesson, student_attendance_status=pb.late, attendance_notes="Power cut")
    assert platform.stored(lesson, "student_attendance_status", "attendance_notes") == (
        "late",
        "Did not answer\nParent: Power cut",
    )
    assert platform.decisions(lesson, "notes") == [("Did not answer",), ("Power cut",)]
    marked = await parent.mark(lesson, student_attendance_status=pb.late, attendance_notes="Power cut until 10:20")
    assert marked.attendance_notes == "Did not answer\nParent: Power cut until 10:20"
    marked = await parent.mark(lesson, student_attendance_status=pb.late, attendance_notes="")
    assert marked.attendance_notes == "Did not answer"


async def test_a_parent_replaces_their_own_notes(parent: Client, platform: Platform, lesson: int) -> None:
    for notes in ("Fever", "High fever"):
        await parent.mark(lesson, student_attendance_status=pb.absent, attendance_notes=notes)
    assert platform.stored(lesson, "attendance_notes") == ("High fever",)


async def test_a_tutor_overrules_a_parent(tutor: Client, parent: Client, platform: Platform, lesson: int) -> None:
    await parent.mark(lesson, student_attendance_status=pb.present)
    await tutor.mark(lesson, student_attendance_status=pb.absent)
    assert platform.stored(lesson, "student_attendance_status") == ("absent",)


async def test_an_admin_without_a_user_here_is_refused(channel: object, platform: Platform, lesson: int) -> None:
    stranger = Client(channel, 999, "admin")  # type: ignore[arg-type]  # a channel
    mark = stranger.mark(lesson, student_attendance_status=pb.absent)
    assert await refusal(mark) == (StatusCode.PERMISSION_DENIED, "CALLER_UNKNOWN")
    assert platform.decisions(lesson, "id") == []
