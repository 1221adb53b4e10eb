"""The gateway stands still while everything behind it runs (docs/presence.md#the-gateway)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from grpc import aio

from astegni.tracking.v1 import tracking_pb2 as pb
from astegni.tracking.v1 import tracking_pb2_grpc
from gateway.presence_socket.healthcheck import is_healthy
from testkit.envoy import Gateway, running_gateway
from testkit.eventually import eventually
from testkit.facts import query_facts
from testkit.ports import free_port
from testkit.presence_socket_process import PresenceSocketProcess, presence_socket_process
from testkit.service_process import ServiceProcess, tracking_process
from testkit.suspension import suspended
from testkit.tokens import SECRET, metadata, token
from testkit.whiteboard_pages import connected_page
from testkit.whiteboard_sessions import RELAY, STUDENT, TUTOR, add_whiteboard_session

#: A quarter of it is the longest silence, and the longest standstill, that is no gap: more than a busy machine takes.
PRESENCE_TIMEOUT_SECONDS = 8
#: Without a gap, nobody's presence would last for so long.
FROZEN_SECONDS = PRESENCE_TIMEOUT_SECONDS + 3
SECONDS_BETWEEN_CALLS = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Stack:
    """All processes that a page's signs of life pass."""

    tracking: ServiceProcess
    socket: PresenceSocketProcess
    gateway: Gateway

    async def wait_until_probed(self) -> None:
        """Return when both processes depend on the gateway: each has had an answer of it."""
        for process in (self.tracking, self.socket):
            await eventually(lambda process=process: '"the gateway answers"' in process.log())  # type: ignore[misc]

    async def read_everything(self, session_id: int) -> datetime:
        """Return when both processes have surely read what the gateway had sent them before."""
        await self.measured(session_id, datetime.now(UTC))
        assert await asyncio.to_thread(is_healthy, self.socket.address)
        return datetime.now(UTC)

    async def measured(self, session_id: int, since: datetime) -> pb.GetConnectionMetricsResponse:
        request = pb.GetConnectionMetricsRequest(session_id=session_id)
        request.window_start.FromDatetime(since)
        request.window_end.FromDatetime(datetime.now(UTC))
        async with aio.insecure_channel(self.tracking.address) as channel:
            facts = tracking_pb2_grpc.PresenceQueryServiceStub(channel)
            answer: pb.GetConnectionMetricsResponse = await facts.GetConnectionMetrics(
                request, metadata=metadata(token(RELAY, "service"))
            )
        return answer


class RestClient:
    """A user who sends signs of life by REST calls, and goes on after a failure."""

    def __init__(self, url: str, session_id: int, bearer: str, user_type: str) -> None:
        self._address = f"{url}/api/whiteboard/sessions/{session_id}"
        self._headers = {"authorization": f"Bearer {bearer}"}
        self._body = {"user_type": user_type}

    async def call(self, what: str) -> None:
        """Make one call; it may be refused, or not be answered."""
        async with httpx.AsyncClient(timeout=60) as client:
            await client.post(f"{self._address}/{what}", headers=self._headers, json=self._body)

    async def stay(self) -> None:
        """Send heartbeats until cancelled."""
        while True:
            await self.call("heartbeat")
            await asyncio.sleep(SECONDS_BETWEEN_CALLS)


@pytest.fixture
def stack(database: str, tmp_path: Path) -> Iterator[Stack]:
    rhythm = {"HEARTBEAT_INTERVAL_SECONDS": "0.5", "PRESENCE_TIMEOUT_SECONDS": str(PRESENCE_TIMEOUT_SECONDS)}
    port = free_port()
    probed = {"GATEWAY_PROBE_ADDRESS": f"127.0.0.1:{port}"}
    with ExitStack() as running:
        tracking = running.enter_context(tracking_process(database, tmp_path / "tracking.log", **rhythm, **probed))
        socket = running.enter_context(presence_socket_process(tracking.address, tmp_path / "socket.log", **probed))
        gateway = running.enter_context(
            running_gateway(
                tmp_path,
                {
                    "JWT_HS256_SECRET": SECRET,
                    "TRACKING_ADDRESS": tracking.address,
                    "ATTENDANCE_ADDRESS": tracking.address,
                    "SOCKET_ADDRESS": socket.address,
                    "GATEWAY_PORT": str(port),
                },
            )
        )
        gateway.wait_until_sockets_are_accepted()
        yield Stack(tracking=tracking, socket=socket, gateway=gateway)


def tutors_seen_since(database: str, at: datetime) -> int:
    """Return in how many sessions a tutor's last sign of life is recorded with a later time."""
    sessions = "SELECT DISTINCT whiteboard_session_id FROM presence_intervals"
    return len(query_facts(database, f"{sessions} WHERE user_type = 'tutor' AND last_sign_at > '{at}'"))


async def test_nobody_is_absent_while_the_gateway_stands_still(stack: Stack, database: str) -> None:
    by_socket, by_rest = (add_whiteboard_session(database) for _ in range(2))
    tutor = RestClient(stack.gateway.url, by_rest, token(TUTOR, "tutor"), "tutor")
    student = RestClient(stack.gateway.url, by_rest, token(STUDENT, "student"), "student")
    await stack.wait_until_probed()
    began = datetime.now(UTC)
    async with connected_page(stack.gateway.port, by_socket, token(TUTOR, "tutor")):
        staying = asyncio.create_task(tutor.stay())
        await eventually(lambda: tutors_seen_since(database, began) == len((by_socket, by_rest)))
        await student.call("connect")
        with suspended(stack.gateway.process.pid):
            frozen = await stack.read_everything(by_rest)
            leaving = asyncio.create_task(student.call("heartbeat"))
            await asyncio.sleep(FROZEN_SECONDS)
            thawed = datetime.now(UTC)
        await leaving
        await eventually(lambda: tutors_seen_since(database, thawed) == len((by_socket, by_rest)))
        seen = [await stack.measured(session_id, began) for session_id in (by_socket, by_rest)]
        staying.cancel()
        await asyncio.wait([staying])
    for found in seen:
        (gap,) = found.observation_gaps
        assert gap.started_at.ToDatetime(UTC) < frozen
        assert gap.ended_at.ToDatetime(UTC) >= thawed
        present = found.participants[0]
        assert (any(one.assumed for one in present.intervals), present.reconnect_count) == (True, 0)
    # The heartbeat that the gateway held back is no sign of life after the gap.
    (gap,), left = seen[1].observation_gaps, seen[1].participants[1]
    assert [(one.started_at, one.ended_at) for one in left.unknown] == [(gap.started_at, gap.ended_at)]
