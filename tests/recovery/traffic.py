"""Relays and a caller at one service, and what they get while it can not record anything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from google.rpc import error_details_pb2
from grpc import StatusCode, aio

from astegni.tracking.v1 import tracking_pb2, tracking_pb2_grpc
from testkit.grpc_errors import details
from testkit.pytest_plugins.thorough import thoroughly
from testkit.service_process import ServiceProcess
from testkit.tokens import metadata, token
from tests.recovery.lessons import Lesson, hold_lesson
from tests.recovery.load import Relay

RELAYS = 3
#: Between two messages of a relay: steady traffic is enough here, and leaves processor time to other tests.
PAUSE_SECONDS = 0.01
#: An outage lasts until some calls were refused; in `make test-all`, so many seconds longer.
OUTAGE_SECONDS = thoroughly(0, thorough=20)
#: A caller's deadline. The service answers when three quarters of it are over, also while it can not record anything.
DEADLINE_SECONDS = 5.0


class Caller:
    """Makes single calls for one attendee, as browsers do through the gateway."""

    def __init__(self, channel: aio.Channel, lesson: Lesson) -> None:
        self._stub = tracking_pb2_grpc.TrackingServiceStub(channel)
        self._attendee = lesson.attendees[0]
        self._metadata = metadata(token(self._attendee.user_id, self._attendee.user_type))

    async def heartbeat(self, activity_type: str = "heartbeat") -> tracking_pb2.HeartbeatResponse:
        request = tracking_pb2.HeartbeatRequest(
            session_id=self._attendee.session_id, user_type=tracking_pb2.tutor, activity_type=activity_type
        )
        response: tracking_pb2.HeartbeatResponse = await self._stub.Heartbeat(
            request, metadata=self._metadata, timeout=DEADLINE_SECONDS
        )
        return response

    async def status(self) -> tracking_pb2.GetConnectionStatusResponse:
        request = tracking_pb2.GetConnectionStatusRequest(session_id=self._attendee.session_id)
        response: tracking_pb2.GetConnectionStatusResponse = await self._stub.GetConnectionStatus(
            request, metadata=self._metadata, timeout=DEADLINE_SECONDS
        )
        return response


class Traffic:
    """Relays that stream, and a caller, at one service."""

    def __init__(self, relays: list[Relay], caller: Caller) -> None:
        self.relays = relays
        self.caller = caller

    async def flows(self) -> None:
        """Wait until everything that every relay has sent by now is acknowledged, and more."""
        for relay in self.relays:
            await relay.acknowledged.reached(relay.last_sent + 1)

    async def is_held_up(self) -> None:
        """Check that calls are refused in time, and that nothing is acknowledged."""
        await _refused(self.caller.heartbeat)
        acknowledged = [relay.promised for relay in self.relays]
        await asyncio.sleep(OUTAGE_SECONDS)
        await asyncio.gather(_refused(self.caller.status), _refused(self.caller.heartbeat))
        assert [relay.promised for relay in self.relays] == acknowledged


@asynccontextmanager
async def traffic(service: ServiceProcess, database: str) -> AsyncIterator[Traffic]:
    """Keep relays streaming for the length of the block; all got through when it begins."""
    relays = [Relay(hold_lesson(database), pause_seconds=PAUSE_SECONDS) for _ in range(RELAYS)]
    async with aio.insecure_channel(service.address) as channel, asyncio.TaskGroup() as group:
        streams = [group.create_task(relay.stream_on(service.address)) for relay in relays]
        flowing = Traffic(relays, Caller(channel, hold_lesson(database)))
        await flowing.flows()
        yield flowing
        for stream in streams:
            stream.cancel()


def assert_says_retry(error: aio.AioRpcError) -> None:
    """Check that the service itself refused the call, in time, and says when to try again."""
    assert error.code() == StatusCode.UNAVAILABLE, error
    (retry,) = details(error, error_details_pb2.RetryInfo)
    assert retry.retry_delay.ToTimedelta().total_seconds() > 0


async def _refused(call: Callable[[], Awaitable[object]]) -> None:
    with pytest.raises(aio.AioRpcError) as refused:
        await call()
    assert_says_retry(refused.value)
