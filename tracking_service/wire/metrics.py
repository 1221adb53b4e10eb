"""PresenceQueryService: its requests, and facts and totals as messages."""

from __future__ import annotations

from astegni.tracking.v1 import tracking_pb2
from servicekit.clock import MICROSECONDS_PER_SECOND, Instant, seconds
from servicekit.errors import FieldViolation, InvalidArgument
from servicekit.identifiers import UserId
from servicekit.time_ranges import TimeRange
from tracking_service.domain.events import EndReason
from tracking_service.domain.measurement import PresenceInWindow, touches
from tracking_service.domain.presence import Interval
from tracking_service.queries.engagement import Engagement, EngagementRequest
from tracking_service.queries.metrics import MetricsRequest, ParticipantFacts, SessionFacts
from tracking_service.store.engagement import TutorEngagement
from tracking_service.wire.fields import USER_TYPES, instant, optional_timestamp, refuse, session_id, timestamp

#: Their facts fit in one message of 1 MiB.
MAX_REQUESTS_PER_BATCH = 500
#: Keeps one response below some 20 kB and bounds what is read for it. Callers ask for more page by page.
MAX_TUTORS = 500
#: A day: presence that is further away has nothing to do with a lesson.
MAX_NEARBY_SECONDS = 86_400

_END_REASONS: dict[EndReason | None, tracking_pb2.DisconnectReason.ValueType] = {
    None: tracking_pb2.DISCONNECT_REASON_UNSPECIFIED,
    EndReason.CLOSED: tracking_pb2.closed,
    EndReason.TIMED_OUT: tracking_pb2.timed_out,
}


def metrics_request(request: tracking_pb2.GetConnectionMetricsRequest) -> MetricsRequest:
    """Read one request."""
    faults: list[FieldViolation] = []
    whiteboard_session_id = session_id(request.session_id, faults)
    window = _window(request, faults)
    if not 0 <= request.nearby_seconds <= MAX_NEARBY_SECONDS:
        faults.append(FieldViolation("nearby_seconds", f"must be 0 to {MAX_NEARBY_SECONDS}"))
    refuse(faults)
    return MetricsRequest(whiteboard_session_id, window, request.allow_no_schedule, seconds(request.nearby_seconds))


def metrics_requests(request: tracking_pb2.BatchGetConnectionMetricsRequest) -> list[MetricsRequest]:
    """Read a batch."""
    if not 1 <= len(request.requests) <= MAX_REQUESTS_PER_BATCH:
        raise InvalidArgument(FieldViolation("requests", f"must hold 1 to {MAX_REQUESTS_PER_BATCH} requests"))
    return [metrics_request(single) for single in request.requests]


def engagement_request(request: tracking_pb2.ListTutorEngagementRequest) -> EngagementRequest:
    """Read a request for totals."""
    faults: list[FieldViolation] = []
    if len(request.tutor_user_ids) > MAX_TUTORS:
        faults.append(FieldViolation("tutor_user_ids", f"must hold at most {MAX_TUTORS} ids; none means all"))
    if not 0 <= request.page_size <= MAX_TUTORS:
        faults.append(FieldViolation("page_size", f"must be 1 to {MAX_TUTORS}, or 0 for all"))
    if request.after_tutor_user_id < 0:
        faults.append(FieldViolation("after_tutor_user_id", "must be the id of a user, or 0 for the first page"))
    if any(number <= 0 for number in request.tutor_user_ids):
        faults.append(FieldViolation("tutor_user_ids", "must be ids of users, positive numbers"))
    engagement = EngagementRequest(
        tutor_ids=frozenset(UserId(number) for number in request.tutor_user_ids),
        scheduled_from=instant(request.scheduled_from, "scheduled_from", faults)
        if request.HasField("scheduled_from")
        else None,
        scheduled_before=instant(request.scheduled_before, "scheduled_before", faults)
        if request.HasField("scheduled_before")
        else None,
        after=UserId(request.after_tutor_user_id),
        size=request.page_size or None,
    )
    refuse(faults)
    return engagement


def session_metrics(facts: SessionFacts, *, by_minute: bool) -> tracking_pb2.GetConnectionMetricsResponse:
    """Return the facts of one session, with the interactions of each minute if `by_minute`."""
    return tracking_pb2.GetConnectionMetricsResponse(
        session_id=facts.session_id,
        window_start=timestamp(facts.window.start),
        window_end=timestamp(facts.window.end),
        participants=[
            _participant(participant, facts.window, by_minute=by_minute) for participant in facts.participants
        ],
        observation_gaps=[_time_stretch(gap) for gap in facts.observation_gaps],
        as_of=timestamp(facts.as_of),
        student_total_active_seconds=facts.student_total_active_seconds,
        student_active_seconds=facts.student_active_seconds,
        facts_deleted_until=optional_timestamp(facts.deleted_until),
    )


def engagement(report: Engagement) -> tracking_pb2.ListTutorEngagementResponse:
    """Return the totals per tutor, and how old they are."""
    return tracking_pb2.ListTutorEngagementResponse(
        tutors=map(_tutor_engagement, report.tutors), as_of=timestamp(report.as_of)
    )


def _tutor_engagement(engagement: TutorEngagement) -> tracking_pb2.TutorEngagement:
    return tracking_pb2.TutorEngagement(
        tutor_user_id=engagement.tutor_id,
        whiteboard_session_count=engagement.session_count,
        average_tutor_active_minutes=engagement.tutor_active_minutes,
        average_student_active_minutes=engagement.student_active_minutes,
        average_student_engagement_percentage=engagement.student_engagement_percentage,
    )


def _window(
    request: tracking_pb2.GetConnectionMetricsRequest, faults: list[FieldViolation]
) -> TimeRange[Instant] | None:
    given = [request.HasField("window_start"), request.HasField("window_end")]
    if not any(given):
        return None
    if not all(given):
        faults.append(FieldViolation("window_end", "send window_start and window_end together, or neither"))
    window = TimeRange(
        instant(request.window_start, "window_start", faults), instant(request.window_end, "window_end", faults)
    )
    if window.end < window.start:
        faults.append(FieldViolation("window_end", "must not lie before window_start"))
    return window


def _participant(
    facts: ParticipantFacts, window: TimeRange[Instant], *, by_minute: bool
) -> tracking_pb2.ParticipantMetrics:
    presence = facts.presence
    return tracking_pb2.ParticipantMetrics(
        user_type=USER_TYPES[facts.participant.user_type],
        user_id=facts.participant.user_id,
        connected=presence.connected,
        first_connected_at=optional_timestamp(presence.first_connected_at),
        last_seen_at=optional_timestamp(presence.last_seen_at),
        last_disconnected_at=optional_timestamp(presence.last_disconnected_at),
        active_seconds=presence.active / MICROSECONDS_PER_SECOND,
        total_active_seconds=presence.total_active / MICROSECONDS_PER_SECOND,
        reconnect_count=presence.reconnect_count,
        interaction_count=facts.interaction_count,
        intervals=_intervals(presence, window),
        unknown=[_time_stretch(time_range) for time_range in facts.unknown],
        arrival_uncertain_since=optional_timestamp(presence.arrival_uncertain_since),
        interactions_per_minute=facts.interactions_per_minute if by_minute else (),
        clock_offset_seconds=facts.clock_offset / MICROSECONDS_PER_SECOND,
        listed=facts.is_listed,
        nearby=[_time_stretch(time_range) for time_range in facts.nearby],
    )


def _intervals(presence: PresenceInWindow, window: TimeRange[Instant]) -> list[tracking_pb2.PresenceInterval]:
    """Return what was seen and what is assumed, oldest first."""
    seen = [(interval.span.time_range, _interval(interval)) for interval in presence.intervals]
    assumed = [(time_range, _assumed(time_range)) for time_range in presence.assumed if touches(time_range, window)]
    return [message for _, message in sorted([*seen, *assumed], key=lambda rendered: rendered[0])]


def _interval(interval: Interval) -> tracking_pb2.PresenceInterval:
    return tracking_pb2.PresenceInterval(
        started_at=timestamp(interval.span.started_at),
        ended_at=timestamp(interval.span.ended_at),
        end_reason=_END_REASONS[interval.end_reason],
    )


def _assumed(time_range: TimeRange[Instant]) -> tracking_pb2.PresenceInterval:
    return tracking_pb2.PresenceInterval(
        started_at=timestamp(time_range.start), ended_at=timestamp(time_range.end), assumed=True
    )


def _time_stretch(time_range: TimeRange[Instant]) -> tracking_pb2.TimeStretch:
    return tracking_pb2.TimeStretch(started_at=timestamp(time_range.start), ended_at=timestamp(time_range.end))
