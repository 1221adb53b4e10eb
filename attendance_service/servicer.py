"""AttendanceService: each method reads the request, calls one use case and returns its result as a message."""
# ruff: noqa: N802, D102, ARG002 - the contract names the methods, says what each is for and fixes their parameters

from __future__ import annotations

from datetime import tzinfo

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.listing import PageRequest
from attendance_service.report_servicer import ReportServicer
from attendance_service.use_cases.absence_service import AbsenceService
from attendance_service.use_cases.bulk_accept import BulkAccept
from attendance_service.use_cases.caller_queries import CallerQueries
from attendance_service.use_cases.claim_service import ClaimService
from attendance_service.use_cases.decision_service import DecisionService
from attendance_service.use_cases.policy_service import PolicyService
from attendance_service.use_cases.report_service import ReportService
from attendance_service.use_cases.session_queries import SessionQueries
from attendance_service.use_cases.suggestion_service import SuggestionService
from attendance_service.use_cases.trend_service import TrendService
from attendance_service.wire import (
    absence_notices,
    bulk_accept,
    callers,
    claims,
    decisions,
    fields,
    inbox,
    policies,
    sessions,
)
from attendance_service.wire.fields import current_caller
from attendance_service.wire.free_texts import FreeTexts
from attendance_service.wire.page_tokens import (
    MAX_DECISION_ID,
    inbox_page_token,
    number_page_position,
    number_page_token,
    page_scope,
    session_page_token,
)
from attendance_service.wire.suggestions import suggestion_response


class AttendanceServicer(ReportServicer):
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
        trends: TrendService,
        policies: PolicyService,
        callers: CallerQueries,
        texts: FreeTexts,
        zone: tzinfo,
    ) -> None:
        """`zone` is the session time zone."""
        super().__init__(reports=reports, trends=trends)
        self._suggestions = suggestions
        self._decisions = decisions
        self._absences = absences
        self._claims = claims
        self._bulk_accept = bulk_accept
        self._sessions = sessions
        self._policies = policies
        self._callers = callers
        self._texts = texts
        self._zone = zone

    # Suggestions and decisions

    async def GetAttendanceSuggestion(
        self, request: pb.GetAttendanceSuggestionRequest, context: object
    ) -> pb.GetAttendanceSuggestionResponse:
        session_id = fields.session_id(request.session_id)
        return suggestion_response(await self._suggestions.for_caller(session_id, current_caller()))

    async def MarkAttendance(self, request: pb.MarkAttendanceRequest, context: object) -> pb.MarkAttendanceResponse:
        caller = current_caller()
        outcome = await self._claims.mark(decisions.mark_request(request, self._texts), caller)
        return decisions.mark_response(
            outcome.decision, outcome.session, caller, claim_id=next(iter(outcome.claim_ids), None)
        )

    async def WithdrawDecision(
        self, request: pb.WithdrawDecisionRequest, context: object
    ) -> pb.WithdrawDecisionResponse:
        caller = current_caller()
        stored = await self._decisions.withdraw(decisions.withdrawal_request(request, self._texts), caller)
        return pb.WithdrawDecisionResponse(session=sessions.session_message(stored, caller, self._zone))

    async def ApplySuggestions(
        self, request: pb.ApplySuggestionsRequest, context: object
    ) -> pb.ApplySuggestionsResponse:
        caller = current_caller()
        result = await self._bulk_accept.accept(bulk_accept.bulk_accept_request(request, caller), caller)
        return bulk_accept.bulk_accept_response(result, request, caller)

    async def ListAttendanceHistory(
        self, request: pb.ListAttendanceHistoryRequest, context: object
    ) -> pb.ListAttendanceHistoryResponse:
        session_id, size = fields.session_id(request.session_id), fields.page_size(request.page_size)
        caller = current_caller()
        scope = page_scope(request, caller)
        before = number_page_position(request.page_token, scope, maximum=MAX_DECISION_ID)
        history = await self._sessions.history(session_id, caller, PageRequest(after=before, size=size))
        return pb.ListAttendanceHistoryResponse(
            decisions=[decisions.decision_message(row, history.visible_students) for row in history.page.rows],
            next_page_token=number_page_token(history.page.next, scope),
        )

    # Notices of absence, and claims

    async def AnnounceAbsence(self, request: pb.AnnounceAbsenceRequest, context: object) -> pb.AbsenceNotice:
        caller = current_caller()
        notice = await self._absences.announce(absence_notices.absence_request(request, caller, self._texts), caller)
        return absence_notices.notice_message(notice)

    async def RaiseClaim(self, request: pb.RaiseClaimRequest, context: object) -> pb.Claim:
        wanted = claims.claim_request(request, self._texts)
        return claims.claim_message(await self._claims.raise_claim(wanted, current_caller()))

    async def ListClaims(self, request: pb.ListClaimsRequest, context: object) -> pb.ListClaimsResponse:
        caller = current_caller()
        page = await self._claims.page(claims.claim_query(request, caller), caller)
        return pb.ListClaimsResponse(
            claims=map(claims.claim_message, page.rows),
            next_page_token=number_page_token(page.next, page_scope(request, caller)),
        )

    async def AnswerClaim(self, request: pb.AnswerClaimRequest, context: object) -> pb.AnswerClaimResponse:
        caller = current_caller()
        claim, session = await self._claims.answer(claims.claim_answer(request, self._texts), caller)
        return pb.AnswerClaimResponse(
            claim=claims.claim_message(claim), session=sessions.session_message(session, caller, self._zone)
        )

    async def ListInbox(self, request: pb.ListInboxRequest, context: object) -> pb.ListInboxResponse:
        caller = current_caller()
        page = await self._claims.inbox(inbox.inbox_query(request, caller), caller)
        return pb.ListInboxResponse(
            items=[inbox.inbox_item(item, caller, self._zone) for item in page.rows],
            next_page_token=inbox_page_token(page.next, page_scope(request, caller)),
        )

    # Sessions and students

    async def GetSession(self, request: pb.GetSessionRequest, context: object) -> pb.Session:
        caller = current_caller()
        card = await self._sessions.card(fields.session_id(request.session_id), caller)
        return sessions.card_message(card, caller, self._zone)

    async def ListSessions(self, request: pb.ListSessionsRequest, context: object) -> pb.ListSessionsResponse:
        caller = current_caller()
        listed = await self._sessions.page(sessions.session_query(request, caller), caller)
        return pb.ListSessionsResponse(
            sessions=[sessions.card_message(card, caller, self._zone) for card in listed.page.rows],
            next_page_token=session_page_token(listed.page.next, page_scope(request, caller)),
            total_size=listed.total_size,
        )

    async def ListStudents(self, request: pb.ListStudentsRequest, context: object) -> pb.ListStudentsResponse:
        caller = current_caller()
        page = await self._reports.students(sessions.student_list_query(request, caller), caller)
        return pb.ListStudentsResponse(
            students=map(sessions.student_message, page.rows),
            next_page_token=number_page_token(page.next, page_scope(request, caller)),
        )

    async def GetCaller(self, request: pb.GetCallerRequest, context: object) -> pb.Caller:
        return callers.caller_message(await self._callers.known(current_caller()))

    # Policies

    async def ListPolicies(self, request: pb.ListPoliciesRequest, context: object) -> pb.ListPoliciesResponse:
        caller = current_caller()
        course = fields.course_id(request.course_id) if request.course_id else None
        page = await self._policies.page(course, policies.number_page_request(request, caller), caller)
        return pb.ListPoliciesResponse(
            policies=map(policies.policy_message, page.rows),
            next_page_token=number_page_token(page.next, page_scope(request, caller)),
        )

    async def GetPolicy(self, request: pb.GetPolicyRequest, context: object) -> pb.AttendancePolicy:
        policy = await self._policies.get(fields.policy_version(request.version), current_caller())
        return policies.policy_message(policy)

    async def CreatePolicy(self, request: pb.CreatePolicyRequest, context: object) -> pb.AttendancePolicy:
        draft = policies.policy_draft(request, self._texts)
        return policies.policy_message(await self._policies.create(draft, current_caller()))

    async def ListCourses(self, request: pb.ListCoursesRequest, context: object) -> pb.ListCoursesResponse:
        caller = current_caller()
        page = await self._policies.courses(policies.number_page_request(request, caller), caller)
        return pb.ListCoursesResponse(
            courses=map(policies.course_message, page.rows),
            next_page_token=number_page_token(page.next, page_scope(request, caller)),
        )

    async def EvaluatePolicy(self, request: pb.EvaluatePolicyRequest, context: object) -> pb.EvaluatePolicyResponse:
        caller = current_caller()
        page = await self._policies.evaluate(policies.evaluation_query(request, caller), caller)
        return policies.evaluation_response(page, request, caller)
