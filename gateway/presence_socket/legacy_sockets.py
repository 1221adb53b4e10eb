"""Sockets without a subprotocol: older clients open one, and report presence by REST calls.

They have no token, so the server sends them nothing, ignores their messages, and records nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from ipaddress import IPv6Address, ip_address, ip_network

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from gateway.presence_socket.protocol import CloseReason

#: Connections without a token may take at most a fifth of the places that a process has.
MAX_LEGACY_SOCKETS = 2_000
#: One client address may take a tenth of these. People share addresses, but few pages of a school open such sockets.
MAX_LEGACY_SOCKETS_PER_ADDRESS = 200
#: In which the gateway sends the client's address; what clients send in it does not pass the gateway.
CLIENT_ADDRESS_HEADER = "x-client-address"
#: Who has one IPv6 address has all of its network.
_IPV6_NETWORK_BITS = 64
#: Proxies commonly cut connections that are silent for a minute.
PING_INTERVAL_SECONDS = 20.0


class LegacySockets:
    """Keeps them open, up to a limit for all and one for each client address."""

    def __init__(
        self,
        *,
        limit: int = MAX_LEGACY_SOCKETS,
        limit_per_address: int = MAX_LEGACY_SOCKETS_PER_ADDRESS,
        on_refused: Callable[[], None] = lambda: None,
    ) -> None:
        """Start with none; `on_refused` is called for each that is refused."""
        self._on_refused = on_refused
        self._limit = limit
        self._limit_per_address = limit_per_address
        self._open: Counter[str] = Counter()

    async def serve(self, connection: ServerConnection) -> None:
        """Keep a socket open until the client closes it."""
        address = _address(connection)
        if self._open.total() >= self._limit or self._open[address] >= self._limit_per_address:
            self._on_refused()
            await connection.close(CloseReason.TRY_AGAIN_LATER.code, CloseReason.TRY_AGAIN_LATER.name)
            return
        self._open[address] += 1
        try:
            with suppress(ConnectionClosed):
                await _keep_open(connection)
        finally:
            self._open[address] -= 1
            self._open += Counter()  # drops addresses without sockets


def _address(connection: ServerConnection) -> str:
    """Return the client's address, or its network where that is what one client has."""
    stated = connection.request.headers.get(CLIENT_ADDRESS_HEADER) if connection.request else None
    text = str(stated or connection.remote_address[0])
    try:
        address = ip_address(text)
    except ValueError:
        return text
    return str(ip_network((address, _IPV6_NETWORK_BITS), strict=False)) if isinstance(address, IPv6Address) else text


async def _keep_open(connection: ServerConnection) -> None:
    while True:
        try:
            await asyncio.wait_for(connection.recv(), PING_INTERVAL_SECONDS)
        except TimeoutError:
            await connection.ping()
