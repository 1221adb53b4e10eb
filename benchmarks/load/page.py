"""A page that wants to be present: one socket after the other."""

from __future__ import annotations

import asyncio
import random

from benchmarks.load.page_socket import PageSocket

HOST = "127.0.0.1"
#: Between two attempts, where the server did not say how long to wait.
RETRY_SECONDS = (0.5, 1.5)


class Page:
    """Opens a socket, and another when that one ends, until it is told to leave."""

    def __init__(self, port: int, request: bytes) -> None:
        """Nothing is opened yet."""
        self._port = port
        self._request = request
        self._socket: PageSocket | None = None
        self._pings_before = 0
        self._task: asyncio.Task[None] | None = None
        self.connected = asyncio.Event()
        #: From the last attempt to `connected`.
        self.seconds_to_connect = 0.0
        #: How sockets ended and attempts failed, in words.
        self.ends: list[str] = []

    @property
    def pings(self) -> int:
        """How many were answered, on all sockets."""
        return self._pings_before + (self._socket.pings if self._socket else 0)

    def begin(self) -> None:
        """Be present from now on."""
        self._task = asyncio.create_task(self._stay())

    async def leave(self) -> None:
        """Close the socket and wait for its end."""
        if self._task is not None:
            self._task.cancel()
        if self._socket is not None:
            self._socket.close()
            await self._socket.ended

    async def _stay(self) -> None:
        while True:
            pause = await self._attempt()
            await asyncio.sleep(random.uniform(*RETRY_SECONDS) if pause is None else pause)

    async def _attempt(self) -> float | None:
        """Open a socket and stay until it ends; return the pause that the server asks for."""
        loop = asyncio.get_running_loop()
        began = loop.time()

        def connected() -> None:
            self.seconds_to_connect = loop.time() - began
            self.connected.set()

        try:
            _, socket = await loop.create_connection(lambda: PageSocket(self._request, connected), HOST, self._port)
        except OSError as error:
            self.ends.append(f"no connection: {error.strerror}")
            return None
        self._socket = socket
        self.ends.append(await asyncio.shield(socket.ended))
        self.connected.clear()
        self._pings_before += socket.pings
        self._socket = None
        return socket.reconnect_after_seconds
