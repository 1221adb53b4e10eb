"""Gets totals from the tracking service, for the reports."""

from __future__ import annotations

from collections.abc import Sequence

from google.protobuf.timestamp_pb2 import Timestamp

from astegni.tracking.v1 import tracking_pb2 as pb
from attendance_service.domain.listing import Page, PageRequest, TimeBounds
from attendance_service.domain.reports import WhiteboardEngagement
from attendance_service.tracking.client import MAX_REQUESTS_PER_BATCH, TrackingClient
from servicekit.identifiers import UserId, WhiteboardSessionId

#: A total has no window. An empty one saves sending the intervals inside it.
_NO_WINDOW = Timestamp()


class TrackingTotals:
    """Totals over whiteboard sessions; every method raises TrackingUnavailable if the deadline passes."""

    def __init__(self, tracking: TrackingClient) -> None:
        """Nothing is called yet."""
        self._tracking = tracking

    async def student_active_seconds(
        self, whiteboard_ids: Sequence[WhiteboardSessionId], student: UserId
    ) -> dict[WhiteboardSessionId, int]:
        """Return how long a student was present, by whiteboard session; unknown sessions are missing."""
        seconds: dict[WhiteboardSessionId, int] = {}
        for start in range(0, len(whiteboard_ids), MAX_REQUESTS_PER_BATCH):
            ids = whiteboard_ids[start : start + MAX_REQUESTS_PER_BATCH]
            response = await self._tracking.call(self._tracking.stub.BatchGetConnectionMetrics, _totals_request(ids))
            seconds |= {
                WhiteboardSessionId(session.session_id): _active_seconds(session, student)
                for session in response.metrics
            }
        return seconds

    async def engagement(
        self, tutor: UserId | None, scheduled: TimeBounds, page: PageRequest[int]
    ) -> Page[WhiteboardEngagement, int]:
        """Return the engagement of one tutor (None: of all), in the order of their users.id.

        `scheduled` is when the whiteboard sessions are scheduled.
        """
        request = pb.ListTutorEngagementRequest(
            tutor_user_ids=() if tutor is None else (tutor,),
            page_size=page.fetch_size or 0,
            after_tutor_user_id=page.after or 0,
        )
        if scheduled.since is not None:
            request.scheduled_from.FromDatetime(scheduled.since)
        if scheduled.before is not None:
            request.scheduled_before.FromDatetime(scheduled.before)
        response = await self._tracking.call(self._tracking.stub.ListTutorEngagement, request)
        return page.page([_engagement(tutor) for tutor in response.tutors], lambda row: row.tutor_id)


def _totals_request(whiteboard_ids: Sequence[WhiteboardSessionId]) -> pb.BatchGetConnectionMetricsRequest:
    return pb.BatchGetConnectionMetricsRequest(
        requests=[
            pb.GetConnectionMetricsRequest(session_id=number, window_start=_NO_WINDOW, window_end=_NO_WINDOW)
            for number in whiteboard_ids
        ]
    )


def _engagement(tutor: pb.TutorEngagement) -> WhiteboardEngagement:
    known = tutor.HasField("average_student_engagement_percentage")
    return WhiteboardEngagement(
        tutor_id=UserId(tutor.tutor_user_id),
        session_count=tutor.whiteboard_session_count,
        tutor_active_minutes=tutor.average_tutor_active_minutes,
        student_active_minutes=tutor.average_student_active_minutes,
        student_percentage=tutor.average_student_engagement_percentage if known else None,
    )


def _active_seconds(session: pb.GetConnectionMetricsResponse, student: UserId) -> int:
    """Return a student's own total; of one who learns alone, the documented total of the session.

    The documented column is older than presence per person, but in a class it is the union over the students.
    """
    students = {
        participant.user_id: participant.total_active_seconds
        for participant in session.participants
        if participant.user_type == pb.student
    }
    if students.keys() == {student}:
        return session.student_total_active_seconds
    return int(students.get(student, 0))
