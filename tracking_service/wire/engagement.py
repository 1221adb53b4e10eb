"""Requests for totals, and the totals as messages."""

from __future__ import annotations

from astegni.tracking.v1 import tracking_pb2
from servicekit.errors import FieldViolation
from servicekit.identifiers import UserId
from tracking_service.queries.engagement import EngagementRequest
from tracking_service.store.engagement import TutorEngagement
from tracking_service.wire.reports import optional_instant, refuse

#: Keeps one answer below some 20 kB, and what it reads bounded. Whoever asks about more asks page by page.
TUTORS_AT_MOST = 500


def engagement_request(request: tracking_pb2.ListTutorEngagementRequest) -> EngagementRequest:
    """Read a request."""
    faults: list[FieldViolation] = []
    if len(request.tutor_user_ids) > TUTORS_AT_MOST:
        faults.append(FieldViolation("tutor_user_ids", f"must hold at most {TUTORS_AT_MOST} ids; none means all"))
    if not 0 <= request.page_size <= TUTORS_AT_MOST:
        faults.append(FieldViolation("page_size", f"must be 1 to {TUTORS_AT_MOST}, or 0 for all"))
    if request.after_tutor_user_id < 0:
        faults.append(FieldViolation("after_tutor_user_id", "must be the id of a user, or 0 for the first page"))
    if any(number <= 0 for number in request.tutor_user_ids):
        faults.append(FieldViolation("tutor_user_ids", "must be ids of users, positive numbers"))
    asked = EngagementRequest(
        tutor_ids=frozenset(UserId(number) for number in request.tutor_user_ids),
        scheduled_from=optional_instant(request.scheduled_from, "scheduled_from", faults)
        if request.HasField("scheduled_from")
        else None,
        scheduled_before=optional_instant(request.scheduled_before, "scheduled_before", faults)
        if request.HasField("scheduled_before")
        else None,
        after=UserId(request.after_tutor_user_id),
        size=request.page_size or None,
    )
    refuse(faults)
    return asked


def tutor_engagement(engagement: TutorEngagement) -> tracking_pb2.TutorEngagement:
    """Render the totals of one tutor."""
    return tracking_pb2.TutorEngagement(
        tutor_user_id=engagement.tutor_id,
        whiteboard_session_count=engagement.session_count,
        average_tutor_active_minutes=engagement.tutor_active_minutes,
        average_student_active_minutes=engagement.student_active_minutes,
        average_student_engagement_percentage=engagement.student_engagement_percentage,
    )
