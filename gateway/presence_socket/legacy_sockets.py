"""Sockets without a subprotocol: older clients open one, and report presence by REST calls.

They have no token, so the server sends them nothing, ignores their messages, and records nothing.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from gateway.presence_socket.protocol import CloseReason

#: Connections without a token may take at most a fifth of the places that a process has.
MAX_LEGACY_SOCKETS = 2_000
#: Proxies commonly cut connections that are silent for a minute.
PING_INTERVAL_SECONDS = 20.0


class LegacySockets:
    """Keeps them open, up to a limit."""

    def __init__(self, *, limit: int = MAX_LEGACY_SOCKETS) -> None:
        """Start with none."""
        self._limit = limit
        self._open = 0

    async def serve(self, connection: ServerConnection) -> None:
        """Keep a socket open until the client closes it."""
        if self._open >= self._limit:
            await connection.close(CloseReason.TRY_AGAIN_LATER.code, CloseReason.TRY_AGAIN_LATER.name)
            return
        self._open += 1
        try:
            with suppress(ConnectionClosed):
                await _keep_open(connection)
        finally:
            self._open -= 1


async def _keep_open(connection: ServerConnection) -> None:
    while True:
        try:
            await asyncio.wait_for(connection.recv(), PING_INTERVAL_SECONDS)
        except TimeoutError:
            await connection.ping()
