"""The tracking service or the presence socket stops and starts again, and all presence continues."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from gateway.presence_socket import app, upstream
from testkit.facts import query_facts
from testkit.tracking_app import Service
from testkit.whiteboard_pages import connected_page, open_page
from testkit.whiteboard_sessions import intervals
from tests.integration.presence_socket.conftest import Socket

PAGES = 20
RECORDED = "SELECT event FROM connection_events ORDER BY recorded_at, occurred_at"


@pytest.fixture
def outage_threshold() -> timedelta:
    """Return a threshold that tests can wait for."""
    return timedelta(seconds=0.1)


@pytest.fixture(autouse=True)
def frequent_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upstream, "POLL_INTERVAL_SECONDS", 0.02)


async def test_during_an_outage_sockets_stay_open_and_pages_are_notified(
    service: Service, socket: Socket, database: str, session_id: int, student_token: str
) -> None:
    async with connected_page(socket.port, session_id, student_token) as page:
        await service.stop()
        await page.send_activity("draw")
        assert (await page.receive_type("error"))["reason"] == "TRACKING_UNAVAILABLE"
        await service.start()
        await page.wait_for_ack(1)
    assert query_facts(database, "SELECT activity_type FROM activity_periods") == [("draw",)]


async def test_an_idle_page_is_notified_of_the_end_of_an_outage_by_an_ack(
    service: Service, socket: Socket, session_id: int, student_token: str
) -> None:
    async with connected_page(socket.port, session_id, student_token) as page:
        await service.stop()
        await page.receive_type("error")
        await service.start()
        assert await page.receive_type("ack") == {"type": "ack", "activities": 0}


async def test_a_page_that_opens_during_an_outage_is_notified_and_later_present_since_it_opened(
    service: Service, socket: Socket, database: str, session_id: int, student_token: str
) -> None:
    async with connected_page(socket.port, session_id, student_token) as first:
        await service.stop()
        await first.receive_type("error")
        async with open_page(socket.port, session_id, student_token) as page:
            assert (await page.receive())["reason"] == "TRACKING_UNAVAILABLE"
            await service.start()
            connected = await page.receive_type("connected")
    ((connected_at,),) = query_facts(database, "SELECT max(occurred_at) FROM connection_events WHERE event = 'connect'")
    assert connected_at == datetime.fromisoformat(connected["connected_at"])


async def test_before_a_restart_every_page_is_sent_the_time_to_reconnect_and_closed_with_1012(
    socket: Socket, session_id: int, student_token: str
) -> None:
    async with AsyncExitStack() as stack:
        pages = [
            await stack.enter_async_context(connected_page(socket.port, session_id, student_token))
            for _ in range(PAGES)
        ]
        stopping = asyncio.create_task(socket.stop())
        waits = [(await page.receive_type("draining"))["reconnect_after_seconds"] for page in pages]
        assert [await page.wait_closed() for page in pages] == [(1012, "RESTARTING")] * PAGES
        await stopping
    assert min(waits) >= 1
    assert len(set(waits)) > 1, "all pages would reconnect at the same time"


async def test_a_restart_is_no_disconnect_and_a_page_that_comes_back_continues_its_interval(
    socket: Socket, database: str, session_id: int, student_token: str
) -> None:
    async with connected_page(socket.port, session_id, student_token) as page:
        await socket.stop()
        await page.wait_closed()
    assert query_facts(database, RECORDED) == [("connect",)]
    await socket.start()
    async with connected_page(socket.port, session_id, student_token):
        assert query_facts(database, RECORDED) == [("connect",), ("connect",)]
        assert [(user, reason) for user, _, reason in intervals(database, session_id)] == [(201, None)]


async def test_a_page_that_does_not_come_back_after_a_restart_was_present_until_its_last_sign_of_life(
    socket: Socket, database: str, session_id: int, student_token: str
) -> None:
    async with connected_page(socket.port, session_id, student_token) as page:
        await page.send_activity("draw")
        await page.send_activity("draw")
        await page.wait_for_ack(2)
        stopping = datetime.now(UTC)
        await socket.stop()
        await page.wait_closed()
    ((ended_at, last_sign_at, end_reason),) = query_facts(
        database, "SELECT ended_at, last_sign_at, end_reason FROM presence_intervals"
    )
    assert (ended_at, end_reason) == (last_sign_at, None)
    assert isinstance(ended_at, datetime)
    # The page may have answered a ping while the server stopped.
    assert ended_at < stopping + timedelta(seconds=app.MAX_CLOSE_SECONDS)


async def test_a_server_that_accepts_sockets_is_healthy(socket: Socket) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"http://127.0.0.1:{socket.port}/healthz")
    assert answer.status_code == 200


async def test_a_page_is_closed_with_1013_if_its_connect_can_not_be_kept(
    service: Service, socket: Socket, session_id: int, student_token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await socket.stop()
    monkeypatch.setattr(app, "CAPACITY", 1)
    await socket.start()
    await service.stop()
    async with (
        open_page(socket.port, session_id, student_token),
        open_page(socket.port, session_id, student_token) as page,
    ):
        assert await page.wait_closed() == (1013, "TRY_AGAIN_LATER")
        await service.start()
