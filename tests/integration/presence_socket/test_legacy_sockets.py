"""Sockets without subprotocol, as the guide's own client opens them: open, mute, and no facts."""

from __future__ import annotations

import pytest
from websockets.asyncio.server import serve

from gateway.presence_socket import legacy_sockets
from gateway.presence_socket.legacy_sockets import LegacySockets
from testkit.whiteboard_pages import opened
from testkit.whiteboard_sessions import intervals
from tests.integration.presence_socket.conftest import Socket


async def test_a_plain_socket_stays_open_and_becomes_no_fact(socket: Socket, session_id: int, database: str) -> None:
    async with opened(socket.port, f"/ws/whiteboard/{session_id}") as page:
        await page.do("draw")
        await (await page.connection.ping())
        assert page.connection.subprotocol is None
    assert intervals(database, session_id) == []


async def test_a_restart_closes_plain_sockets_like_all_others(socket: Socket, session_id: int) -> None:
    async with opened(socket.port, f"/ws/whiteboard/{session_id}") as page:
        await socket.stop()
        assert await page.closed() == (1012, "RESTARTING")


async def test_plain_sockets_are_pinged(socket: Socket, session_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(legacy_sockets, "PING_INTERVAL_SECONDS", 0.01)
    async with opened(socket.port, f"/ws/whiteboard/{session_id}") as page:
        # The answer to this ping is read after the pings that came before it, which the library answers by itself.
        await (await page.connection.ping())
        assert page.connection.state.name == "OPEN"


async def test_beyond_the_limit_plain_sockets_are_sent_away() -> None:
    async with serve(LegacySockets(limit=1).serve, "127.0.0.1", 0) as server:
        port: int = server.sockets[0].getsockname()[1]
        async with opened(port, "/") as first, opened(port, "/") as second:
            assert await second.closed() == (1013, "TRY_AGAIN_LATER")
            await (await first.connection.ping())
