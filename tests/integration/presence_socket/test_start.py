"""A presence socket that can't start leaves nothing behind."""

from __future__ import annotations

import asyncio
import socket

import pytest

from gateway.presence_socket.app import PresenceSocketApp
from gateway.presence_socket.settings import PresenceSocketSettings
from testkit.tokens import SECRET


async def test_a_port_that_is_taken_stops_everything_that_was_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_HS256_SECRET", SECRET)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("SOCKET_PORT", str(taken.getsockname()[1]))
        app = PresenceSocketApp(PresenceSocketSettings())
        with pytest.raises(OSError, match="address already in use"):
            await app.start()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    await app.stop()
