"""Sockets without a subprotocol, which older clients open, stay open and are not recorded."""

from __future__ import annotations

import pytest
from websockets.asyncio.server import serve

from gateway.presence_socket import legacy_sockets
from gateway.presence_socket.legacy_sockets import LegacySockets
from testkit.whiteboard_pages import open_socket
from testkit.whiteboard_sessions import intervals
from tests.integration.presence_socket.conftest import Socket


async def test_a_legacy_socket_stays_open_and_is_not_recorded(socket: Socket, session_id: int, database: str) -> None:
    async with open_socket(socket.port, f"/ws/whiteboard/{session_id}") as page:
        await page.send_activity("draw")
        await (await page.connection.ping())
        assert page.connection.subprotocol is None
    assert intervals(database, session_id) == []


async def test_a_restart_closes_legacy_sockets_like_all_others(socket: Socket, session_id: int) -> None:
    async with open_socket(socket.port, f"/ws/whiteboard/{session_id}") as page:
        await socket.stop()
        assert await page.wait_closed() == (1012, "RESTARTING")


async def test_legacy_sockets_are_pinged(socket: Socket, session_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(legacy_sockets, "PING_INTERVAL_SECONDS", 0.01)
    async with open_socket(socket.port, f"/ws/whiteboard/{session_id}") as page:
        # The client reads this pong after the server's pings, which the library answers.
        await (await page.connection.ping())
        assert page.connection.state.name == "OPEN"


async def test_above_the_limit_legacy_sockets_are_closed() -> None:
    async with serve(LegacySockets(limit=1).serve, "127.0.0.1", 0) as server:
        port: int = server.sockets[0].getsockname()[1]
        async with open_socket(port, "/") as first, open_socket(port, "/") as second:
            assert await second.wait_closed() == (1013, "TRY_AGAIN_LATER")
            await (await first.connection.ping())


async def test_above_the_limit_of_an_address_its_sockets_are_closed_and_those_of_others_are_not() -> None:
    async with serve(LegacySockets(limit_per_address=1).serve, "127.0.0.1", 0) as server:
        port: int = server.sockets[0].getsockname()[1]
        async with (
            open_socket(port, "/", client_address="2001:db8::1"),
            # The same network.
            open_socket(port, "/", client_address="2001:db8::2") as second,
            open_socket(port, "/", client_address="203.0.113.7") as other,
        ):
            assert await second.wait_closed() == (1013, "TRY_AGAIN_LATER")
            await (await other.connection.ping())


async def test_an_address_whose_sockets_are_closed_may_open_others() -> None:
    async with serve(LegacySockets(limit_per_address=1).serve, "127.0.0.1", 0) as server:
        port: int = server.sockets[0].getsockname()[1]
        for _ in range(3):
            async with open_socket(port, "/") as page:
                await (await page.connection.ping())
