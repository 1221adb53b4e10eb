"""Pages that send too much, read nothing or never finish their request do not affect other pages."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from gateway.presence_socket import activity, admission, connection
from testkit.scrape import scrape
from testkit.tokens import token
from testkit.whiteboard_pages import MAX_WAIT_SECONDS, SUBPROTOCOL, connected_page, open_socket
from testkit.whiteboard_sessions import TUTOR
from tests.integration.presence_socket.conftest import Socket

#: More than a burst, and more than a slow machine sends within the rate.
FLOOD = 1_000


async def test_a_page_that_sends_too_many_messages_is_closed_with_4429(
    socket: Socket, session_id: int, student_token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity, "BURST", 50)
    async with connected_page(socket.port, session_id, student_token) as page:
        with suppress(ConnectionClosed):
            for _ in range(FLOOD):
                await page.send_activity("draw")
        assert await page.wait_closed() == (4429, "TOO_MANY_MESSAGES")


async def test_a_page_that_reads_nothing_gets_no_more_messages_and_does_not_delay_other_pages(
    socket: Socket, session_id: int, student_token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if the kernel's buffers were full already.
    monkeypatch.setattr(connection, "MAX_UNREAD_BYTES", 0)
    async with open_socket(
        socket.port, f"/ws/whiteboard/{session_id}", SUBPROTOCOL, f"bearer.{student_token}"
    ) as silent:
        await silent.send_activity("draw")
        monkeypatch.undo()
        async with connected_page(socket.port, session_id, token(TUTOR, "tutor")) as other:
            await other.send_activity("draw")
            await other.wait_for_ack(1)


async def test_a_client_that_offers_another_subprotocol_is_refused(socket: Socket, session_id: int) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with open_socket(socket.port, f"/ws/whiteboard/{session_id}", "astegni.presence.v2"):
            pass
    assert refused.value.response.status_code == 400


async def test_requests_that_are_not_for_a_socket_get_an_http_error_and_are_counted(
    socket: Socket, session_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await socket.stop()
    monkeypatch.setenv("METRICS_PORT", "0")
    await socket.start()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{socket.port}", trust_env=False) as client:
        statuses = {
            path: (await client.get(path)).status_code for path in ("/", "/ws/whiteboard/x", "/ws/whiteboard/1")
        }
    assert statuses == {"/": 404, "/ws/whiteboard/x": 404, "/ws/whiteboard/1": 426}
    with pytest.raises(InvalidStatus):
        async with open_socket(socket.port, f"/ws/whiteboard/{session_id}", "astegni.presence.v2"):
            pass
    shown = await scrape(socket.metrics_port)
    assert {
        reason: shown.value("presence_socket_refused_total", reason=reason)
        for reason in ("PATH_UNKNOWN", "NO_HANDSHAKE", "HANDSHAKE_INVALID")
    } == {"PATH_UNKNOWN": 2, "NO_HANDSHAKE": 1, "HANDSHAKE_INVALID": 1}


async def test_a_request_that_is_never_complete_times_out(
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


async def test_pages_of_other_origins_are_refused_if_origins_are_configured(
    socket: Socket, session_id: int, student_token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await socket.stop()
    monkeypatch.setenv("SOCKET_ALLOWED_ORIGINS", "https://app.example.org")
    monkeypatch.setenv("METRICS_PORT", "0")
    await socket.start()
    path, bearer = f"/ws/whiteboard/{session_id}", f"bearer.{student_token}"
    async with open_socket(socket.port, path, SUBPROTOCOL, bearer, origin="https://app.example.org") as page:
        await page.receive_type("connected")
    with pytest.raises(InvalidStatus) as refused:
        async with open_socket(socket.port, path, SUBPROTOCOL, bearer, origin="https://evil.example.org"):
            pass
    assert refused.value.response.status_code == 403
    shown = await scrape(socket.metrics_port)
    assert shown.value("presence_socket_refused_total", reason="ORIGIN_NOT_ALLOWED") == 1
    assert shown.value("presence_socket_refused_addresses") == 1


async def test_tokens_are_never_logged(
    socket: Socket, session_id: int, student_token: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    async with connected_page(socket.port, session_id, student_token):
        pass
    async with open_socket(socket.port, f"/ws/whiteboard/{session_id}", SUBPROTOCOL, "bearer.no-token") as page:
        await page.wait_closed()
    ours = "".join(record.getMessage() for record in caplog.records if record.name != "websockets.client")
    assert student_token not in ours
    assert "no-token" not in ours
