"""AttendanceService: the reports, page by page and as CSV."""
# ruff: noqa: N802, D102, ARG002 - the contract names the methods, says what each is for and fixes their parameters

from __future__ import annotations

from google.api import httpbody_pb2

from astegni.attendance.v1 import attendance_pb2 as pb
from astegni.attendance.v1 import attendance_pb2_grpc
from attendance_service.servicer.caller import current_caller
from attendance_service.use_cases.report import Reporting
from attendance_service.wire import report_requests
from attendance_service.wire.page_tokens import number_page_token, session_page_token
from attendance_service.wire.reports import (
    agreement,
    student_attendance,
    suggestion_accuracy,
    tutor_attendance,
    whiteboard_engagement,
)
from attendance_service.wire.spreadsheets import spreadsheet


class ReportsServicer(attendance_pb2_grpc.AttendanceServiceServicer):
    """The methods that report."""

    def __init__(self, reporting: Reporting) -> None:
        """Everything it calls is handed in."""
        self._reporting = reporting

    async def ListTutorAttendanceRates(
        self, request: pb.ListTutorAttendanceRatesRequest, context: object
    ) -> pb.ListTutorAttendanceRatesResponse:
        caller = current_caller()
        page = await self._reporting.tutor_attendance_page(report_requests.tutors(request, caller), caller)
        return pb.ListTutorAttendanceRatesResponse(
            tutors=[tutor_attendance(row) for row in page.rows],
            next_page_token=number_page_token(page.next, report_requests.question(request, caller)),
        )

    async def ExportTutorAttendanceRates(
        self, request: pb.ExportTutorAttendanceRatesRequest, context: object
    ) -> httpbody_pb2.HttpBody:
        rows = await self._reporting.tutor_attendance(report_requests.whole_tutors(request), current_caller())
        return spreadsheet(pb.TutorAttendanceRate, map(tutor_attendance, rows))

    async def GetStudentAttendanceReport(
        self, request: pb.GetStudentAttendanceReportRequest, context: object
    ) -> pb.GetStudentAttendanceReportResponse:
        caller = current_caller()
        report = await self._reporting.student(report_requests.student(request, caller), caller)
        return pb.GetStudentAttendanceReportResponse(
            sessions=[student_attendance(row) for row in report.page.rows],
            next_page_token=session_page_token(report.page.next, report_requests.question(request, caller)),
            student_name=report.student_name,
        )

    async def ExportStudentAttendanceReport(
        self, request: pb.ExportStudentAttendanceReportRequest, context: object
    ) -> httpbody_pb2.HttpBody:
        report = await self._reporting.student(report_requests.whole_student(request), current_caller())
        return spreadsheet(pb.StudentAttendanceRow, map(student_attendance, report.page.rows))

    async def ListWhiteboardEngagement(
        self, request: pb.ListWhiteboardEngagementRequest, context: object
    ) -> pb.ListWhiteboardEngagementResponse:
        caller = current_caller()
        page = await self._reporting.engagement_page(report_requests.tutors(request, caller), caller)
        return pb.ListWhiteboardEngagementResponse(
            tutors=[whiteboard_engagement(row) for row in page.rows],
            next_page_token=number_page_token(page.next, report_requests.question(request, caller)),
        )

    async def ExportWhiteboardEngagement(
        self, request: pb.ExportWhiteboardEngagementRequest, context: object
    ) -> httpbody_pb2.HttpBody:
        rows = await self._reporting.engagement(report_requests.whole_tutors(request), current_caller())
        return spreadsheet(pb.TutorWhiteboardEngagement, map(whiteboard_engagement, rows))

    async def GetSuggestionAccuracy(
        self, request: pb.GetSuggestionAccuracyRequest, context: object
    ) -> pb.GetSuggestionAccuracyResponse:
        return suggestion_accuracy(await self._reporting.agreement(report_requests.period(request), current_caller()))

    async def ExportSuggestionAccuracy(
        self, request: pb.ExportSuggestionAccuracyRequest, context: object
    ) -> httpbody_pb2.HttpBody:
        rows = await self._reporting.agreement(report_requests.period(request), current_caller())
        return spreadsheet(pb.SuggestionAgreement, map(agreement, rows))
