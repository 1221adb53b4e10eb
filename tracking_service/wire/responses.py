"""Answers to Connect, Heartbeat and Disconnect, and the frames of a stream."""

from __future__ import annotations

from typing import TypedDict

from google.protobuf.duration_pb2 import Duration

from astegni.tracking.v1 import tracking_pb2
from servicekit.clock import MICROSECONDS_PER_SECOND
from tracking_service.domain.events import UserType
from tracking_service.ingest.inlet import UNACKNOWLEDGED_AT_MOST, Acknowledgement
from tracking_service.ingest.single import Recorded
from tracking_service.wire.moments import minutes, timestamp

USER_TYPES: dict[UserType, tracking_pb2.UserType.ValueType] = {
    UserType.TUTOR: tracking_pb2.tutor,
    UserType.STUDENT: tracking_pb2.student,
}


class _Confirmation(TypedDict):
    """What every answer to a call says: whose event is recorded."""

    success: bool
    session_id: int
    user_id: int
    user_type: tracking_pb2.UserType.ValueType


def connected(recorded: Recorded) -> tracking_pb2.ConnectResponse:
    """Answer a Connect."""
    return tracking_pb2.ConnectResponse(**_confirmation(recorded), connected_at=timestamp(recorded.event.at))


def heartbeat_recorded(recorded: Recorded) -> tracking_pb2.HeartbeatResponse:
    """Answer a Heartbeat."""
    return tracking_pb2.HeartbeatResponse(
        **_confirmation(recorded),
        last_activity_at=timestamp(recorded.event.at),
        activity_type=recorded.event.activity_type,
    )


def disconnected(recorded: Recorded) -> tracking_pb2.DisconnectResponse:
    """Answer a Disconnect."""
    return tracking_pb2.DisconnectResponse(
        **_confirmation(recorded),
        disconnected_at=timestamp(recorded.event.at),
        total_active_seconds=recorded.total_active // MICROSECONDS_PER_SECOND,
        total_active_minutes=minutes(recorded.total_active),
    )


def opened(
    committed_sequence: int, *, heartbeat_interval: int, presence_timeout: int
) -> tracking_pb2.StreamHeartbeatsResponse:
    """Say where to go on, and in which rhythm; durations in microseconds."""
    return tracking_pb2.StreamHeartbeatsResponse(
        opened=tracking_pb2.StreamOpened(
            committed_sequence=committed_sequence,
            heartbeat_interval=_duration(heartbeat_interval),
            presence_timeout=_duration(presence_timeout),
            max_unacknowledged=UNACKNOWLEDGED_AT_MOST,
        )
    )


def acknowledged(acknowledgement: Acknowledgement) -> tracking_pb2.StreamHeartbeatsResponse:
    """Say what is committed, and what was refused."""
    return tracking_pb2.StreamHeartbeatsResponse(
        ack=tracking_pb2.StreamAck(
            committed_sequence=acknowledgement.committed_sequence,
            rejections=[
                tracking_pb2.EventRejection(
                    sequence=rejection.sequence, reason=rejection.error.reason, message=rejection.error.message
                )
                for rejection in acknowledgement.rejections
            ],
        )
    )


def draining(reconnect_after: int) -> tracking_pb2.StreamHeartbeatsResponse:
    """Say that the service is about to stop; the duration is in microseconds."""
    return tracking_pb2.StreamHeartbeatsResponse(
        draining=tracking_pb2.StreamDraining(reconnect_after=_duration(reconnect_after))
    )


def _confirmation(recorded: Recorded) -> _Confirmation:
    session_id, user_id, user_type = recorded.event.participant
    return {"success": True, "session_id": session_id, "user_id": user_id, "user_type": USER_TYPES[user_type]}


def _duration(microseconds: int) -> Duration:
    duration = Duration()
    duration.FromMicroseconds(microseconds)
    return duration
