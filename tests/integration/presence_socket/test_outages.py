"""The tracking service goes away and comes back; so does the presence socket. Nobody's presence breaks."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

import httpx
import pytest

from gateway.presence_socket import app
from testkit.postgres import query
from testkit.tracking_app import Service
from testkit.whiteboard_pages import page_of, present
from testkit.whiteboard_sessions import columns, intervals
from tests.integration.presence_socket.conftest import Socket

PAGES = 20


@pytest.fixture
def outage() -> timedelta:
    """Return a time that tests can wait for."""
    return timedelta(seconds=0.2)


async def test_while_the_tracking_service_is_away_sockets_stay_and_pages_are_told(
    service: Service, socket: Socket, database: str, session_id: int, student_token: str
) -> None:
    async with present(socket.port, session_id, student_token) as page:
        await service.stop()
        await page.do("draw")
        assert (await page.heard("error"))["reason"] == "TRACKING_UNAVAILABLE"
        await service.start()
        await page.acknowledged(1)
    assert query(database, "SELECT activity_type FROM activity_periods") == [("draw",)]


async def test_an_idle_page_is_told_of_the_end_of_an_outage_by_an_ack(
    service: Service, socket: Socket, session_id: int, student_token: str
) -> None:
    async with present(socket.port, session_id, student_token) as page:
        await service.stop()
        await page.heard("error")
        await service.start()
        assert await page.heard("ack") == {"type": "ack", "activities": 0}


async def test_whoever_comes_during_an_outage_is_told_and_connected_afterwards_as_of_their_coming(
    service: Service, socket: Socket, database: str, session_id: int, student_token: str
) -> None:
    async with present(socket.port, session_id, student_token) as first:
        await service.stop()
        await first.heard("error")
        async with page_of(socket.port, session_id, student_token) as page:
            assert (await page.message())["reason"] == "TRACKING_UNAVAILABLE"
            await service.start()
            connected = await page.heard("connected")
    ((came_at,),) = query(database, "SELECT max(occurred_at) FROM connection_events WHERE event = 'connect'")
    assert came_at == datetime.fromisoformat(connected["connected_at"])


async def test_a_restart_tells_every_page_when_to_come_back_and_closes_with_1012(
    socket: Socket, session_id: int, student_token: str
) -> None:
    async with AsyncExitStack() as stack:
        pages = [await stack.enter_async_context(present(socket.port, session_id, student_token)) for _ in range(PAGES)]
        stopping = asyncio.create_task(socket.stop())
        waits = [(await page.heard("draining"))["reconnect_after_seconds"] for page in pages]
        assert [await page.closed() for page in pages] == [(1012, "RESTARTING")] * PAGES
        await stopping
    assert min(waits) >= 1
    assert len(set(waits)) > 1, "they would all come back in the same moment"


async def test_whoever_comes_back_after_a_restart_was_never_away(
    socket: Socket, database: str, session_id: int, student_token: str
) -> None:
    async with present(socket.port, session_id, student_token) as page:
        await socket.stop()
        await page.closed()
    (disconnected_at,) = columns(database, session_id, "student_disconnected_at")
    assert disconnected_at is not None, "the disconnect was not committed before the end"
    await socket.start()
    async with present(socket.port, session_id, student_token):
        assert [(user, reason) for user, _, reason in intervals(database, session_id)] == [(201, None)]


async def test_health_tells_whether_sockets_are_taken(socket: Socket) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"http://127.0.0.1:{socket.port}/healthz")
    assert answer.status_code == 200


async def test_nobody_is_taken_on_whose_connect_can_not_be_kept(
    service: Service, socket: Socket, session_id: int, student_token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await socket.stop()
    monkeypatch.setattr(app, "CAPACITY", 1)
    await socket.start()
    await service.stop()
    async with (
        page_of(socket.port, session_id, student_token),
        page_of(socket.port, session_id, student_token) as page,
    ):
        assert await page.closed() == (1013, "TRY_AGAIN_LATER")
        await service.start()
