"""Gets totals from the tracking service, for the reports."""

from __future__ import annotations

from collections.abc import Sequence

from astegni.tracking.v1 import tracking_pb2 as pb
from attendance_service.domain.listing import Page, PageRequest, TimeBounds
from attendance_service.domain.reports import WhiteboardEngagement
from attendance_service.tracking.client import (
    MAX_REQUESTS_PER_BATCH,
    TrackingClient,
    WhiteboardWindow,
    facts_are_deleted,
)
from servicekit.identifiers import UserId


class TrackingTotals:
    """Totals over whiteboard sessions; every method raises TrackingUnavailable if no replica answers in time."""

    def __init__(self, tracking: TrackingClient) -> None:
        """Nothing is called yet."""
        self._tracking = tracking

    async def student_active_seconds(
        self, windows: Sequence[WhiteboardWindow], student: UserId
    ) -> tuple[int | None, ...]:
        """Return how long a student was present in each window; None: not known (any more), or no such whiteboard.

        A window of None is the whiteboard session's own. If that has none either, all presence counts.
        """
        seconds: list[int | None] = []
        for start in range(0, len(windows), MAX_REQUESTS_PER_BATCH):
            metrics = await self._tracking.metrics_of_many(windows[start : start + MAX_REQUESTS_PER_BATCH])
            seconds += [None if session is None else _active_seconds(session, student) for session in metrics]
        return tuple(seconds)

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
        response = await self._tracking.call(lambda stub: stub.ListTutorEngagement, request)
        return page.page([_engagement(tutor) for tutor in response.tutors], lambda row: row.tutor_id)


def _engagement(tutor: pb.TutorEngagement) -> WhiteboardEngagement:
    known = tutor.HasField("average_student_engagement_percentage")
    return WhiteboardEngagement(
        tutor_id=UserId(tutor.tutor_user_id),
        session_count=tutor.whiteboard_session_count,
        tutor_active_minutes=tutor.average_tutor_active_minutes,
        student_active_minutes=tutor.average_student_active_minutes,
        student_percentage=tutor.average_student_engagement_percentage if known else None,
    )


def _active_seconds(session: pb.GetConnectionMetricsResponse, student: UserId) -> int | None:
    """Return a student's own presence; of one who learns alone, that of the documented columns.

    The documented columns are older than presence per person, but in a class they are the union over the students.
    None: the facts were deleted.
    """
    if facts_are_deleted(session):
        return None
    has_window = session.window_start != session.window_end
    students = {
        participant.user_id: participant.active_seconds if has_window else participant.total_active_seconds
        for participant in session.participants
        if participant.user_type == pb.student
    }
    if students.keys() == {student}:
        return session.student_active_seconds if has_window else session.student_total_active_seconds
    return int(students.get(student, 0))
