"""Requests for reports, and their rows as messages."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.caller import Caller
from attendance_service.domain.listing import MAX_PAGE_SIZE, DateRange, PageRequest
from attendance_service.domain.measurement import shown_percentage
from attendance_service.domain.reports import Agreement, StudentQuery, TutorAttendance, TutorQuery
from attendance_service.use_cases.report_service import EngagementRow, StudentReportRow
from attendance_service.wire import fields
from attendance_service.wire.fields import CONFIDENCES, written_day, written_time
from attendance_service.wire.page_tokens import number_page_position, page_scope, session_page_position

_SECONDS_PER_MINUTE = 60

ReportRequest = (
    pb.ListTutorAttendanceRatesRequest
    | pb.ListWhiteboardEngagementRequest
    | pb.GetStudentAttendanceReportRequest
    | pb.GetSuggestionAccuracyRequest
    | pb.ExportTutorAttendanceRatesRequest
    | pb.ExportStudentAttendanceReportRequest
    | pb.ExportWhiteboardEngagementRequest
    | pb.ExportSuggestionAccuracyRequest
)


def tutor_query(
    request: pb.ListTutorAttendanceRatesRequest | pb.ListWhiteboardEngagementRequest, caller: Caller
) -> TutorQuery:
    """Return which page of a report about tutors is asked for."""
    after = number_page_position(request.page_token, page_scope(request, caller))
    return TutorQuery(
        dates=report_dates(request), page=PageRequest(after=after, size=fields.page_size(request.page_size))
    )


def tutor_export_query(
    request: pb.ExportTutorAttendanceRatesRequest | pb.ExportWhiteboardEngagementRequest,
) -> TutorQuery:
    """Return the first page of an export, which reads all pages."""
    return TutorQuery(dates=report_dates(request), page=PageRequest(size=MAX_PAGE_SIZE))


def student_query(request: pb.GetStudentAttendanceReportRequest, caller: Caller) -> StudentQuery:
    """Return which page of a student's report is asked for."""
    return StudentQuery(
        student_id=fields.student_id(request.student_id),
        dates=report_dates(request),
        page=PageRequest(
            after=session_page_position(request.page_token, page_scope(request, caller)),
            size=fields.page_size(request.page_size),
        ),
    )


def student_export_query(request: pb.ExportStudentAttendanceReportRequest) -> StudentQuery:
    """Return the query of an export, which has all rows."""
    return StudentQuery(
        student_id=fields.student_id(request.student_id), dates=report_dates(request), page=PageRequest(size=None)
    )


def report_dates(request: ReportRequest) -> DateRange:
    """Return the days that a report covers."""
    return fields.date_range(request.date_from, request.date_to)


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
        session_date=written_day(session.schedule.day),
        start_time=written_time(session.schedule.start),
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
    """Return how often people agreed with suggestions, in total and by kind."""
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
