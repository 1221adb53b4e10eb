"""Frames of StreamHeartbeats that go to clients."""

from __future__ import annotations

from astegni.tracking.v1 import tracking_pb2
from tracking_service.ingest.stream import MAX_UNACKNOWLEDGED, Acknowledgement
from tracking_service.wire.fields import duration


def opened(
    committed_sequence: int, *, heartbeat_interval: int, presence_timeout: int
) -> tracking_pb2.StreamHeartbeatsResponse:
    """Return the first response: where to go on, and the interval and timeout in microseconds."""
    return tracking_pb2.StreamHeartbeatsResponse(
        opened=tracking_pb2.StreamOpened(
            committed_sequence=committed_sequence,
            heartbeat_interval=duration(heartbeat_interval),
            presence_timeout=duration(presence_timeout),
            max_unacknowledged=MAX_UNACKNOWLEDGED,
            accepts_heartbeats=True,
        )
    )


def acknowledged(acknowledgement: Acknowledgement) -> tracking_pb2.StreamHeartbeatsResponse:
    """Return what is committed, and what was rejected."""
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
    """Return the announcement that the service is about to stop; the time is in microseconds."""
    return tracking_pb2.StreamHeartbeatsResponse(
        draining=tracking_pb2.StreamDraining(reconnect_after=duration(reconnect_after))
    )
