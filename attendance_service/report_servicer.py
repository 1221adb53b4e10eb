"""The reports of AttendanceService, each page by page and as CSV."""
# ruff: noqa: N802, D102, ARG002 - the contract names the methods, says what each is for and fixes their parameters

from __future__ import annotations

from google.api import httpbody_pb2

from astegni.attendance.v1 import attendance_pb2 as pb
from astegni.attendance.v1 import attendance_pb2_grpc
from attendance_service.use_cases.report_service import ReportService
from attendance_service.use_cases.trend_service import TrendService
from attendance_service.wire import reports, trends
from attendance_service.wire.csv_export import csv_file, csv_separator
from attendance_service.wire.fields import current_caller
from attendance_service.wire.page_tokens import number_page_token, page_scope, session_page_token


class ReportServicer(attendance_pb2_grpc.AttendanceServiceServicer):
    """The methods that report."""

    def __init__(self, *, reports: ReportService, trends: TrendService) -> None:
        """Everything it calls is passed in."""
        self._reports = reports
        self._trends = trends

    async def ListTutorAttendanceRates(
        self, request: pb.ListTutorAttendanceRatesRequest, context: object
    ) -> pb.ListTutorAttendanceRatesResponse:
        caller = current_caller()
        page = await self._reports.tutor_attendance_page(reports.tutor_query(request, caller), caller)
        return pb.ListTutorAttendanceRatesResponse(
            tutors=map(reports.tutor_attendance, page.rows),
            next_page_token=number_page_token(page.next, page_scope(request, caller)),
        )

    async def ExportTutorAttendanceRates(
        self, request: pb.ExportTutorAttendanceRatesRequest, context: object
    ) -> httpbody_pb2.HttpBody:
        separator = csv_separator(request.separator)
        rows = await self._reports.tutor_attendance(reports.tutor_export_query(request), current_caller())
        return csv_file(pb.TutorAttendanceRate, map(reports.tutor_attendance, rows), separator)

    async def GetStudentAttendanceReport(
        self, request: pb.GetStudentAttendanceReportRequest, context: object
    ) -> pb.GetStudentAttendanceReportResponse:
        caller = current_caller()
        report = await self._reports.student(reports.student_query(request, caller), caller)
        return pb.GetStudentAttendanceReportResponse(
            sessions=map(reports.student_attendance, report.page.rows),
            next_page_token=session_page_token(report.page.next, page_scope(request, caller)),
            student_name=report.student_name,
        )

    async def ExportStudentAttendanceReport(
        self, request: pb.ExportStudentAttendanceReportRequest, context: object
    ) -> httpbody_pb2.HttpBody:
        separator = csv_separator(request.separator)
        report = await self._reports.student(reports.student_export_query(request), current_caller())
        return csv_file(pb.StudentAttendanceRow, map(reports.student_attendance, report.page.rows), separator)

    async def ListWhiteboardEngagement(
        self, request: pb.ListWhiteboardEngagementRequest, context: object
    ) -> pb.ListWhiteboardEngagementResponse:
        caller = current_caller()
        page = await self._reports.engagement_page(reports.tutor_query(request, caller), caller)
        return pb.ListWhiteboardEngagementResponse(
            tutors=map(reports.whiteboard_engagement, page.rows),
            next_page_token=number_page_token(page.next, page_scope(request, caller)),
        )

    async def ExportWhiteboardEngagement(
        self, request: pb.ExportWhiteboardEngagementRequest, context: object
    ) -> httpbody_pb2.HttpBody:
        separator = csv_separator(request.separator)
        rows = await self._reports.engagement(reports.tutor_export_query(request), current_caller())
        return csv_file(pb.TutorWhiteboardEngagement, map(reports.whiteboard_engagement, rows), separator)

    async def ListLessonOutcomes(
        self, request: pb.ListLessonOutcomesRequest, context: object
    ) -> pb.ListLessonOutcomesResponse:
        caller = current_caller()
        query = reports.outcome_query(request, caller)
        page = await self._reports.lesson_outcomes_page(query, caller)
        return pb.ListLessonOutcomesResponse(
            outcomes=[reports.lesson_outcomes(row, query.grouping) for row in page.rows],
            next_page_token=number_page_token(page.next, page_scope(request, caller)),
        )

    async def ExportLessonOutcomes(
        self, request: pb.ExportLessonOutcomesRequest, context: object
    ) -> httpbody_pb2.HttpBody:
        separator, query = csv_separator(request.separator), reports.outcome_export_query(request)
        rows = await self._reports.lesson_outcomes(query, current_caller())
        lines = (reports.lesson_outcomes(row, query.grouping) for row in rows)
        left_out = reports.outcome_columns_left_out(query.grouping)
        return csv_file(pb.LessonOutcomeTotals, lines, separator, left_out=left_out)

    async def ListAttendanceTrend(
        self, request: pb.ListAttendanceTrendRequest, context: object
    ) -> pb.ListAttendanceTrendResponse:
        caller = current_caller()
        page = await self._trends.weeks_page(trends.trend_query(request, caller), caller)
        return pb.ListAttendanceTrendResponse(
            weeks=map(trends.trend_week, page.rows),
            next_page_token=number_page_token(page.next, page_scope(request, caller)),
        )

    async def ExportAttendanceTrend(
        self, request: pb.ExportAttendanceTrendRequest, context: object
    ) -> httpbody_pb2.HttpBody:
        separator, query = csv_separator(request.separator), trends.trend_export_query(request)
        rows = await self._trends.weeks(query, current_caller())
        return csv_file(pb.AttendanceTrendWeek, map(trends.trend_week, rows), separator)

    async def ListStudentsAtRisk(
        self, request: pb.ListStudentsAtRiskRequest, context: object
    ) -> pb.ListStudentsAtRiskResponse:
        caller = current_caller()
        report = await self._trends.at_risk_page(trends.risk_query(request, caller), caller)
        return pb.ListStudentsAtRiskResponse(
            students=map(trends.student_at_risk, report.page.rows),
            next_page_token=number_page_token(report.page.next, page_scope(request, caller)),
            limits=trends.risk_limits(),
            date_to=report.last.isoformat(),
        )

    async def ExportStudentsAtRisk(
        self, request: pb.ExportStudentsAtRiskRequest, context: object
    ) -> httpbody_pb2.HttpBody:
        separator, query = csv_separator(request.separator), trends.risk_export_query(request)
        rows = await self._trends.at_risk(query, current_caller())
        return csv_file(pb.StudentAtRisk, map(trends.student_at_risk, rows), separator)

    async def GetSuggestionAccuracy(
        self, request: pb.GetSuggestionAccuracyRequest, context: object
    ) -> pb.GetSuggestionAccuracyResponse:
        rows = await self._reports.suggestion_accuracy(reports.report_dates(request), current_caller())
        return reports.suggestion_accuracy(rows)

    async def ExportSuggestionAccuracy(
        self, request: pb.ExportSuggestionAccuracyRequest, context: object
    ) -> httpbody_pb2.HttpBody:
        separator = csv_separator(request.separator)
        rows = await self._reports.suggestion_accuracy(reports.report_dates(request), current_caller())
        return csv_file(pb.SuggestionAgreement, map(reports.agreement, rows), separator)
