"""AttendanceService: suggestions, decisions and sessions; reports and policies are inherited."""
# ruff: noqa: N802, D102, ARG002 - the contract names the methods, says what each is for and fixes their parameters

from __future__ import annotations

from datetime import tzinfo

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.servicer.caller import current_caller
from attendance_service.servicer.policies import PoliciesServicer
from attendance_service.servicer.reports import ReportsServicer
from attendance_service.use_cases.apply import Applying
from attendance_service.use_cases.browse import Browsing
from attendance_service.use_cases.decide import Deciding
from attendance_service.use_cases.evaluate import Evaluating
from attendance_service.use_cases.policies import Policies
from attendance_service.use_cases.report import Reporting
from attendance_service.use_cases.students import Students
from attendance_service.use_cases.suggest import Suggesting
from attendance_service.wire import applications, fields, requests, students
from attendance_service.wire.decisions import decision_message, mark_response
from attendance_service.wire.page_tokens import (
    LARGEST_DECISION_ID,
    number_page_position,
    number_page_token,
    session_page_token,
)
from attendance_service.wire.sessions import session_message
from attendance_service.wire.suggestions import suggestion_response


class AttendanceServicer(ReportsServicer, PoliciesServicer):
    """The service's methods."""

    def __init__(
        self,
        *,
        suggesting: Suggesting,
        deciding: Deciding,
        applying: Applying,
        browsing: Browsing,
        students: Students,
        reporting: Reporting,
        policies: Policies,
        evaluating: Evaluating,
        zone: tzinfo,
    ) -> None:
        """`zone` is the session time zone."""
        ReportsServicer.__init__(self, reporting)
        PoliciesServicer.__init__(self, policies, evaluating)
        self._suggesting = suggesting
        self._deciding = deciding
        self._applying = applying
        self._browsing = browsing
        self._students = students
        self._zone = zone

    async def GetAttendanceSuggestion(
        self, request: pb.GetAttendanceSuggestionRequest, context: object
    ) -> pb.GetAttendanceSuggestionResponse:
        session_id = fields.session_id(request.session_id)
        return suggestion_response(await self._suggesting.for_caller(session_id, current_caller()))

    async def MarkAttendance(self, request: pb.MarkAttendanceRequest, context: object) -> pb.MarkAttendanceResponse:
        decision, stored = await self._deciding.mark(requests.mark(request), current_caller())
        return mark_response(decision, stored)

    async def ApplySuggestions(
        self, request: pb.ApplySuggestionsRequest, context: object
    ) -> pb.ApplySuggestionsResponse:
        caller = current_caller()
        result = await self._applying.apply(applications.application(request, caller), caller)
        return applications.application_response(
            result, session_page_token(result.next, applications.question(request, caller))
        )

    async def GetSession(self, request: pb.GetSessionRequest, context: object) -> pb.Session:
        caller = current_caller()
        card = await self._browsing.card(fields.session_id(request.session_id), caller)
        return session_message(card.session, caller, self._zone, facts_changed=card.facts_changed)

    async def ListSessions(self, request: pb.ListSessionsRequest, context: object) -> pb.ListSessionsResponse:
        caller = current_caller()
        query, size = requests.session_query(request, caller)
        page = await self._browsing.page(query, caller, size)
        return pb.ListSessionsResponse(
            sessions=[session_message(session, caller, self._zone) for session in page.sessions],
            next_page_token=session_page_token(page.next, requests.question(request, caller)),
        )

    async def ListStudents(self, request: pb.ListStudentsRequest, context: object) -> pb.ListStudentsResponse:
        caller = current_caller()
        page = await self._students.page(students.student_list_query(request, caller), caller)
        return pb.ListStudentsResponse(
            students=map(students.student_message, page.students),
            next_page_token=number_page_token(page.next, students.question(request, caller)),
        )

    async def ListAttendanceHistory(
        self, request: pb.ListAttendanceHistoryRequest, context: object
    ) -> pb.ListAttendanceHistoryResponse:
        session_id, size = fields.session_id(request.session_id), fields.page_size(request.page_size)
        before_id = number_page_position(request.page_token, session_id, largest=LARGEST_DECISION_ID)
        page = await self._browsing.history(session_id, current_caller(), before_id=before_id, size=size)
        return pb.ListAttendanceHistoryResponse(
            decisions=[decision_message(decision, page.visible_students) for decision in page.decisions],
            next_page_token=number_page_token(page.next_before_id, session_id),
        )
