from __future__ import annotations

from grpc import StatusCode

from astegni.attendance.v1 import attendance_pb2 as pb
from testkit.grpc_errors import refusal
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import (
    CLASS,
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


async def test_a_parent_does_not_overwrite_the_status_of_a_class(parent: Client, platform: Platform) -> None:
    session_id = platform.add_session(enrolled_courses_id=CLASS)
    mark = parent.mark(session_id, student_attendance_status=pb.absent)
    assert await refusal(mark) == (StatusCode.FAILED_PRECONDITION, "GROUP_CLASS")


async def test_a_student_does_not_decide(student: Client, lesson: int) -> None:
    mark = student.mark(lesson, student_attendance_status=pb.present)
    assert await refusal(mark) == (StatusCode.PERMISSION_DENIED, "STUDENTS_DO_NOT_DECIDE")


async def test_an_admin_overrides(admin: Client, platform: Platform, lesson: int) -> None:
    await admin.mark(lesson, tutor_attendance_status=pb.absent, student_attendance_status=pb.absent)
    assert platform.stored(lesson, *STATUSES) == ("absent", "absent", "admin_override")


async def test_an_admin_without_a_user_here_is_refused(channel: object, platform: Platform, lesson: int) -> None:
    stranger = Client(channel, 999, "admin")  # type: ignore[arg-type]  # a channel
    mark = stranger.mark(lesson, student_attendance_status=pb.absent)
    assert await refusal(mark) == (StatusCode.PERMISSION_DENIED, "CALLER_UNKNOWN")
    assert platform.decisions(lesson, "id") == []
