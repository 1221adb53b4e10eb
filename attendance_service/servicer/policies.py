"""AttendanceService: policies, and what they would change."""
# ruff: noqa: N802, D102, ARG002 - the contract names the methods, says what each is for and fixes their parameters

from __future__ import annotations

from astegni.attendance.v1 import attendance_pb2 as pb
from astegni.attendance.v1 import attendance_pb2_grpc
from attendance_service.servicer.caller import current_caller
from attendance_service.use_cases.evaluate import Evaluating
from attendance_service.use_cases.policies import Policies
from attendance_service.wire import fields, policy_requests
from attendance_service.wire.page_tokens import evaluation_page_token, number_page_position, number_page_token
from attendance_service.wire.policies import evaluation_response, policy_message


class PoliciesServicer(attendance_pb2_grpc.AttendanceServiceServicer):
    """The methods for whoever sets the rules."""

    def __init__(self, policies: Policies, evaluating: Evaluating) -> None:
        """Everything it calls is handed in."""
        self._policies = policies
        self._evaluating = evaluating

    async def ListPolicies(self, request: pb.ListPoliciesRequest, context: object) -> pb.ListPoliciesResponse:
        caller = current_caller()
        asked = policy_requests.question(request, caller)
        page = await self._policies.page(
            caller,
            course=fields.course_id(request.course_id) if request.course_id else None,
            before=number_page_position(request.page_token, asked),
            size=fields.page_size(request.page_size),
        )
        return pb.ListPoliciesResponse(
            policies=[policy_message(policy) for policy in page.policies],
            next_page_token=number_page_token(page.next_before, asked),
        )

    async def GetPolicy(self, request: pb.GetPolicyRequest, context: object) -> pb.AttendancePolicy:
        return policy_message(await self._policies.get(fields.policy_version(request.version), current_caller()))

    async def CreatePolicy(self, request: pb.CreatePolicyRequest, context: object) -> pb.AttendancePolicy:
        return policy_message(await self._policies.create(policy_requests.draft(request), current_caller()))

    async def EvaluatePolicy(self, request: pb.EvaluatePolicyRequest, context: object) -> pb.EvaluatePolicyResponse:
        caller = current_caller()
        page = await self._evaluating.evaluate(policy_requests.evaluation(request, caller), caller)
        return evaluation_response(page, evaluation_page_token(page.next, policy_requests.question(request, caller)))
