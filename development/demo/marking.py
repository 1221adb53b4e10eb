"""The decisions of the demo's people, each with a token of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from grpc import aio

from astegni.attendance.v1 import attendance_pb2 as attendance
from astegni.attendance.v1.attendance_pb2_grpc import AttendanceServiceStub
from development.demo.people import Person, person
from development.demo.story import Mark
from development.demo.timetable import Lesson

#: The source of a session without a decision.
UNMARKED = "system_default"


async def take_decisions(lessons: Iterable[Lesson], address: str, token_for: Callable[[Person], str]) -> None:
    """Mark every lesson that has a mark in its story and is not marked yet."""
    async with aio.insecure_channel(address) as channel:
        service = AttendanceServiceStub(channel)
        for lesson in lessons:
            mark = lesson.story.mark
            if mark is None:
                continue
            metadata = (("authorization", f"Bearer {token_for(person(mark.by))}"),)
            session = await service.GetSession(
                attendance.GetSessionRequest(session_id=lesson.session_id), metadata=metadata
            )
            if session.attendance_source == UNMARKED:
                await service.MarkAttendance(_request(lesson.session_id, mark), metadata=metadata)


def _request(session_id: int, mark: Mark) -> attendance.MarkAttendanceRequest:
    request = attendance.MarkAttendanceRequest(session_id=session_id, attendance_notes=mark.notes)
    if mark.use_suggestion:
        request.use_suggestion = True
    if mark.tutor:
        request.tutor_attendance_status = attendance.AttendanceStatus.Value(mark.tutor)
    if mark.student:
        request.student_attendance_status = attendance.AttendanceStatus.Value(mark.student)
    return request
