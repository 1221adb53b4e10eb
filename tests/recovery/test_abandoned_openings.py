"""The database delays a stream's opening and the client gives it up: executed later, it has no effect."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from testkit.heartbeat_client import HeartbeatStream, event
from testkit.service_process import ServiceProcess
from testkit.tokens import token
from testkit.whiteboard_sessions import RELAY, STUDENT, add_whiteboard_session
from tests.recovery.postgres_proxies import DelayedStatement, service_behind


class Replicas(NamedTuple):
    """Two replicas of the service, one of which reaches the database through a proxy."""

    proxy: DelayedStatement
    delayed: ServiceProcess
    healthy: ServiceProcess


@pytest.fixture
async def replicas(tracking_service: ServiceProcess, database: str, tmp_path: Path) -> AsyncIterator[Replicas]:
    async with service_behind(DelayedStatement, database, tmp_path / "delayed.log") as (proxy, delayed):
        yield Replicas(proxy, delayed, tracking_service)


async def give_up(stream: HeartbeatStream, channel: aio.Channel) -> None:
    """Cancel a stream and return when the service knows: it reads what one connection brings in order."""
    stream.cancel()
    await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())  # type: ignore[attr-defined]


async def test_an_opening_that_was_given_up_does_not_take_the_stream_from_its_successor(
    replicas: Replicas, database: str
) -> None:
    proxy, delayed, healthy = replicas
    session_id, bearer = add_whiteboard_session(database), token(RELAY, "service")
    async with aio.insecure_channel(delayed.address) as one, aio.insecure_channel(healthy.address) as other:
        given_up = HeartbeatStream(one, bearer)
        proxy.hold(given_up.stream_id)
        opening = asyncio.create_task(given_up.open())
        await proxy.held()
        await give_up(given_up, one)
        successor = HeartbeatStream(other, bearer, given_up.stream_id)
        await successor.open()
        await proxy.release()
        await successor.send_events(event(1, "heartbeat", session_id, STUDENT))
        await successor.acknowledged(1)
        successor.cancel()
        await asyncio.wait([opening])
