"""A class of three students, each with a status of their own."""

from __future__ import annotations

from typing import Any

from astegni.attendance.v1 import attendance_pb2 as pb
from tests.integration.attendance.client import Client

#: student_profiles.id of STUDENT, CLASSMATE and OTHER_STUDENT.
SARA, DAWIT, OTHER = 21, 22, 23


def mark(student_id: int, status: pb.AttendanceStatus.ValueType | None = None, **fields: Any) -> pb.StudentMark:  # noqa: ANN401
    """Return what to record about one student."""
    return pb.StudentMark(student_id=student_id, status=status, **fields)


async def statuses(client: Client, session_id: int) -> dict[int, tuple[str, str]]:
    """Return status and source of each student whom the client sees."""
    return {it.student_id: (it.attendance_status, it.attendance_source) for it in await students(client, session_id)}


async def student(client: Client, session_id: int, student_id: int) -> pb.Student:
    """Return what is recorded about one student."""
    [wanted] = [it for it in await students(client, session_id) if it.student_id == student_id]
    return wanted


async def students(client: Client, session_id: int) -> list[pb.Student]:
    """Return what is recorded about each student whom the client sees."""
    return list((await client.session(session_id)).students)
