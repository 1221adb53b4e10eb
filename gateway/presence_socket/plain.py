"""Sockets that offer no subprotocol: the guide's own client opens one, and tells by REST calls who is present.

They show no token. So they are told nothing, what they say is passed over, and no fact comes from them.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from gateway.presence_socket.closings import TryAgainLater

#: Whoever shows no token may take no more than a fifth of the places that a process has.
MOST_PLAIN_SOCKETS = 2_000
#: Proxies commonly cut what is silent for a minute.
PING_INTERVAL_SECONDS = 20.0


class PlainSockets:
    """Keeps them open, up to a limit."""

    def __init__(self, *, limit: int = MOST_PLAIN_SOCKETS) -> None:
        """None is open yet."""
        self._limit = limit
        self._open = 0

    async def serve(self, connection: ServerConnection) -> None:
        """Keep one open until it is gone."""
        if self._open >= self._limit:
            await connection.close(TryAgainLater.code, TryAgainLater.reason)
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
