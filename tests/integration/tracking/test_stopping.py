"""What a service sends to its streams and watchers when it is about to stop (docs/streams.md#shutdown)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from google.rpc import error_details_pb2
from grpc import StatusCode, aio

from testkit.grpc_errors import details, reason, refusal
from testkit.heartbeat_client import HeartbeatStream, event
from testkit.running_app import channel_to, running
from testkit.status_watcher import StatusWatcher
from testkit.whiteboard_sessions import STUDENT
from tracking_service.app import TrackingApp
from tracking_service.settings import TrackingSettings


@pytest.fixture
async def app(settings: TrackingSettings) -> AsyncIterator[TrackingApp]:
    """Run a service for one test, which stops it."""
    async with running(TrackingApp(settings)) as app:
        yield app


@pytest.fixture
async def channel(app: TrackingApp) -> AsyncIterator[aio.Channel]:
    async with channel_to(app) as channel:
        yield channel


async def test_a_stop_drains_every_stream_before_the_service_ends(
    app: TrackingApp, channel: aio.Channel, relay_token: str, session_id: int
) -> None:
    stream = HeartbeatStream(channel, relay_token)
    await stream.open()
    await stream.send_events(event(1, "connect", session_id, STUDENT, at=datetime.now(UTC)))
    await stream.acknowledged(1)
    app.begin_draining()
    assert (await stream.receive()).HasField("draining")
    assert await stream.end() == StatusCode.OK


async def test_a_stop_sends_watchers_elsewhere(
    app: TrackingApp, channel: aio.Channel, session_id: int, tutor_token: str
) -> None:
    watcher = StatusWatcher(channel, tutor_token, session_id)
    await watcher.next()
    app.begin_draining()
    with pytest.raises(aio.AioRpcError) as ended:
        await watcher.next()
    assert (ended.value.code(), reason(ended.value)) == (StatusCode.UNAVAILABLE, "DRAINING")
    assert details(ended.value, error_details_pb2.RetryInfo)


async def test_a_replica_that_stops_takes_no_new_watcher(
    app: TrackingApp, channel: aio.Channel, session_id: int, tutor_token: str
) -> None:
    watcher = StatusWatcher(channel, tutor_token, session_id)
    app.begin_draining()
    assert await refusal(watcher.next()) == (StatusCode.UNAVAILABLE, "DRAINING")
