"""The decisions, claims and notices of the demo's people, each with a token of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from astegni.attendance.v1 import attendance_pb2 as attendance
from astegni.attendance.v1 import attendance_pb2_grpc
from development.demo.people import Person, person
from development.demo.story import Absence, Claim, Mark
from development.demo.timetable import Lesson
from servicekit.tls.mutual import Identity, open_channel

#: The source of a session without a decision.
UNMARKED = "system_default"


async def take_decisions(
    lessons: Iterable[Lesson], address: str, token_for: Callable[[Person], str], identity: Identity | None = None
) -> None:
    """Mark every lesson that has a mark and is not marked yet, raise each claim once, and announce absences.

    Without an identity the service speaks plaintext.
    """
    async with open_channel(address, identity) as channel:
        service: attendance_pb2_grpc.AttendanceServiceAsyncStub = attendance_pb2_grpc.AttendanceServiceStub(channel)
        for lesson in lessons:
            if lesson.story.mark is not None:
                await _take_decision(service, lesson.session_id, lesson.story.mark, token_for)
            if lesson.story.claim is not None:
                await _raise_claim(service, lesson.session_id, lesson.story.claim, token_for)
            if lesson.story.absence is not None:
                await _announce(service, lesson.session_id, lesson.story.absence, token_for)


async def _take_decision(
    service: attendance_pb2_grpc.AttendanceServiceAsyncStub,
    session_id: int,
    mark: Mark,
    token_for: Callable[[Person], str],
) -> None:
    metadata = (("authorization", f"Bearer {token_for(person(mark.by))}"),)
    session = await service.GetSession(attendance.GetSessionRequest(session_id=session_id), metadata=metadata)
    if session.attendance_source == UNMARKED:
        await service.MarkAttendance(_request(session_id, mark), metadata=metadata)


async def _raise_claim(
    service: attendance_pb2_grpc.AttendanceServiceAsyncStub,
    session_id: int,
    claim: Claim,
    token_for: Callable[[Person], str],
) -> None:
    metadata = (("authorization", f"Bearer {token_for(person(claim.by))}"),)
    raised = await service.ListClaims(attendance.ListClaimsRequest(session_id=session_id), metadata=metadata)
    if not raised.claims:
        request = attendance.RaiseClaimRequest(
            session_id=session_id, claimed_status=attendance.AttendanceStatus.Value(claim.status), note=claim.note
        )
        await service.RaiseClaim(request, metadata=metadata)


async def _announce(
    service: attendance_pb2_grpc.AttendanceServiceAsyncStub,
    session_id: int,
    absence: Absence,
    token_for: Callable[[Person], str],
) -> None:
    """Announce an absence; the service records the same notice once."""
    metadata = (("authorization", f"Bearer {token_for(person(absence.by))}"),)
    request = attendance.AnnounceAbsenceRequest(session_id=session_id, user_id=absence.student, reason=absence.reason)
    await service.AnnounceAbsence(request, metadata=metadata)


def _request(session_id: int, mark: Mark) -> attendance.MarkAttendanceRequest:
    request = attendance.MarkAttendanceRequest(session_id=session_id, attendance_notes=mark.notes)
    if mark.use_suggestion:
        request.use_suggestion = True
    if mark.tutor:
        request.tutor_attendance_status = attendance.AttendanceStatus.Value(mark.tutor)
    if mark.student:
        request.student_attendance_status = attendance.AttendanceStatus.Value(mark.student)
    for user_id, decided in mark.students.items():
        excuse = {"excused": True, "excuse_reason": decided.excuse} if decided.excuse else {}
        status = attendance.AttendanceStatus.Value(decided.status)
        request.students.add(user_id=user_id, status=status, note=decided.note, **excuse)
    return request
