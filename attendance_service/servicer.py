"""AttendanceService: each method reads the request, calls one use case and returns its result as a message."""
# ruff: noqa: N802, D102, ARG002 - the contract names the methods, says what each is for and fixes their parameters

from __future__ import annotations

from datetime import tzinfo

from google.api import httpbody_pb2

from astegni.attendance.v1 import attendance_pb2 as pb
from astegni.attendance.v1 import attendance_pb2_grpc
from attendance_service.domain.caller import Caller
from attendance_service.domain.listing import PageRequest
from attendance_service.use_cases.absence_service import AbsenceService
from attendance_service.use_cases.bulk_accept import BulkAccept
from attendance_service.use_cases.claim_service import ClaimService
from attendance_service.use_cases.decision_service import DecisionService
from attendance_service.use_cases.policy_service import PolicyService
from attendance_service.use_cases.report_service import ReportService
from attendance_service.use_cases.session_queries import SessionQueries
from attendance_service.use_cases.suggestion_service import SuggestionService
from attendance_service.wire import (
    absence_notices,
    bulk_accept,
    claims,
    decisions,
    fields,
    inbox,
    policies,
    reports,
    sessions,
)
from attendance_service.wire.csv_export import csv_file, csv_separator
from attendance_service.wire.page_tokens import (
    MAX_DECISION_ID,
    inbox_page_token,
    number_page_position,
    number_page_token,
    page_scope,
    session_page_token,
)
from attendance_service.wire.suggestions import suggestion_response
from servicekit.auth.principal import current_principal


class AttendanceServicer(attendance_pb2_grpc.AttendanceServiceServicer):
    """The service's methods."""

    def __init__(
        self,
        *,
        suggestions: SuggestionService,
        decisions: DecisionService,
        absences: AbsenceService,
        claims: ClaimService,
        bulk_accept: BulkAccept,
        sessions: SessionQueries,
        reports: ReportService,
        policies: PolicyService,
        zone: tzinfo,
    ) -> None:
        """`zone` is the session time zone."""
        self._suggestions = suggestions
        self._decisions = decisions
        self._absences = absences
        self._claims = claims
        self._bulk_accept = bulk_accept
        self._sessions = sessions
        self._reports = reports
        self._policies = policies
        self._zone = zone

    # Suggestions and decisions

    async def GetAttendanceSuggestion(
        self, request: pb.GetAttendanceSuggestionRequest, context: object
    ) -> pb.GetAttendanceSuggestionResponse:
        session_id = fields.session_id(request.session_id)
        return suggestion_response(await self._suggestions.for_caller(session_id, _caller()))

    async def MarkAttendance(self, request: pb.MarkAttendanceRequest, context: object) -> pb.MarkAttendanceResponse:
        caller = _caller()
        outcome = await self._claims.mark(decisions.mark_request(request), caller)
        return decisions.mark_response(
            outcome.decision, outcome.session, caller, claim_id=next(iter(outcome.claim_ids), None)
        )

    async def WithdrawDecision(
        self, request: pb.WithdrawDecisionRequest, context: object
    ) -> pb.WithdrawDecisionResponse:
        caller = _caller()
        stored = await self._decisions.withdraw(decisions.withdrawal_request(request), caller)
        return pb.WithdrawDecisionResponse(session=sessions.session_message(stored, caller, self._zone))

    async def ApplySuggestions(
        self, request: pb.ApplySuggestionsRequest, context: object
    ) -> pb.ApplySuggestionsResponse:
        caller = _caller()
        result = await self._bulk_accept.accept(bulk_accept.bulk_accept_request(request, caller), caller)
        return bulk_accept.bulk_accept_response(result, request, caller)

    async def ListAttendanceHistory(
        self, request: pb.ListAttendanceHistoryRequest, context: object
    ) -> pb.ListAttendanceHistoryResponse:
        session_id, size = fields.session_id(request.session_id), fields.page_size(request.page_size)
        caller = _caller()
        scope = page_scope(request, caller)
        before = number_page_position(request.page_token, scope, maximum=MAX_DECISION_ID)
        history = await self._sessions.history(session_id, caller, PageRequest(after=before, size=size))
        return pb.ListAttendanceHistoryResponse(
            decisions=[decisions.decision_message(row, history.visible_students) for row in history.page.rows],
            next_page_token=number_page_token(history.page.next, scope),
        )

    # Notices of absence, and claims

    async def AnnounceAbsence(self, request: pb.AnnounceAbsenceRequest, context: object) -> pb.AbsenceNotice:
        caller = _caller()
        notice = await self._absences.announce(absence_notices.absence_request(request, caller), caller)
        return absence_notices.notice_message(notice)

    async def RaiseClaim(self, request: pb.RaiseClaimRequest, context: object) -> pb.Claim:
        return claims.claim_message(await self._claims.raise_claim(claims.claim_request(request), _caller()))

    async def ListClaims(self, request: pb.ListClaimsRequest, context: object) -> pb.ListClaimsResponse:
        caller = _caller()
        page = await self._claims.page(claims.claim_query(request, caller), caller)
        return pb.ListClaimsResponse(
            claims=map(claims.claim_message, page.rows),
            next_page_token=number_page_token(page.next, page_scope(request, caller)),
        )

    async def AnswerClaim(self, request: pb.AnswerClaimRequest, context: object) -> pb.AnswerClaimResponse:
        caller = _caller()
        claim, session = await self._claims.answer(claims.claim_answer(request), caller)
        return pb.AnswerClaimResponse(
            claim=claims.claim_message(claim), session=sessions.session_message(session, caller, self._zone)
        )

    async def ListInbox(self, request: pb.ListInboxRequest, context: object) -> pb.ListInboxResponse:
        caller = _caller()
        page = await self._claims.inbox(inbox.inbox_query(request, caller), caller)
        return pb.ListInboxResponse(
            items=[inbox.inbox_item(item, caller, self._zone) for item in page.rows],
            next_page_token=inbox_page_token(page.next, page_scope(request, caller)),
        )

    # Sessions and students

    async def GetSession(self, request: pb.GetSessionRequest, context: object) -> pb.Session:
        caller = _caller()
        card = await self._sessions.card(fields.session_id(request.session_id), caller)
        return sessions.card_message(card, caller, self._zone)

    async def ListSessions(self, request: pb.ListSessionsRequest, context: object) -> pb.ListSessionsResponse:
        caller = _caller()
        listed = await self._sessions.page(sessions.session_query(request, caller), caller)
        return pb.ListSessionsResponse(
            sessions=[sessions.card_message(card, caller, self._zone) for card in listed.page.rows],
            next_page_token=session_page_token(listed.page.next, page_scope(request, caller)),
            total_size=listed.total_size,
        )

    async def ListStudents(self, request: pb.ListStudentsRequest, context: object) -> pb.ListStudentsResponse:
        caller = _caller()
        page = await self._reports.students(sessions.student_list_query(request, caller), caller)
        return pb.ListStudentsResponse(
            students=map(sessions.student_message, page.rows),
            next_page_token=number_page_token(page.next, page_scope(request, caller)),
        )

    # Reports, page by page and as CSV

    async def ListTutorAttendanceRates(
        self, request: pb.ListTutorAttendanceRatesRequest, context: object
    ) -> pb.ListTutorAttendanceRatesResponse:
        caller = _caller()
        page = await self._reports.tutor_attendance_page(reports.tutor_query(request, caller), caller)
        return pb.ListTutorAttendanceRatesResponse(
            tutors=map(reports.tutor_attendance, page.rows),
            next_page_token=number_page_token(page.next, page_scope(request, caller)),
        )

    async def ExportTutorAttendanceRates(
        self, request: pb.ExportTutorAttendanceRatesRequest, context: object
    ) -> httpbody_pb2.HttpBody:
        separator = csv_separator(request.separator)
        rows = await self._reports.tutor_attendance(reports.tutor_export_query(request), _caller())
        return csv_file(pb.TutorAttendanceRate, map(reports.tutor_attendance, rows), separator)

    async def GetStudentAttendanceReport(
        self, request: pb.GetStudentAttendanceReportRequest, context: object
    ) -> pb.GetStudentAttendanceReportResponse:
        caller = _caller()
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
        report = await self._reports.student(reports.student_export_query(request), _caller())
        return csv_file(pb.StudentAttendanceRow, map(reports.student_attendance, report.page.rows), separator)

    async def ListWhiteboardEngagement(
        self, request: pb.ListWhiteboardEngagementRequest, context: object
    ) -> pb.ListWhiteboardEngagementResponse:
        caller = _caller()
        page = await self._reports.engagement_page(reports.tutor_query(request, caller), caller)
        return pb.ListWhiteboardEngagementResponse(
            tutors=map(reports.whiteboard_engagement, page.rows),
            next_page_token=number_page_token(page.next, page_scope(request, caller)),
        )

    async def ExportWhiteboardEngagement(
        self, request: pb.ExportWhiteboardEngagementRequest, context: object
    ) -> httpbody_pb2.HttpBody:
        separator = csv_separator(request.separator)
        rows = await self._reports.engagement(reports.tutor_export_query(request), _caller())
        return csv_file(pb.TutorWhiteboardEngagement, map(reports.whiteboard_engagement, rows), separator)

    async def ListLessonOutcomes(
        self, request: pb.ListLessonOutcomesRequest, context: object
    ) -> pb.ListLessonOutcomesResponse:
        caller = _caller()
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
        rows = await self._reports.lesson_outcomes(query, _caller())
        lines = (reports.lesson_outcomes(row, query.grouping) for row in rows)
        left_out = reports.outcome_columns_left_out(query.grouping)
        return csv_file(pb.LessonOutcomeTotals, lines, separator, left_out=left_out)

    async def GetSuggestionAccuracy(
        self, request: pb.GetSuggestionAccuracyRequest, context: object
    ) -> pb.GetSuggestionAccuracyResponse:
        rows = await self._reports.suggestion_accuracy(reports.report_dates(request), _caller())
        return reports.suggestion_accuracy(rows)

    async def ExportSuggestionAccuracy(
        self, request: pb.ExportSuggestionAccuracyRequest, context: object
    ) -> httpbody_pb2.HttpBody:
        separator = csv_separator(request.separator)
        rows = await self._reports.suggestion_accuracy(reports.report_dates(request), _caller())
        return csv_file(pb.SuggestionAgreement, map(reports.agreement, rows), separator)

    # Policies

    async def ListPolicies(self, request: pb.ListPoliciesRequest, context: object) -> pb.ListPoliciesResponse:
        caller = _caller()
        course = fields.course_id(request.course_id) if request.course_id else None
        page = await self._policies.page(course, policies.policy_page_request(request, caller), caller)
        return pb.ListPoliciesResponse(
            policies=map(policies.policy_message, page.rows),
            next_page_token=number_page_token(page.next, page_scope(request, caller)),
        )

    async def GetPolicy(self, request: pb.GetPolicyRequest, context: object) -> pb.AttendancePolicy:
        policy = await self._policies.get(fields.policy_version(request.version), _caller())
        return policies.policy_message(policy)

    async def CreatePolicy(self, request: pb.CreatePolicyRequest, context: object) -> pb.AttendancePolicy:
        return policies.policy_message(await self._policies.create(policies.policy_draft(request), _caller()))

    async def EvaluatePolicy(self, request: pb.EvaluatePolicyRequest, context: object) -> pb.EvaluatePolicyResponse:
        caller = _caller()
        page = await self._policies.evaluate(policies.evaluation_query(request, caller), caller)
        return policies.evaluation_response(page, request, caller)


def _caller() -> Caller:
    """Return who makes the present call; NotAPerson, RoleMissing."""
    return fields.caller_of(current_principal.get())
