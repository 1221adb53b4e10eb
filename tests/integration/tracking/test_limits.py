"""One identity floods: it is refused beyond its limits, and others are served (docs/streams.md#limits)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from google.rpc import error_details_pb2
from grpc import StatusCode, aio

from astegni.tracking.v1 import tracking_pb2 as pb
from testkit.grpc_errors import details, reason, refusal
from testkit.heartbeat_client import HeartbeatStream, event
from testkit.status_watcher import StatusWatcher
from testkit.tokens import metadata, token
from testkit.tracking_app import tracking_settings
from testkit.whiteboard_sessions import STUDENT
from tracking_service.errors import RateLimited, TooManyOfOneIdentity
from tracking_service.servicer.identity_limits import EVENT_BURST_SECONDS
from tracking_service.settings import TrackingSettings

if TYPE_CHECKING:
    from astegni.tracking.v1.tracking_pb2_grpc import TrackingServiceAsyncStub as Tracking

BURST = EVENT_BURST_SECONDS
#: Sends nothing in other tests, and takes part in no session: what is rejected is acknowledged, too.
SENDER = 999
REFUSED = StatusCode.RESOURCE_EXHAUSTED


@pytest.fixture(scope="module")
def module_settings(module_database: str) -> Iterator[TrackingSettings]:
    limits = {
        "MAX_STREAMS_PER_USER": "1",
        "MAX_WATCHES_PER_USER": "1",
        "MAX_EVENTS_PER_SECOND_PER_USER": "1",
    }
    with pytest.MonkeyPatch.context() as monkeypatch:
        for error in (RateLimited, TooManyOfOneIdentity):
            monkeypatch.setattr(error, "answered_after_seconds", 0)
        yield tracking_settings(module_database, monkeypatch, **limits)


async def test_a_user_who_sends_too_much_is_refused_with_a_time_to_retry_after_and_others_are_not(
    tracking: Tracking, channel: aio.Channel, session_id: int, student_token: str, tutor_token: str
) -> None:
    stream = HeartbeatStream(channel, student_token)
    await stream.open()
    await stream.send_batch([event(number, "heartbeat", session_id, STUDENT) for number in range(1, BURST + 1)])
    await stream.acknowledged(BURST)
    await stream.send_batch([event(number, "heartbeat", session_id, STUDENT) for number in range(BURST + 1, 2 * BURST)])
    with pytest.raises(aio.AioRpcError) as refused:
        await stream.receive()
    assert (refused.value.code(), reason(refused.value)) == (REFUSED, "RATE_LIMITED")
    with pytest.raises(aio.AioRpcError) as refused:
        await beat_often(tracking, session_id, student_token)
    assert (refused.value.code(), reason(refused.value)) == (REFUSED, "RATE_LIMITED")
    (retry,) = details(refused.value, error_details_pb2.RetryInfo)
    assert 0 < retry.retry_delay.ToNanoseconds() <= 1_000_000_000
    beat = pb.HeartbeatRequest(session_id=session_id, user_type=pb.tutor)
    await tracking.Heartbeat(beat, metadata=metadata(tutor_token))


async def test_a_batch_that_is_too_much_is_taken_up_to_the_limit(channel: aio.Channel, session_id: int) -> None:
    stream = HeartbeatStream(channel, token(SENDER, "student"))
    await stream.open()
    connects = [event(number, "connect", session_id, SENDER, connection_id=str(number)) for number in range(2, BURST)]
    await stream.send_batch([event(1, "heartbeat", session_id, SENDER), *connects])
    ack = await stream.acknowledged(1)
    with pytest.raises(aio.AioRpcError) as refused:
        await stream.acknowledged(BURST)
    assert (refused.value.code(), reason(refused.value)) == (REFUSED, "RATE_LIMITED")
    # A connect counts as a whole burst here.
    assert ack.committed_sequence < BURST - 1


async def beat_often(tracking: Tracking, session_id: int, bearer: str) -> None:
    """Send more heartbeats at once than a user may."""
    beat = pb.HeartbeatRequest(session_id=session_id, user_type=pb.student)
    for _ in range(BURST):
        await tracking.Heartbeat(beat, metadata=metadata(bearer))


async def test_a_user_has_so_many_streams_and_watches_and_others_have_their_own(
    channel: aio.Channel, session_id: int, tutor_token: str, relay_token: str
) -> None:
    stream, watcher = HeartbeatStream(channel, tutor_token), StatusWatcher(channel, tutor_token, session_id)
    await stream.open()
    await watcher.next()
    refused = (REFUSED, "TOO_MANY_OF_ONE_IDENTITY")
    assert await refusal(HeartbeatStream(channel, tutor_token).open()) == refused
    assert await refusal(StatusWatcher(channel, tutor_token, session_id).next()) == refused
    for _ in range(2):
        await HeartbeatStream(channel, relay_token).open()
        await StatusWatcher(channel, relay_token, session_id).next()
