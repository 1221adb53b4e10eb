"""Rows of reports as messages."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.reports import Agreement, TutorAttendance
from attendance_service.domain.rounding import shown_percentage
from attendance_service.use_cases.report import EngagementRow, StudentReportRow
from attendance_service.wire.sessions import clock_time, day
from attendance_service.wire.words import CONFIDENCES

_SECONDS_PER_MINUTE = 60


def tutor_attendance(row: TutorAttendance) -> pb.TutorAttendanceRate:
    """Return the attendance of one tutor."""
    return pb.TutorAttendanceRate(
        tutor_name=row.tutor_name,
        total_sessions=row.total,
        present=row.present,
        late=row.late,
        absent=row.absent,
        unmarked=row.unmarked,
        attendance_rate=row.rate,
    )


def student_attendance(row: StudentReportRow) -> pb.StudentAttendanceRow:
    """Return one session of a student."""
    session = row.session
    return pb.StudentAttendanceRow(
        session_id=session.session_id,
        session_date=day(session.day),
        start_time=clock_time(session.start),
        student_attendance_status=session.status,
        attendance_source=session.source,
        attendance_notes=session.notes,
        active_minutes=None if row.active_seconds is None else row.active_seconds / _SECONDS_PER_MINUTE,
    )


def whiteboard_engagement(row: EngagementRow) -> pb.TutorWhiteboardEngagement:
    """Return the engagement of one tutor."""
    engagement = row.engagement
    return pb.TutorWhiteboardEngagement(
        tutor_name=row.tutor_name,
        whiteboard_sessions=engagement.session_count,
        avg_tutor_active_minutes=engagement.tutor_active_minutes,
        avg_student_active_minutes=engagement.student_active_minutes,
        avg_student_engagement_pct=engagement.student_percentage,
    )


def suggestion_accuracy(rows: Sequence[Agreement]) -> pb.GetSuggestionAccuracyResponse:
    """Return how often people agreed with suggestions, in all and by kind."""
    decided, agreed = sum(row.decided for row in rows), sum(row.agreed for row in rows)
    return pb.GetSuggestionAccuracyResponse(
        agreements=map(agreement, rows),
        decided=decided,
        agreed=agreed,
        agreement_percentage=shown_percentage(Fraction(100 * agreed, decided)) if decided else None,
    )


def agreement(row: Agreement) -> pb.SuggestionAgreement:
    """Return how often people agreed with suggestions of one kind."""
    return pb.SuggestionAgreement(
        month=row.month,
        confidence=CONFIDENCES[row.confidence],
        reason=row.reason,
        decided=row.decided,
        agreed=row.agreed,
    )
