"""From the tracking service's messages to facts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from astegni.tracking.v1 import tracking_pb2 as pb
from attendance_service.domain.facts import ParticipantFacts, PresenceInterval, SessionFacts
from attendance_service.domain.stretches import Stretch, Stretches
from attendance_service.domain.vocabulary import ParticipantRole
from servicekit.identifiers import UserId

_ROLES = {pb.tutor: ParticipantRole.TUTOR, pb.student: ParticipantRole.STUDENT}
_END_REASONS = {pb.DISCONNECT_REASON_UNSPECIFIED: "", pb.closed: "closed", pb.timed_out: "timed_out"}


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
