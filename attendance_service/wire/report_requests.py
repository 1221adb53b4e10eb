"""From requests for reports to what is asked; InvalidArgument names every field at fault."""

from __future__ import annotations

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.browsing import LARGEST_PAGE_SIZE
from attendance_service.domain.caller import Caller
from attendance_service.domain.period import Period
from attendance_service.domain.reports import StudentQuery, TutorQuery
from attendance_service.wire import fields
from attendance_service.wire.page_tokens import number_page_position, session_page_position

PagedRequest = (
    pb.ListTutorAttendanceRatesRequest | pb.ListWhiteboardEngagementRequest | pb.GetStudentAttendanceReportRequest
)
ExportRequest = (
    pb.ExportTutorAttendanceRatesRequest
    | pb.ExportStudentAttendanceReportRequest
    | pb.ExportWhiteboardEngagementRequest
    | pb.ExportSuggestionAccuracyRequest
)


def tutors(
    request: pb.ListTutorAttendanceRatesRequest | pb.ListWhiteboardEngagementRequest, caller: Caller
) -> TutorQuery:
    """Return which page of a report on tutors is asked for."""
    return TutorQuery(
        period=period(request),
        after=number_page_position(request.page_token, question(request, caller)),
        size=fields.page_size(request.page_size),
    )


def whole_tutors(request: pb.ExportTutorAttendanceRatesRequest | pb.ExportWhiteboardEngagementRequest) -> TutorQuery:
    """Return the first of the pages that an export of a report on tutors is put together from."""
    return TutorQuery(period=period(request), size=LARGEST_PAGE_SIZE)


def student(request: pb.GetStudentAttendanceReportRequest, caller: Caller) -> StudentQuery:
    """Return which page of a student's report is asked for."""
    return StudentQuery(
        student_id=fields.student_id(request.student_id),
        period=period(request),
        after=session_page_position(request.page_token, question(request, caller)),
        size=fields.page_size(request.page_size),
    )


def whole_student(request: pb.ExportStudentAttendanceReportRequest) -> StudentQuery:
    """Return what an export of a student's report asks for."""
    return StudentQuery(student_id=fields.student_id(request.student_id), period=period(request))


def period(request: PagedRequest | ExportRequest | pb.GetSuggestionAccuracyRequest) -> Period:
    """Return the days that a report covers."""
    return fields.period(request.date_from, request.date_to)


def question(request: PagedRequest, caller: Caller) -> object:
    """Return what a page token is bound to: the report, whoever asks, and every filter."""
    student_id = request.student_id if isinstance(request, pb.GetStudentAttendanceReportRequest) else 0
    report = request.DESCRIPTOR.name
    return (report, caller.user_id, caller.role, student_id, request.date_from, request.date_to)
