"""Sockets without a subprotocol: older clients open one, and report presence by REST calls.

They have no token, so the server sends them nothing, ignores their messages, and records nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from gateway.presence_socket.client_addresses import address_of
from gateway.presence_socket.protocol import CloseReason

#: Connections without a token may take at most a fifth of the places that a process has.
MAX_LEGACY_SOCKETS = 2_000
#: One client address may take a tenth of these. People share addresses, but few pages of a school open such sockets.
MAX_LEGACY_SOCKETS_PER_ADDRESS = 200
#: Proxies commonly cut connections that are silent for a minute.
PING_INTERVAL_SECONDS = 20.0


class LegacySockets:
    """Keeps them open, up to a limit for all and one for each client address."""

    def __init__(
        self,
        *,
        limit: int = MAX_LEGACY_SOCKETS,
        limit_per_address: int = MAX_LEGACY_SOCKETS_PER_ADDRESS,
        on_refused: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Start with none; `on_refused` is called with the address of each that is refused."""
        self._on_refused = on_refused
        self._limit = limit
        self._limit_per_address = limit_per_address
        self._open: Counter[str] = Counter()

    async def serve(self, connection: ServerConnection) -> None:
        """Keep a socket open until the client closes it."""
        address = address_of(connection)
        if self._open.total() >= self._limit or self._open[address] >= self._limit_per_address:
            self._on_refused(address)
            await connection.close(CloseReason.TRY_AGAIN_LATER.code, CloseReason.TRY_AGAIN_LATER.name)
            return
        self._open[address] += 1
        try:
            with suppress(ConnectionClosed):
                await _keep_open(connection)
        finally:
            self._open[address] -= 1
            self._open += Counter()  # drops addresses without sockets


async def _keep_open(connection: ServerConnection) -> None:
    while True:
        try:
            await asyncio.wait_for(connection.recv(), PING_INTERVAL_SECONDS)
        except TimeoutError:
            await connection.ping()
