"""Requests to mark attendance, and decisions as messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.caller import Caller
from attendance_service.domain.decision import (
    Decision,
    MarkRequest,
    RecordedDecision,
    RecordedStudentDecision,
    StudentMark,
)
from attendance_service.domain.session import TutoringSession
from attendance_service.domain.vocabulary import AttendanceSource, AttendanceStatus
from attendance_service.domain.withdrawal import WithdrawalRequest
from attendance_service.wire import fields
from attendance_service.wire.fields import SOURCES, timestamp
from attendance_service.wire.free_texts import FreeTexts
from attendance_service.wire.sessions import students_in_session
from attendance_service.wire.suggestions import REVEALING_FIELDS
from servicekit.errors import FieldViolation, InvalidArgument
from servicekit.identifiers import UserId

_STATUS_FIELDS = ("tutor_attendance_status", "student_attendance_status")


def mark_request(request: pb.MarkAttendanceRequest, texts: FreeTexts) -> MarkRequest:
    """Return what to record."""
    mark = MarkRequest(
        session_id=fields.session_id(request.session_id),
        use_suggestion=request.use_suggestion,
        tutor_status=_status(request, "tutor_attendance_status"),
        student_status=_status(request, "student_attendance_status"),
        notes=_text(texts, request, "attendance_notes"),
        students=tuple(_student_mark(texts, student, place) for place, student in enumerate(request.students)),
        tutor_excused=request.tutor_excused if request.HasField("tutor_excused") else None,
        tutor_excuse_reason=_text(texts, request, "tutor_excuse_reason"),
        suggestion_etag=request.etag,
        attendance_etag=request.attendance_etag,
    )
    _require_one_decision(mark)
    return mark


def mark_response(
    decision: Decision | None, stored: TutoringSession, caller: Caller, *, claim_id: int | None = None
) -> pb.MarkAttendanceResponse:
    """Return what is stored now, with the source of this decision, or if there is none, of the one before.

    `claim_id` is the claim that a parent's word became.
    """
    attendance = stored.attendance
    source = AttendanceSource(attendance.source) if decision is None else decision.source
    return pb.MarkAttendanceResponse(
        success=True,
        session_id=stored.id,
        tutor_attendance_status=attendance.tutor_status or "",
        student_attendance_status=attendance.student_status or "",
        attendance_source=SOURCES[source],
        attendance_notes=attendance.notes,
        # Notes alone do not change the marker, and an old row may have none.
        attendance_marked_by=attendance.marked_by or 0,
        attendance_marked_at=timestamp(attendance.marked_at),
        students=students_in_session(stored, caller),
        claim_id=claim_id,
        attendance_etag=stored.attendance_etag(caller),
    )


def withdrawal_request(request: pb.WithdrawDecisionRequest, texts: FreeTexts) -> WithdrawalRequest:
    """Return what to withdraw."""
    return WithdrawalRequest(
        session_id=fields.session_id(request.session_id),
        students=tuple(fields.student_id(student) for student in request.student_ids),
        notes=texts.read("notes", request.notes),
        attendance_etag=request.attendance_etag,
    )


def decision_message(decision: RecordedDecision, visible_students: frozenset[UserId] | None) -> pb.AttendanceDecision:
    """Return one decision, with evidence only about students whom the caller may see (None: everyone)."""
    return pb.AttendanceDecision(
        id=decision.id,
        decided_at=timestamp(decision.decided_at),
        decided_by=decision.decided_by,
        decided_by_name=decision.decided_by_name,
        decided_by_role=decision.decided_by_role,
        source=SOURCES[AttendanceSource(decision.source)],
        tutor_status_before=decision.tutor_status_before,
        tutor_status_after=decision.tutor_status_after,
        student_status_before=decision.student_status_before,
        student_status_after=decision.student_status_after,
        notes=decision.notes,
        evidence=None if decision.evidence is None else _struct(_visible(decision.evidence, visible_students)),
        limits=_struct(decision.limits),
        policy_version=decision.policy_version,
        source_before=decision.source_before,
        tutor_withdrawn=decision.tutor_withdrawn,
        student_withdrawn=decision.student_withdrawn,
        students=[_student_decision(student) for student in decision.students],
        tutor_excused=decision.tutor_excused,
        tutor_excuse_reason=decision.tutor_excuse_reason,
        claim_id=decision.claim_id,
    )


def _student_decision(decision: RecordedStudentDecision) -> pb.StudentDecision:
    return pb.StudentDecision(
        student_id=decision.student.id,
        user_id=decision.student.user_id,
        name=decision.student.name,
        status_before=decision.status_before,
        status_after=decision.status_after,
        source=decision.source,
        source_before=decision.source_before,
        withdrawn=decision.withdrawn,
        note=decision.note,
        excused=decision.excused,
        excuse_reason=decision.excuse_reason,
    )


def _status(request: pb.MarkAttendanceRequest, field: str) -> AttendanceStatus | None:
    return fields.status(field, getattr(request, field)) if request.HasField(field) else None  # type: ignore[arg-type]


def _text(
    texts: FreeTexts, request: pb.MarkAttendanceRequest, field: Literal["attendance_notes", "tutor_excuse_reason"]
) -> str | None:
    return texts.read(field, getattr(request, field)) if request.HasField(field) else None


def _student_mark(texts: FreeTexts, student: pb.StudentMark, place: int) -> StudentMark:
    def path(field: str) -> str:
        return f"students[{place}].{field}"

    mark = StudentMark(
        student_id=fields.student_id(student.student_id) if student.HasField("student_id") else None,
        user_id=UserId(student.user_id) if student.HasField("user_id") else None,
        status=fields.status(path("status"), student.status) if student.HasField("status") else None,
        use_suggestion=student.use_suggestion,
        note=texts.read(path("note"), student.note) if student.HasField("note") else None,
        excused=student.excused if student.HasField("excused") else None,
        excuse_reason=texts.read(path("excuse_reason"), student.excuse_reason)
        if student.HasField("excuse_reason")
        else None,
    )
    if mark.student_id is None and mark.user_id is None:
        raise fields.invalid(path("student_id"), "send student_id or user_id, as GetSession returns them")
    if mark.use_suggestion and mark.status is not None:
        raise fields.invalid(path("use_suggestion"), "accepts the suggestion as it is; leave it out to send a status")
    if mark.excuse_reason is not None and not mark.excused:
        raise fields.invalid(path("excuse_reason"), "goes with excused")
    if mark.is_empty:
        raise fields.invalid(
            path("status"), "send a status, use_suggestion, a note or excused: there is nothing to record"
        )
    return mark


def _require_one_decision(mark: MarkRequest) -> None:
    if mark.use_suggestion and (mark.tutor_status is not None or mark.student_status is not None):
        raise fields.invalid("use_suggestion", "accepts the suggestion as it is; leave it out to send statuses")
    if mark.is_empty:
        description = "send use_suggestion, or a status, or students, or notes: there is nothing to record"
        raise InvalidArgument(*(FieldViolation(field, description) for field in ("use_suggestion", *_STATUS_FIELDS)))
    if mark.suggestion_etag and not mark.accepts:
        raise fields.invalid("etag", "goes with use_suggestion; statuses go with attendance_etag")
    if mark.tutor_excuse_reason is not None and not mark.tutor_excused:
        raise fields.invalid("tutor_excuse_reason", "goes with tutor_excused")


def _visible(evidence: Mapping[str, Any], visible_students: frozenset[UserId] | None) -> Mapping[str, Any]:
    if visible_students is None:
        return evidence
    everyone = evidence.get("students", ())
    students = [student for student in everyone if student.get("user_id") in visible_students]
    hidden = (*(REVEALING_FIELDS if len(students) < len(everyone) else ()), "guests")
    return {name: value for name, value in evidence.items() if name not in hidden} | {"students": students}


def _struct(document: Mapping[str, Any]) -> Struct:
    return ParseDict(dict(document), Struct())
