"""A line to PostgreSQL that hangs for a while: what a service sends arrives late, and is answered then."""

from __future__ import annotations

import asyncio

from tests.recovery.lines import CHUNK_BYTES, COMMIT, ROLLBACK, onward


class HangingLine:
    """Passes everything on, except while it hangs."""

    def __init__(self, socket: str) -> None:
        self._socket = socket
        self._flows = asyncio.Event()
        self._flows.set()
        self._something_hangs = asyncio.Event()
        self._transactions_that_hang = 0
        self._none_hangs = asyncio.Event()

    def hang(self) -> None:
        """Keep back whatever is sent from now on."""
        self._flows.clear()
        self._none_hangs.clear()

    async def something_hangs(self) -> None:
        """Return when something is kept back."""
        await self._something_hangs.wait()

    async def go_on(self) -> None:
        """Deliver what was kept back, and return when its transactions have ended."""
        self._flows.set()
        await self._none_hangs.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until either side ends it."""
        async with onward(self._socket, writer) as (to_server, _, _):
            hangs = False
            try:
                while chunk := await reader.read(CHUNK_BYTES):
                    if not self._flows.is_set():
                        hangs = True
                        self._transactions_that_hang += 1
                        self._something_hangs.set()
                        await self._flows.wait()
                    to_server.write(chunk)
                    await to_server.drain()
                    if hangs and chunk.endswith((COMMIT, ROLLBACK)):
                        hangs = False
                        self._one_has_ended()
            finally:
                if hangs:
                    # A connection that was being made for too long: the service closed it.
                    self._one_has_ended()

    def _one_has_ended(self) -> None:
        self._transactions_that_hang -= 1
        if not self._transactions_that_hang:
            self._none_hangs.set()
