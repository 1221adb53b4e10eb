"""Requests for the reports about trends, and their rows as messages."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.attendance_trend import TrendQuery, TrendWeek
from attendance_service.domain.caller import Caller
from attendance_service.domain.listing import MAX_PAGE_SIZE, PageRequest
from attendance_service.domain.measurement import shown_minutes
from attendance_service.domain.students_at_risk import RISK_LIMITS, RiskQuery, StudentAtRisk
from attendance_service.wire import fields
from attendance_service.wire.page_tokens import number_page_position, page_scope


def trend_query(request: pb.ListAttendanceTrendRequest, caller: Caller) -> TrendQuery:
    """Return which weeks are asked for."""
    scope = page_scope(request, caller)
    after = number_page_position(request.page_token, scope, maximum=date.max.toordinal())
    return _trend_query(request, PageRequest(after=after, size=fields.page_size(request.page_size)))


def trend_export_query(request: pb.ExportAttendanceTrendRequest) -> TrendQuery:
    """Return the first page of an export, which reads all pages."""
    return _trend_query(request, PageRequest(size=MAX_PAGE_SIZE))


def _trend_query(
    request: pb.ListAttendanceTrendRequest | pb.ExportAttendanceTrendRequest, page: PageRequest[int]
) -> TrendQuery:
    return TrendQuery(
        tutor_id=fields.tutor_profile(request.tutor_id) if request.HasField("tutor_id") else None,
        student_id=fields.student_id(request.student_id) if request.HasField("student_id") else None,
        dates=fields.date_range(request.date_from, request.date_to),
        page=page,
    )


def trend_week(row: TrendWeek) -> pb.AttendanceTrendWeek:
    """Return one week."""
    return pb.AttendanceTrendWeek(
        week=row.week,
        first_day=row.first_day.isoformat(),
        lessons=row.lessons,
        marked=row.marked,
        attended=row.attended,
        present=row.present,
        late=row.late,
        absent=row.absent,
        excused=row.excused,
        unmarked=row.unmarked,
        attended_rate=row.rate,
        overlap_minutes=shown_minutes(timedelta(seconds=row.overlap_seconds)),
        scheduled_minutes=shown_minutes(timedelta(seconds=row.scheduled_seconds)),
    )


def risk_query(request: pb.ListStudentsAtRiskRequest, caller: Caller) -> RiskQuery:
    """Return which page of students at risk is asked for."""
    after = number_page_position(request.page_token, page_scope(request, caller))
    page = PageRequest(after=after, size=fields.page_size(request.page_size))
    return RiskQuery(last=fields.day("date_to", request.date_to), page=page)


def risk_export_query(request: pb.ExportStudentsAtRiskRequest) -> RiskQuery:
    """Return the first page of an export, which reads all pages."""
    return RiskQuery(last=fields.day("date_to", request.date_to), page=PageRequest(size=MAX_PAGE_SIZE))


def risk_limits() -> pb.RiskThresholds:
    """Return from where on a student is at risk; the fields have the names of the limits."""
    return pb.RiskThresholds(**asdict(RISK_LIMITS))


def student_at_risk(row: StudentAtRisk) -> pb.StudentAtRisk:
    """Return one student at risk."""
    return pb.StudentAtRisk(
        student_id=row.student_id,
        student_name=row.student_name,
        absences_in_a_row=row.absences_in_a_row,
        absent_in_a_row=row.is_absent_in_a_row,
        falling_rate=row.is_falling,
        recent_lessons=row.recent_lessons,
        recent_attended=row.recent_attended,
        recent_rate=row.recent_rate,
        earlier_lessons=row.earlier_lessons,
        earlier_attended=row.earlier_attended,
        earlier_rate=row.earlier_rate,
        last_session_id=row.last_session_id,
        last_day=row.last_day.isoformat(),
        tutor_name=row.tutor_name,
    )
