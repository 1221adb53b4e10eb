"""If more pages connect than can be served at once, some wait, and are not present yet, and some are rejected."""

from __future__ import annotations

import asyncio
import socket as sockets
from contextlib import suppress
from datetime import UTC, datetime

import httpx
import pytest
import uvloop
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import InvalidStatus

from gateway.presence_socket import admission, server
from gateway.presence_socket.server import SocketServer
from testkit.facts import query_facts
from testkit.whiteboard_pages import MAX_WAIT_SECONDS, SUBPROTOCOL, connected_page, open_page, open_socket
from tests.integration.presence_socket.conftest import Socket

CROWD = 200


def request(session_id: int, token: str) -> bytes:
    """Return the handshake request of a page."""
    lines = (
        f"GET /ws/whiteboard/{session_id} HTTP/1.1",
        "Host: 127.0.0.1",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        f"Sec-WebSocket-Protocol: {SUBPROTOCOL}, bearer.{token}",
    )
    return "\r\n".join([*lines, "", ""]).encode()


async def health(port: int) -> int:
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(f"http://127.0.0.1:{port}/healthz")).status_code


@pytest.fixture
def no_admissions(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Keep all connections in the queue until this is undone."""
    monkeypatch.setattr(admission, "ADMISSIONS_PER_ITERATION", 0)
    return monkeypatch


async def test_a_page_that_waited_is_present_after_its_admission(
    socket: Socket, session_id: int, student_token: str, no_admissions: pytest.MonkeyPatch
) -> None:
    opening = asyncio.create_task(_connected(socket.port, session_id, student_token))
    assert await health(socket.port) == 200
    assert not opening.done()
    no_admissions.undo()
    await opening


async def test_health_checks_are_answered_while_connections_wait(
    socket: Socket, session_id: int, student_token: str, no_admissions: pytest.MonkeyPatch
) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", socket.port)
    writer.write(request(session_id, student_token))
    assert await health(socket.port) == 200
    writer.close()
    no_admissions.undo()


async def test_a_page_that_gave_up_waiting_was_never_present(
    socket: Socket, database: str, session_id: int, student_token: str, no_admissions: pytest.MonkeyPatch
) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", socket.port)
    writer.write(request(session_id, student_token))
    assert await health(socket.port) == 200
    writer.close()
    await writer.wait_closed()
    # This takes several iterations of the event loop, so the server has noticed the end by then.
    assert await health(socket.port) == 200
    no_admissions.undo()
    async with connected_page(socket.port, session_id, student_token) as page:
        assert query_facts(database, "SELECT count(*) FROM connection_events") == [(1,)]
        page.reset()


async def test_a_full_queue_answers_503_with_the_time_to_retry_after(
    socket: Socket, session_id: int, student_token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await socket.stop()
    monkeypatch.setattr(server, "MAX_QUEUED", 0)
    await socket.start()
    with pytest.raises(InvalidStatus) as refused:
        async with open_page(socket.port, session_id, student_token):
            pass
    assert refused.value.response.status_code == 503
    assert refused.value.response.headers["retry-after"] == str(admission.RETRY_AFTER_SECONDS)


async def test_a_restart_rejects_the_connections_that_wait(
    socket: Socket, session_id: int, student_token: str, no_admissions: pytest.MonkeyPatch
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", socket.port)
    writer.write(request(session_id, student_token))
    assert await health(socket.port) == 200
    await socket.stop()
    assert (await reader.read()).startswith(b"HTTP/1.1 503 ")
    writer.close()
    no_admissions.undo()


async def test_a_server_that_restarts_says_when_to_try_again() -> None:
    restarting = SocketServer(_refuse, origins=(), arrival_time=lambda: datetime.now(UTC))
    await restarting.start("127.0.0.1", 0)
    restarting.drain()
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"http://127.0.0.1:{restarting.port}/healthz")
    await restarting.close()
    assert (answer.status_code, answer.headers.get("retry-after")) == (503, str(admission.RETRY_AFTER_SECONDS))


async def test_a_connection_that_sends_too_much_before_its_admission_is_aborted(socket: Socket) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", socket.port)
    writer.write(b"GET /ws/whiteboard/1?" + b"x" * admission.MAX_REQUEST_BYTES)
    async with asyncio.timeout(MAX_WAIT_SECONDS):
        # The kernel answers what the server had not read yet with a reset.
        with suppress(ConnectionError):
            assert await reader.read() == b""
    writer.close()


def test_several_connections_are_accepted_in_each_iteration_of_the_event_loop() -> None:
    # uvloop, which the process runs, accepts only one connection per listening server and iteration.
    assert uvloop.run(_iterations_until_all_are_accepted()) < CROWD / 2


async def _iterations_until_all_are_accepted() -> int:
    accepted = 0

    async def count(connection: ServerConnection) -> None:
        nonlocal accepted
        accepted += 1
        await connection.wait_closed()

    socket_server = SocketServer(count, origins=(), arrival_time=lambda: datetime.now(UTC))
    await socket_server.start("127.0.0.1", 0)
    crowd = [sockets.create_connection(("127.0.0.1", socket_server.port)) for _ in range(CROWD)]
    for page in crowd:
        page.sendall(request(1, "x"))
    iterations = 0
    while accepted < CROWD:
        iterations += 1
        await asyncio.sleep(0)
    for page in crowd:
        page.close()
    await socket_server.close()
    return iterations


async def _refuse(_connection: ServerConnection) -> None:
    raise AssertionError("a server that restarts accepts no socket")


async def _connected(port: int, session_id: int, token: str) -> None:
    async with open_socket(port, f"/ws/whiteboard/{session_id}", SUBPROTOCOL, f"bearer.{token}") as page:
        await page.receive_type("connected")
