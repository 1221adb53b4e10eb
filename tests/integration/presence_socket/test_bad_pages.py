"""Pages that ask too much, read nothing or never finish: the others do not notice."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from gateway.presence_socket import admission, connection
from testkit.tokens import token
from testkit.whiteboard_pages import MAX_WAIT_SECONDS, SUBPROTOCOL, opened, present
from testkit.whiteboard_sessions import TUTOR
from tests.integration.presence_socket.conftest import Socket

#: More than a second's messages and the burst before them.
FLOOD = 70


async def test_a_flood_of_messages_is_read_at_a_pace_and_acknowledged_to_the_last(
    socket: Socket, session_id: int, student_token: str
) -> None:
    async with present(socket.port, session_id, student_token) as page:
        for _ in range(FLOOD):
            await page.do("draw")
        await page.acknowledged(FLOOD)


async def test_a_page_that_reads_nothing_is_told_no_more_and_keeps_nobody_waiting(
    socket: Socket, session_id: int, student_token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if the kernel's buffers were full already.
    monkeypatch.setattr(connection, "MAX_UNREAD_BYTES", 0)
    async with opened(socket.port, f"/ws/whiteboard/{session_id}", SUBPROTOCOL, f"bearer.{student_token}") as silent:
        await silent.do("draw")
        monkeypatch.undo()
        async with present(socket.port, session_id, token(TUTOR, "tutor")) as other:
            await other.do("draw")
            await other.acknowledged(1)


async def test_a_client_that_offers_another_protocol_is_refused(socket: Socket, session_id: int) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with opened(socket.port, f"/ws/whiteboard/{session_id}", "astegni.presence.v2"):
            pass
    assert refused.value.response.status_code == 400


async def test_plain_requests_are_told_what_is_wrong_with_them(socket: Socket) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{socket.port}", trust_env=False) as client:
        answers = {path: (await client.get(path)).status_code for path in ("/", "/ws/whiteboard/x", "/ws/whiteboard/1")}
    assert answers == {"/": 404, "/ws/whiteboard/x": 404, "/ws/whiteboard/1": 426}


async def test_a_handshake_that_does_not_end_is_given_up(
    socket: Socket, session_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await socket.stop()
    monkeypatch.setattr(admission, "REQUEST_TIMEOUT_SECONDS", 0.1)
    await socket.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", socket.port)
    writer.write(f"GET /ws/whiteboard/{session_id} HTTP/1.1\r\n".encode())
    async with asyncio.timeout(MAX_WAIT_SECONDS):
        assert await reader.read() == b""
    writer.close()


async def test_pages_of_other_origins_are_refused_where_origins_are_configured(
    socket: Socket, session_id: int, student_token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await socket.stop()
    monkeypatch.setenv("SOCKET_ALLOWED_ORIGINS", "https://app.example.org")
    await socket.start()
    path, bearer = f"/ws/whiteboard/{session_id}", f"bearer.{student_token}"
    async with opened(socket.port, path, SUBPROTOCOL, bearer, origin="https://app.example.org") as page:
        await page.heard("connected")
    with pytest.raises(InvalidStatus) as refused:
        async with opened(socket.port, path, SUBPROTOCOL, bearer, origin="https://evil.example.org"):
            pass
    assert refused.value.response.status_code == 403


async def test_tokens_never_reach_a_log(
    socket: Socket, session_id: int, student_token: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    async with present(socket.port, session_id, student_token):
        pass
    async with opened(socket.port, f"/ws/whiteboard/{session_id}", SUBPROTOCOL, "bearer.no-token") as page:
        await page.closed()
    ours = "".join(record.getMessage() for record in caplog.records if record.name != "websockets.client")
    assert student_token not in ours
    assert "no-token" not in ours
