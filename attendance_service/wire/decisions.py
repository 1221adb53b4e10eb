"""Requests to mark attendance, and decisions as messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.decision import Decision, MarkRequest, RecordedDecision
from attendance_service.domain.session import TutoringSession
from attendance_service.domain.vocabulary import AttendanceSource, AttendanceStatus
from attendance_service.domain.withdrawal import WithdrawalRequest
from attendance_service.wire import fields
from attendance_service.wire.fields import SOURCES, timestamp
from attendance_service.wire.suggestions import REVEALING_FIELDS
from servicekit.errors import FieldViolation, InvalidArgument
from servicekit.identifiers import UserId

_STATUS_FIELDS = ("tutor_attendance_status", "student_attendance_status")


def mark_request(request: pb.MarkAttendanceRequest) -> MarkRequest:
    """Return what to record."""
    mark = MarkRequest(
        session_id=fields.session_id(request.session_id),
        use_suggestion=request.use_suggestion,
        tutor_status=_status(request, "tutor_attendance_status"),
        student_status=_status(request, "student_attendance_status"),
        notes=_notes(request),
        suggestion_etag=request.etag,
        attendance_etag=request.attendance_etag,
    )
    _require_one_decision(mark)
    return mark


def mark_response(decision: Decision, stored: TutoringSession) -> pb.MarkAttendanceResponse:
    """Return what is stored now, with the source of this decision."""
    attendance = stored.attendance
    return pb.MarkAttendanceResponse(
        success=True,
        session_id=stored.id,
        tutor_attendance_status=attendance.tutor_status or "",
        student_attendance_status=attendance.student_status or "",
        attendance_source=SOURCES[decision.source],
        attendance_notes=attendance.notes,
        # Notes alone do not change the marker, and an old row may have none.
        attendance_marked_by=attendance.marked_by or 0,
        attendance_marked_at=timestamp(attendance.marked_at),
    )


def withdrawal_request(request: pb.WithdrawDecisionRequest) -> WithdrawalRequest:
    """Return what to withdraw."""
    return WithdrawalRequest(
        session_id=fields.session_id(request.session_id),
        notes=fields.long_text("notes", request.notes),
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
    )


def _status(request: pb.MarkAttendanceRequest, field: str) -> AttendanceStatus | None:
    return fields.status(field, getattr(request, field)) if request.HasField(field) else None  # type: ignore[arg-type]


def _notes(request: pb.MarkAttendanceRequest) -> str | None:
    if not request.HasField("attendance_notes"):
        return None
    return fields.long_text("attendance_notes", request.attendance_notes)


def _require_one_decision(mark: MarkRequest) -> None:
    if mark.use_suggestion and (mark.tutor_status is not None or mark.student_status is not None):
        raise fields.invalid("use_suggestion", "accepts the suggestion as it is; leave it out to send statuses")
    if mark.is_notes_alone and mark.notes is None:
        description = "send use_suggestion, or a status, or notes: there is nothing to record"
        raise InvalidArgument(*(FieldViolation(field, description) for field in ("use_suggestion", *_STATUS_FIELDS)))
    if mark.suggestion_etag and not mark.use_suggestion:
        raise fields.invalid("etag", "goes with use_suggestion; statuses go with attendance_etag")


def _visible(evidence: Mapping[str, Any], visible_students: frozenset[UserId] | None) -> Mapping[str, Any]:
    if visible_students is None:
        return evidence
    everyone = evidence.get("students", ())
    students = [student for student in everyone if student.get("user_id") in visible_students]
    hidden = (*(REVEALING_FIELDS if len(students) < len(everyone) else ()), "guests")
    return {name: value for name, value in evidence.items() if name not in hidden} | {"students": students}


def _struct(document: Mapping[str, Any]) -> Struct:
    return ParseDict(dict(document), Struct())
