"""Requests to announce an absence, and notices as messages."""

from __future__ import annotations

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.absence_notices import AbsenceRequest, RecordedNotice
from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.wire import fields
from attendance_service.wire.fields import timestamp
from attendance_service.wire.free_texts import FreeTexts


def absence_request(request: pb.AnnounceAbsenceRequest, caller: Caller, texts: FreeTexts) -> AbsenceRequest:
    """Return what to announce. Tutors and admins say about whom; of a parent, the only child may be meant.

    Students announce nothing: they are refused later, whatever they send.
    """
    named = request.HasField("student_id") or request.HasField("user_id")
    if request.about_tutor and named:
        raise fields.invalid("about_tutor", "goes with neither student_id nor user_id")
    if not (request.about_tutor or named) and caller.role in {CallerRole.TUTOR, CallerRole.ADMIN}:
        raise fields.invalid("student_id", "send student_id or user_id of a student, or about_tutor")
    reason = texts.read("reason", request.reason).strip()
    if not (reason or request.withdrawn):
        raise fields.invalid("reason", "say why; tutor and parents read it")
    return AbsenceRequest(
        session_id=fields.session_id(request.session_id),
        about_tutor=request.about_tutor,
        student=fields.student_reference(request),
        reason=reason,
        withdrawn=request.withdrawn,
    )


def notice_message(notice: RecordedNotice) -> pb.AbsenceNotice:
    """Return one notice."""
    student = notice.student
    return pb.AbsenceNotice(
        notice_id=notice.id,
        session_id=notice.session_id,
        student_id=None if student is None else student.id,
        user_id=None if student is None else student.user_id,
        about_tutor=student is None,
        name=notice.name,
        reason=notice.reason,
        withdrawn=notice.withdrawn,
        announced_by=notice.announced_by,
        announced_by_name=notice.announced_by_name,
        announced_by_role=notice.announced_by_role,
        announced_at=timestamp(notice.announced_at),
    )
