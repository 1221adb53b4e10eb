"""More pages come than can be served at once: they wait, count for nothing meanwhile, and some are sent away."""

from __future__ import annotations

import asyncio
import socket as sockets
from contextlib import suppress

import httpx
import pytest
import uvloop
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import InvalidStatus

from gateway.presence_socket import admission, server
from gateway.presence_socket.server import SocketServer
from testkit.postgres import query
from testkit.whiteboard_pages import MAX_WAIT_SECONDS, SUBPROTOCOL, opened, page_of, present
from tests.integration.presence_socket.conftest import Socket

CROWD = 200


def request(session_id: int, token: str) -> bytes:
    """Return what a page sends first."""
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
def nobody_is_let_in(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Let everybody wait until this is undone."""
    monkeypatch.setattr(admission, "ADMISSIONS_PER_ITERATION", 0)
    return monkeypatch


async def test_whoever_waited_is_present_from_their_admission(
    socket: Socket, session_id: int, student_token: str, nobody_is_let_in: pytest.MonkeyPatch
) -> None:
    opening = asyncio.create_task(_connected(socket.port, session_id, student_token))
    assert await health(socket.port) == 200
    assert not opening.done()
    nobody_is_let_in.undo()
    await opening


async def test_health_is_told_while_everybody_waits(
    socket: Socket, session_id: int, student_token: str, nobody_is_let_in: pytest.MonkeyPatch
) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", socket.port)
    writer.write(request(session_id, student_token))
    assert await health(socket.port) == 200
    writer.close()
    nobody_is_let_in.undo()


async def test_a_page_that_gives_up_waiting_was_never_present(
    socket: Socket, database: str, session_id: int, student_token: str, nobody_is_let_in: pytest.MonkeyPatch
) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", socket.port)
    writer.write(request(session_id, student_token))
    assert await health(socket.port) == 200
    writer.close()
    await writer.wait_closed()
    # An answer takes several turns of the event loop: the end that came before it is known then.
    assert await health(socket.port) == 200
    nobody_is_let_in.undo()
    async with present(socket.port, session_id, student_token) as page:
        assert query(database, "SELECT count(*) FROM connection_events") == [(1,)]
        page.reset()


async def test_whoever_finds_the_line_full_is_told_at_once_when_to_come_back(
    socket: Socket, session_id: int, student_token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await socket.stop()
    monkeypatch.setattr(server, "MAX_QUEUED", 0)
    await socket.start()
    with pytest.raises(InvalidStatus) as refused:
        async with page_of(socket.port, session_id, student_token):
            pass
    assert refused.value.response.status_code == 503
    assert refused.value.response.headers["retry-after"] == str(admission.RETRY_AFTER_SECONDS)


async def test_a_restart_sends_away_who_waits(
    socket: Socket, session_id: int, student_token: str, nobody_is_let_in: pytest.MonkeyPatch
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", socket.port)
    writer.write(request(session_id, student_token))
    assert await health(socket.port) == 200
    await socket.stop()
    assert (await reader.read()).startswith(b"HTTP/1.1 503 ")
    writer.close()
    nobody_is_let_in.undo()


async def test_a_page_that_says_too_much_before_it_is_answered_is_cut_off(socket: Socket) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", socket.port)
    writer.write(b"GET /ws/whiteboard/1?" + b"x" * admission.MAX_REQUEST_BYTES)
    async with asyncio.timeout(MAX_WAIT_SECONDS):
        # What it had not read yet, the kernel answers with a reset.
        with suppress(ConnectionError):
            assert await reader.read() == b""
    writer.close()


def test_of_a_crowd_several_are_accepted_in_each_turn_of_the_event_loop() -> None:
    # Of one server, the event loop that is used in earnest accepts a single connection a turn.
    assert uvloop.run(_turns_until_all_are_accepted()) < CROWD / 2


async def _turns_until_all_are_accepted() -> int:
    accepted = 0

    async def count(connection: ServerConnection) -> None:
        nonlocal accepted
        accepted += 1
        await connection.wait_closed()

    socket_server = SocketServer(count, origins=())
    await socket_server.start("127.0.0.1", 0)
    crowd = [sockets.create_connection(("127.0.0.1", socket_server.port)) for _ in range(CROWD)]
    for page in crowd:
        page.sendall(request(1, "x"))
    turns = 0
    while accepted < CROWD:
        turns += 1
        await asyncio.sleep(0)
    for page in crowd:
        page.close()
    await socket_server.close()
    return turns


async def _connected(port: int, session_id: int, token: str) -> None:
    async with opened(port, f"/ws/whiteboard/{session_id}", SUBPROTOCOL, f"bearer.{token}") as page:
        await page.heard("connected")
