"""Policies and what they would change, as messages."""

from __future__ import annotations

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.evaluation import Change
from attendance_service.domain.limits import Limits
from attendance_service.domain.policy import RecordedPolicy
from attendance_service.use_cases.evaluate import EvaluationPage
from attendance_service.wire.moments import timestamp
from attendance_service.wire.words import CONFIDENCES, STATUSES


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


def limits_message(limits: Limits) -> pb.PolicyLimits:
    """Return every limit; the message's fields have the names that decisions keep."""
    return pb.PolicyLimits(**{name: int(value) for name, value in limits.as_policy().items()})


def evaluation_response(page: EvaluationPage, next_page_token: str) -> pb.EvaluatePolicyResponse:
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
        next_page_token=next_page_token,
    )


def _change(change: Change, count: int) -> pb.SuggestionChange:
    return pb.SuggestionChange(
        status_before=STATUSES[change.before.status],
        confidence_before=CONFIDENCES[change.before.confidence],
        status_after=STATUSES[change.after.status],
        confidence_after=CONFIDENCES[change.after.confidence],
        suggestions=count,
    )
