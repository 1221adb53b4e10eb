"""Questions about facts, and from the tracking service's messages to facts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from google.protobuf.timestamp_pb2 import Timestamp

from astegni.tracking.v1 import tracking_pb2 as pb
from attendance_service.domain.facts import ParticipantFacts, PresenceInterval, SessionFacts
from attendance_service.domain.stretches import Stretch, Stretches
from attendance_service.domain.vocabulary import ParticipantRole
from servicekit.identifiers import UserId, WhiteboardSessionId

_ROLES = {pb.tutor: ParticipantRole.TUTOR, pb.student: ParticipantRole.STUDENT}
_END_REASONS = {pb.DISCONNECT_REASON_UNSPECIFIED: "", pb.closed: "closed", pb.timed_out: "timed_out"}


class WhiteboardWindow(NamedTuple):
    """A whiteboard session, and the window of it that is asked about."""

    whiteboard_id: WhiteboardSessionId
    window: Stretch


def metrics_request(whiteboard_id: WhiteboardSessionId, window: Stretch | None) -> pb.GetConnectionMetricsRequest:
    """Return the question for the facts of a window; None: the whiteboard session's own schedule."""
    request = pb.GetConnectionMetricsRequest(session_id=whiteboard_id)
    if window is not None:
        request.window_start.FromDatetime(window.started_at)
        request.window_end.FromDatetime(window.ended_at)
    return request


def facts_request(windows: Iterable[WhiteboardWindow]) -> pb.BatchGetConnectionMetricsRequest:
    """Return the question for the facts of many windows."""
    return pb.BatchGetConnectionMetricsRequest(requests=[metrics_request(*asked) for asked in windows])


def batch_facts(
    windows: Sequence[WhiteboardWindow], response: pb.BatchGetConnectionMetricsResponse
) -> tuple[SessionFacts | None, ...]:
    """Return the facts of each window that was asked about; None where there is no such whiteboard session."""
    unknown = set(response.unknown_session_ids)
    # One answer for each question whose session exists, in their order.
    answers = iter(response.metrics)
    return tuple(None if asked.whiteboard_id in unknown else session_facts(next(answers)) for asked in windows)


def session_facts(response: pb.GetConnectionMetricsResponse) -> SessionFacts:
    """Return the facts; KeyError for a role or an end that this version does not know."""
    return SessionFacts(
        window=Stretch(started_at=_moment(response.window_start), ended_at=_moment(response.window_end)),
        participants=tuple(_participant(participant) for participant in response.participants),
        observation_gaps=_stretches(response.observation_gaps),
        as_of=_moment(response.as_of),
    )


def _participant(participant: pb.ParticipantMetrics) -> ParticipantFacts:
    uncertain = participant.HasField("arrival_uncertain_since")
    return ParticipantFacts(
        user_id=UserId(participant.user_id),
        role=_ROLES[participant.user_type],
        intervals=tuple(_interval(interval) for interval in participant.intervals),
        unknown=_stretches(participant.unknown),
        reconnects=participant.reconnect_count,
        arrival_uncertain_since=_moment(participant.arrival_uncertain_since) if uncertain else None,
        activity=tuple(participant.interactions_per_minute),
    )


def _interval(interval: pb.PresenceInterval) -> PresenceInterval:
    return PresenceInterval(
        started_at=_moment(interval.started_at),
        ended_at=_moment(interval.ended_at),
        end_reason=_END_REASONS[interval.end_reason],
        assumed=interval.assumed,
    )


def _stretches(stretches: Iterable[pb.TimeStretch]) -> Stretches:
    return tuple(
        Stretch(started_at=_moment(stretch.started_at), ended_at=_moment(stretch.ended_at)) for stretch in stretches
    )


def _moment(timestamp: Timestamp) -> datetime:
    return timestamp.ToDatetime(tzinfo=UTC)
