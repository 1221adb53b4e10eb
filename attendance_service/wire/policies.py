"""Requests about policies, and policies and evaluations as messages."""

from __future__ import annotations

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.caller import Caller
from attendance_service.domain.evaluation import EvaluationQuery, PersonTrial, SuggestionChange
from attendance_service.domain.listing import PageRequest
from attendance_service.domain.policy import Course, Limits, PolicyDraft, RecordedPolicy, limits_of
from attendance_service.domain.policy_checks import policy_violations
from attendance_service.use_cases.policy_service import EvaluationPage
from attendance_service.wire import fields
from attendance_service.wire.fields import CONFIDENCES, STATUSES, timestamp, written_day
from attendance_service.wire.free_texts import FreeTexts
from attendance_service.wire.page_tokens import (
    evaluation_page_position,
    evaluation_page_token,
    number_page_position,
    page_scope,
)
from servicekit.errors import FieldViolation, InvalidArgument
from servicekit.identifiers import CourseId


def policy_draft(request: pb.CreatePolicyRequest, texts: FreeTexts) -> PolicyDraft:
    """Return the policy to create."""
    if request.withdrawn == request.HasField("limits"):
        raise fields.invalid("limits", "send either limits, or withdrawn to use the general policy again")
    return PolicyDraft(
        course_id=_course_id(request),
        limits=None if request.withdrawn else _limits(request.limits),
        note=texts.read("note", request.note),
        replaces_version=request.replaces_version if request.HasField("replaces_version") else None,
    )


def number_page_request(request: pb.ListPoliciesRequest | pb.ListCoursesRequest, caller: Caller) -> PageRequest[int]:
    """Return which page of policies or courses is asked for."""
    after = number_page_position(request.page_token, page_scope(request, caller))
    return PageRequest(after=after, size=fields.page_size(request.page_size))


def evaluation_query(request: pb.EvaluatePolicyRequest, caller: Caller) -> EvaluationQuery:
    """Return which limits to try on which decisions."""
    return EvaluationQuery(
        limits=_limits(request.limits),
        course_id=_course_id(request),
        dates=fields.date_range(request.date_from, request.date_to),
        page=PageRequest(
            after=evaluation_page_position(request.page_token, page_scope(request, caller)),
            size=fields.page_size(request.page_size),
        ),
    )


def policy_message(policy: RecordedPolicy) -> pb.AttendancePolicy:
    """Return one policy."""
    return pb.AttendancePolicy(
        version=policy.version,
        course_id=policy.course_id,
        limits=None if policy.limits is None else limits_message(policy.limits),
        withdrawn=policy.limits is None,
        note=policy.note,
        created_at=timestamp(policy.created_at),
        created_by=policy.created_by,
        created_by_name=policy.created_by_name,
        in_force=policy.in_force,
    )


def course_message(course: Course) -> pb.Course:
    """Return one course."""
    return pb.Course(course_id=course.id, name=course.name)


def limits_message(limits: Limits) -> pb.PolicyLimits:
    """Return every limit; the fields have the same names as in recorded decisions."""
    return pb.PolicyLimits(**{name: _wire_value(value) for name, value in limits.as_policy().items()})  # type: ignore[arg-type]


def _wire_value(value: float) -> int | bool:
    return value if isinstance(value, bool) else int(value)


def evaluation_response(
    page: EvaluationPage, request: pb.EvaluatePolicyRequest, caller: Caller
) -> pb.EvaluatePolicyResponse:
    """Return what other limits would change."""
    evaluation = page.evaluation
    changes = evaluation.changes
    suggestions = len(evaluation.trials)
    return pb.EvaluatePolicyResponse(
        decisions=evaluation.decisions,
        suggestions=suggestions,
        changed=changes.total(),
        changes=[_change(change, count) for change, count in changes.most_common()],
        decided=evaluation.decided,
        agreed_before=evaluation.agreed_before,
        agreed_after=evaluation.agreed_after,
        facts_changed=evaluation.facts_changed,
        left_out=[
            pb.LeftOutOfEvaluation(reason=reason, decisions=count)
            for reason, count in evaluation.left_out.most_common()
        ],
        next_page_token=evaluation_page_token(page.next, page_scope(request, caller)),
        changed_suggestions=map(_changed_suggestion, evaluation.changed),
    )


def _changed_suggestion(trial: PersonTrial) -> pb.ChangedSuggestion:
    before, after = trial.change
    return pb.ChangedSuggestion(
        session_id=trial.session_id,
        session_date=written_day(trial.day),
        role="tutor" if trial.person.is_tutor else "student",
        name=trial.person.name,
        status_before=STATUSES[before.status],
        confidence_before=CONFIDENCES[before.confidence],
        status_after=STATUSES[after.status],
        confidence_after=CONFIDENCES[after.confidence],
        decided=trial.person.decided,
    )


def _change(change: SuggestionChange, count: int) -> pb.SuggestionChange:
    return pb.SuggestionChange(
        status_before=STATUSES[change.before.status],
        confidence_before=CONFIDENCES[change.before.confidence],
        status_after=STATUSES[change.after.status],
        confidence_after=CONFIDENCES[change.after.confidence],
        suggestions=count,
    )


def _course_id(request: pb.CreatePolicyRequest | pb.EvaluatePolicyRequest) -> CourseId | None:
    return fields.course_id(request.course_id) if request.HasField("course_id") else None


def _limits(message: pb.PolicyLimits) -> Limits:
    limits = limits_of({field.name: value for field, value in message.ListFields()})
    if violations := policy_violations(limits):
        raise InvalidArgument(*(FieldViolation(f"limits.{it.field}", it.description) for it in violations))
    return limits
