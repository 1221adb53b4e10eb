"""Responses to Connect, Heartbeat and Disconnect."""

from __future__ import annotations

from typing import TypedDict

from astegni.tracking.v1 import tracking_pb2
from servicekit.clock import MICROSECONDS_PER_SECOND
from tracking_service.ingest.unary import RecordedEvent
from tracking_service.wire.fields import USER_TYPES, minutes, timestamp


class _Confirmation(TypedDict):
    """What all three responses contain: whose event is recorded."""

    success: bool
    session_id: int
    user_id: int
    user_type: tracking_pb2.UserType.ValueType


def connected(recorded: RecordedEvent) -> tracking_pb2.ConnectResponse:
    """Return the response to a Connect."""
    return tracking_pb2.ConnectResponse(**_confirmation(recorded), connected_at=timestamp(recorded.event.at))


def heartbeat_recorded(recorded: RecordedEvent) -> tracking_pb2.HeartbeatResponse:
    """Return the response to a Heartbeat."""
    return tracking_pb2.HeartbeatResponse(
        **_confirmation(recorded),
        last_activity_at=timestamp(recorded.event.at),
        activity_type=recorded.event.activity_type,
    )


def disconnected(recorded: RecordedEvent) -> tracking_pb2.DisconnectResponse:
    """Return the response to a Disconnect."""
    return tracking_pb2.DisconnectResponse(
        **_confirmation(recorded),
        disconnected_at=timestamp(recorded.event.at),
        total_active_seconds=recorded.total_active // MICROSECONDS_PER_SECOND,
        total_active_minutes=minutes(recorded.total_active),
    )


def _confirmation(recorded: RecordedEvent) -> _Confirmation:
    session_id, user_id, user_type = recorded.event.participant
    return {"success": True, "session_id": session_id, "user_id": user_id, "user_type": USER_TYPES[user_type]}
