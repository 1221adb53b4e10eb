"""Decisions as messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.decision import Decision, RecordedDecision
from attendance_service.domain.session import TutoringSession
from attendance_service.domain.vocabulary import AttendanceSource
from attendance_service.wire.moments import timestamp
from attendance_service.wire.suggestions import TELLING_OF_OTHERS
from attendance_service.wire.words import SOURCES
from servicekit.identifiers import UserId


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
        # Notes alone leave the marker as it is, and a row from before may name none.
        attendance_marked_by=attendance.marked_by or 0,
        attendance_marked_at=timestamp(attendance.marked_at),
    )


def decision_message(decision: RecordedDecision, visible_students: frozenset[UserId] | None) -> pb.AttendanceDecision:
    """Return one decision, with evidence about those alone whom the caller may see (None: everybody)."""
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
    )


def _visible(evidence: Mapping[str, Any], visible_students: frozenset[UserId] | None) -> Mapping[str, Any]:
    if visible_students is None:
        return evidence
    everybody = evidence.get("students", ())
    students = [student for student in everybody if student.get("user_id") in visible_students]
    hidden = TELLING_OF_OTHERS if len(students) < len(everybody) else ()
    return {name: value for name, value in evidence.items() if name not in hidden} | {"students": students}


def _struct(document: Mapping[str, Any]) -> Struct:
    return ParseDict(dict(document), Struct())
