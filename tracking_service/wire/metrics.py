"""Requests for facts, and the facts as messages."""

from __future__ import annotations

from astegni.tracking.v1 import tracking_pb2
from servicekit.clock import MICROSECONDS_PER_SECOND
from servicekit.errors import FieldViolation, InvalidArgument
from tracking_service.domain.events import EndReason
from tracking_service.domain.intervals import Stretch
from tracking_service.domain.measurement import PresenceInWindow
from tracking_service.domain.presence import Interval
from tracking_service.domain.windows import Window, touches
from tracking_service.queries.metrics import MetricsRequest, ParticipantFacts, SessionFacts
from tracking_service.wire.moments import optional_timestamp, timestamp
from tracking_service.wire.reports import optional_instant, refuse, session_id
from tracking_service.wire.responses import USER_TYPES

#: Their facts fit in one message of 1 MiB.
REQUESTS_PER_BATCH = 500

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
    refuse(faults)
    return MetricsRequest(whiteboard_session_id, window)


def metrics_requests(request: tracking_pb2.BatchGetConnectionMetricsRequest) -> list[MetricsRequest]:
    """Read a batch."""
    if not 1 <= len(request.requests) <= REQUESTS_PER_BATCH:
        raise InvalidArgument(FieldViolation("requests", f"must hold 1 to {REQUESTS_PER_BATCH} requests"))
    return [metrics_request(single) for single in request.requests]


def session_metrics(facts: SessionFacts, *, by_minute: bool) -> tracking_pb2.GetConnectionMetricsResponse:
    """Render the facts of one session; `by_minute` tells whether with the interactions of each minute."""
    return tracking_pb2.GetConnectionMetricsResponse(
        session_id=facts.session_id,
        window_start=timestamp(facts.window.start),
        window_end=timestamp(facts.window.end),
        participants=[
            _participant(participant, facts.window, by_minute=by_minute) for participant in facts.participants
        ],
        observation_gaps=[_stretch(gap) for gap in facts.observation_gaps],
        as_of=timestamp(facts.as_of),
        student_total_active_seconds=facts.student_total_active_seconds,
    )


def _window(request: tracking_pb2.GetConnectionMetricsRequest, faults: list[FieldViolation]) -> Window | None:
    given = [request.HasField("window_start"), request.HasField("window_end")]
    if not any(given):
        return None
    if not all(given):
        faults.append(FieldViolation("window_end", "send window_start and window_end together, or neither"))
    window = Window(
        optional_instant(request.window_start, "window_start", faults),
        optional_instant(request.window_end, "window_end", faults),
    )
    if window.end < window.start:
        faults.append(FieldViolation("window_end", "must not lie before window_start"))
    return window


def _participant(facts: ParticipantFacts, window: Window, *, by_minute: bool) -> tracking_pb2.ParticipantMetrics:
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
        unknown=[_stretch(stretch) for stretch in facts.unknown],
        arrival_uncertain_since=optional_timestamp(presence.arrival_uncertain_since),
        interactions_per_minute=facts.interactions_per_minute if by_minute else (),
    )


def _intervals(presence: PresenceInWindow, window: Window) -> list[tracking_pb2.PresenceInterval]:
    """Render what was seen and what is assumed, oldest first."""
    seen = [(interval.stretch, _interval(interval)) for interval in presence.intervals]
    assumed = [(stretch, _assumed(stretch)) for stretch in presence.assumed if touches(stretch, window)]
    return [message for _, message in sorted([*seen, *assumed], key=lambda rendered: rendered[0])]


def _interval(interval: Interval) -> tracking_pb2.PresenceInterval:
    return tracking_pb2.PresenceInterval(
        started_at=timestamp(interval.stretch.started_at),
        ended_at=timestamp(interval.stretch.ended_at),
        end_reason=_END_REASONS[interval.end_reason],
    )


def _assumed(stretch: Stretch) -> tracking_pb2.PresenceInterval:
    return tracking_pb2.PresenceInterval(
        started_at=timestamp(stretch.started_at), ended_at=timestamp(stretch.ended_at), assumed=True
    )


def _stretch(stretch: Window) -> tracking_pb2.TimeStretch:
    return tracking_pb2.TimeStretch(started_at=timestamp(stretch.start), ended_at=timestamp(stretch.end))
