"""From requests about policies to what is asked; InvalidArgument names every field at fault."""

from __future__ import annotations

from google.protobuf.json_format import MessageToDict

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.caller import Caller
from attendance_service.domain.evaluation import EvaluationQuery
from attendance_service.domain.limits import Limits, limits_of
from attendance_service.domain.policy import PolicyDraft
from attendance_service.domain.policy_faults import policy_faults
from attendance_service.wire import fields
from attendance_service.wire.page_tokens import evaluation_page_position
from servicekit.errors import FieldViolation, InvalidArgument
from servicekit.identifiers import CourseId

_LIMITS_PREFIX = "limits."
#: They say which page, not which list.
_PAGING_FIELDS = frozenset({"page_token", "page_size"})


def draft(request: pb.CreatePolicyRequest) -> PolicyDraft:
    """Return the policy to create."""
    if request.withdrawn == request.HasField("limits"):
        raise fields.invalid("limits", "send either limits, or withdrawn to judge by none of its own")
    return PolicyDraft(
        course_id=course_id(request),
        limits=None if request.withdrawn else _limits(request.limits),
        note=fields.long_text("note", request.note),
    )


def evaluation(request: pb.EvaluatePolicyRequest, caller: Caller) -> EvaluationQuery:
    """Return which limits are tried on which decisions."""
    return EvaluationQuery(
        limits=_limits(request.limits),
        course_id=course_id(request),
        period=fields.period(request.date_from, request.date_to),
        after=evaluation_page_position(request.page_token, question(request, caller)),
        size=fields.page_size(request.page_size),
    )


def question(request: pb.EvaluatePolicyRequest | pb.ListPoliciesRequest, caller: Caller) -> object:
    """Return what a page token is bound to: whoever asks, and everything they ask but the page."""
    asked = MessageToDict(request, preserving_proto_field_name=True)
    filters = sorted((name, value) for name, value in asked.items() if name not in _PAGING_FIELDS)
    return (request.DESCRIPTOR.name, caller.user_id, filters)


def course_id(request: pb.CreatePolicyRequest | pb.EvaluatePolicyRequest) -> CourseId | None:
    """Return the course that a request names, if it does."""
    return fields.course_id(request.course_id) if request.HasField("course_id") else None


def _limits(message: pb.PolicyLimits) -> Limits:
    limits = limits_of({field.name: value for field, value in message.ListFields()})
    faults = policy_faults(limits)
    if faults:
        raise InvalidArgument(*(FieldViolation(_LIMITS_PREFIX + it.field, it.description) for it in faults))
    return limits
