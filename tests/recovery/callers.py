"""Callers of single events, as browsers are through the gateway."""

from __future__ import annotations

from google.rpc import error_details_pb2
from grpc import StatusCode, aio

from astegni.tracking.v1 import tracking_pb2, tracking_pb2_grpc
from testkit.grpc_errors import details
from testkit.tokens import metadata, token
from tests.recovery.lessons import Attendee, Lesson

#: What a caller waits for an answer. The service answers before, also while it can not record anything.
DEADLINE_SECONDS = 3.0


class Caller:
    """Shows signs of life of one attendee, one call at a time."""

    def __init__(self, channel: aio.Channel, lesson: Lesson) -> None:
        self._stub = tracking_pb2_grpc.TrackingServiceStub(channel)
        self._attendee = lesson.attendees[0]

    async def heartbeat(self, activity_type: str = "heartbeat") -> tracking_pb2.HeartbeatResponse:
        request = tracking_pb2.HeartbeatRequest(
            session_id=self._attendee.session_id, user_type=tracking_pb2.tutor, activity_type=activity_type
        )
        response: tracking_pb2.HeartbeatResponse = await self._stub.Heartbeat(
            request, metadata=bearer(self._attendee), timeout=DEADLINE_SECONDS
        )
        return response

    async def status(self) -> tracking_pb2.GetConnectionStatusResponse:
        request = tracking_pb2.GetConnectionStatusRequest(session_id=self._attendee.session_id)
        response: tracking_pb2.GetConnectionStatusResponse = await self._stub.GetConnectionStatus(
            request, metadata=bearer(self._attendee), timeout=DEADLINE_SECONDS
        )
        return response


def bearer(attendee: Attendee) -> tuple[tuple[str, str], ...]:
    return metadata(token(attendee.user_id, attendee.user_type))


def assert_told_to_retry(error: aio.AioRpcError) -> None:
    """Check that a refusal is the service's own, in time, and tells when to come again."""
    assert error.code() == StatusCode.UNAVAILABLE, error
    (retry,) = details(error, error_details_pb2.RetryInfo)
    assert retry.retry_delay.ToTimedelta().total_seconds() > 0
