"""Questions about totals, and the tracking service's answers, for the reports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from google.protobuf.timestamp_pb2 import Timestamp

from astegni.tracking.v1 import tracking_pb2 as pb
from attendance_service.domain.period import Moments
from attendance_service.domain.reports import WhiteboardEngagement
from servicekit.identifiers import UserId, WhiteboardSessionId

#: As many as the tracking service takes at once.
REQUESTS_PER_BATCH = 500
#: A total has no window. An empty one (of the epoch, before anything happened) spares sending what lies in it.
_NO_WINDOW = Timestamp()


@dataclass(frozen=True, kw_only=True, slots=True)
class EngagementQuestion:
    """Whose engagement is asked for: tutors in the order of their ids, page by page."""

    #: None: everybody's.
    tutor: UserId | None
    #: When the sessions are scheduled.
    scheduled: Moments
    #: The last tutor of the page before; None: the first page.
    after: int | None
    size: int


def totals_request(whiteboard_ids: Iterable[WhiteboardSessionId]) -> pb.BatchGetConnectionMetricsRequest:
    """Return the question how long everybody was there."""
    return pb.BatchGetConnectionMetricsRequest(
        requests=[
            pb.GetConnectionMetricsRequest(session_id=number, window_start=_NO_WINDOW, window_end=_NO_WINDOW)
            for number in whiteboard_ids
        ]
    )


def student_active_seconds(
    response: pb.BatchGetConnectionMetricsResponse, student: UserId
) -> dict[WhiteboardSessionId, int]:
    """Return how long one student was there, by whiteboard session, in whole seconds."""
    return {WhiteboardSessionId(session.session_id): _active_seconds(session, student) for session in response.metrics}


def engagement_request(question: EngagementQuestion) -> pb.ListTutorEngagementRequest:
    """Return the question for a page of engagement."""
    tutors = () if question.tutor is None else (question.tutor,)
    request = pb.ListTutorEngagementRequest(
        tutor_user_ids=tutors, page_size=question.size, after_tutor_user_id=question.after or 0
    )
    scheduled = question.scheduled
    if scheduled.since is not None:
        request.scheduled_from.FromDatetime(scheduled.since)
    if scheduled.before is not None:
        request.scheduled_before.FromDatetime(scheduled.before)
    return request


def tutor_engagement(tutor: pb.TutorEngagement) -> WhiteboardEngagement:
    """Return the engagement of one tutor."""
    known = tutor.HasField("average_student_engagement_percentage")
    return WhiteboardEngagement(
        tutor_id=UserId(tutor.tutor_user_id),
        session_count=tutor.whiteboard_session_count,
        tutor_active_minutes=tutor.average_tutor_active_minutes,
        student_active_minutes=tutor.average_student_active_minutes,
        student_percentage=tutor.average_student_engagement_percentage if known else None,
    )


def _active_seconds(session: pb.GetConnectionMetricsResponse, student: UserId) -> int:
    """Of whoever learns alone the documented total, which is older than presence per person; in a class their own."""
    students = {
        participant.user_id: participant.total_active_seconds
        for participant in session.participants
        if participant.user_type == pb.student
    }
    if students.keys() == {student}:
        return session.student_total_active_seconds
    return int(students.get(student, 0))
