"""A stream's opening hangs in storage and its client gives it up: it has no effect when storage goes on (DESIGN 6)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from testkit.heartbeat_client import HeartbeatStream, event
from testkit.service_process import ServiceProcess, tracking_process
from testkit.tokens import token
from testkit.whiteboard_sessions import RELAY, STUDENT, add_whiteboard_session
from tests.recovery.hanging_line import HangingLine
from tests.recovery.lines import line_to


class Replicas(NamedTuple):
    """Two replicas of the service, one of which reaches the database over a line that may hang."""

    line: HangingLine
    hanging: ServiceProcess
    healthy: ServiceProcess


@pytest.fixture
async def replicas(tracking_service: ServiceProcess, database: str, tmp_path: Path) -> AsyncIterator[Replicas]:
    async with line_to(database, HangingLine) as (line, url):
        process = tracking_process(url, tmp_path / "hanging.log")
        # In a thread: starting it waits for the service, which waits for the line, which lives here.
        hanging = await asyncio.to_thread(process.__enter__)
        yield Replicas(line, hanging, tracking_service)
        await asyncio.to_thread(process.__exit__, None, None, None)


async def give_up(stream: HeartbeatStream, channel: aio.Channel) -> None:
    """Cancel a stream and return when the service knows: it reads what comes over one connection in order."""
    stream.cancel()
    await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())  # type: ignore[attr-defined]


async def test_an_opening_that_was_given_up_does_not_take_the_stream_from_its_successor(
    replicas: Replicas, database: str
) -> None:
    line, hanging, healthy = replicas
    session_id, bearer = add_whiteboard_session(database), token(RELAY, "service")
    async with aio.insecure_channel(hanging.address) as one, aio.insecure_channel(healthy.address) as other:
        given_up = HeartbeatStream(one, bearer)
        line.keep_back(given_up.stream_id)
        opening = asyncio.create_task(given_up.open())
        await line.something_hangs()
        await give_up(given_up, one)
        successor = HeartbeatStream(other, bearer, given_up.stream_id)
        await successor.open()
        await line.go_on()
        await successor.send_events(event(1, "heartbeat", session_id, STUDENT))
        await successor.acknowledged(1)
        successor.cancel()
        await asyncio.wait([opening])
