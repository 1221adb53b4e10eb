"""Requests for reports, and their rows as messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.caller import Caller
from attendance_service.domain.listing import MAX_PAGE_SIZE, DateRange, PageRequest
from attendance_service.domain.measurement import shown_minutes, shown_percentage
from attendance_service.domain.reports import (
    Agreement,
    LessonOutcomeTotals,
    OutcomeGrouping,
    OutcomeQuery,
    StudentQuery,
    TutorAttendance,
    TutorQuery,
)
from attendance_service.use_cases.report_service import EngagementRow, StudentReportRow
from attendance_service.wire import fields
from attendance_service.wire.fields import CONFIDENCES, written_day, written_time
from attendance_service.wire.page_tokens import number_page_position, page_scope, session_page_position
from servicekit.identifiers import MAX_ID

_SECONDS_PER_MINUTE = 60
#: Fields of the report on lesson outcomes that only one grouping sets.
_GROUPED_BY = {
    OutcomeGrouping.DAY: frozenset({"day"}),
    OutcomeGrouping.TUTOR: frozenset({"tutor_id", "tutor_name"}),
    OutcomeGrouping.STUDENT: frozenset({"student_id", "student_name"}),
}

ReportRequest = (
    pb.ListTutorAttendanceRatesRequest
    | pb.ListWhiteboardEngagementRequest
    | pb.GetStudentAttendanceReportRequest
    | pb.GetSuggestionAccuracyRequest
    | pb.ExportTutorAttendanceRatesRequest
    | pb.ExportStudentAttendanceReportRequest
    | pb.ExportWhiteboardEngagementRequest
    | pb.ExportSuggestionAccuracyRequest
    | pb.ListLessonOutcomesRequest
    | pb.ExportLessonOutcomesRequest
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


def outcome_query(request: pb.ListLessonOutcomesRequest, caller: Caller) -> OutcomeQuery:
    """Return which page of the report on lesson outcomes is asked for."""
    grouping = _grouping(request.group_by)
    last = date.max.toordinal() if grouping is OutcomeGrouping.DAY else MAX_ID
    after = number_page_position(request.page_token, page_scope(request, caller), maximum=last)
    page = PageRequest(after=after, size=fields.page_size(request.page_size))
    return OutcomeQuery(grouping=grouping, dates=report_dates(request), page=page)


def outcome_export_query(request: pb.ExportLessonOutcomesRequest) -> OutcomeQuery:
    """Return the first page of an export, which reads all pages."""
    dates = report_dates(request)
    return OutcomeQuery(grouping=_grouping(request.group_by), dates=dates, page=PageRequest(size=MAX_PAGE_SIZE))


def outcome_columns_left_out(grouping: OutcomeGrouping) -> frozenset[str]:
    """Return the fields that no line of a CSV has, because other groupings have them."""
    return frozenset().union(*(columns for other, columns in _GROUPED_BY.items() if other is not grouping))


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
        excused=row.excused,
        tutor_id=row.profile_id,
        tutor_username=row.tutor_username,
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
        note=session.note,
        excused=session.excused,
        excuse_reason=session.excuse_reason,
        active_minutes=None if row.active_seconds is None else row.active_seconds / _SECONDS_PER_MINUTE,
        course_name=session.course_name,
        tutor_name=session.tutor_name,
        end_time=written_time(session.schedule.end),
    )


def whiteboard_engagement(row: EngagementRow) -> pb.TutorWhiteboardEngagement:
    """Return the engagement of one tutor."""
    engagement = row.engagement
    return pb.TutorWhiteboardEngagement(
        tutor_name=row.tutor.name,
        whiteboard_sessions=engagement.session_count,
        avg_tutor_active_minutes=engagement.tutor_active_minutes,
        avg_student_active_minutes=engagement.student_active_minutes,
        avg_student_engagement_pct=engagement.student_percentage,
        tutor_id=row.tutor.profile_id,
        tutor_username=row.tutor.username,
    )


def lesson_outcomes(row: LessonOutcomeTotals, grouping: OutcomeGrouping) -> pb.LessonOutcomeTotals:
    """Return what became of the lessons of one day, tutor or student."""
    is_tutor, is_student = grouping is OutcomeGrouping.TUTOR, grouping is OutcomeGrouping.STUDENT
    return pb.LessonOutcomeTotals(
        day=None if row.day is None else row.day.isoformat(),
        tutor_id=row.id if is_tutor else None,
        tutor_name=row.name if is_tutor else None,
        student_id=row.id if is_student else None,
        student_name=row.name if is_student else None,
        lessons=row.lessons,
        held=row.held,
        student_no_shows=row.student_no_shows,
        tutor_no_shows=row.tutor_no_shows,
        nobody_came=row.nobody_came,
        cancelled=row.cancelled,
        cannot_know=row.cannot_know,
        overlap_minutes=_minutes(row.overlap_seconds),
        billable_minutes=_minutes(row.billable_seconds),
        tutor_waited_minutes=_minutes(row.tutor_waited_seconds),
        student_waited_minutes=_minutes(row.student_waited_seconds),
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


def _grouping(value: str) -> OutcomeGrouping:
    if value and value not in set(OutcomeGrouping):
        raise fields.invalid("group_by", f"must be one of {', '.join(OutcomeGrouping)}; empty means day")
    return OutcomeGrouping(value or OutcomeGrouping.DAY)


def _minutes(seconds: int) -> float:
    return shown_minutes(timedelta(seconds=seconds))
