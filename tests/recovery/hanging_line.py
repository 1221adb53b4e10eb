"""A line to PostgreSQL that hangs for a while: what a service sends arrives late, and is answered then."""

from __future__ import annotations

import asyncio

from tests.recovery.lines import CHUNK_BYTES, COMMIT, ROLLBACK, onward


class HangingLine:
    """Passes everything on, except a statement that it is to keep back for a while."""

    def __init__(self, socket: str) -> None:
        self._socket = socket
        self._kept_back: bytes | None = None
        self._flows = asyncio.Event()
        self._hangs = asyncio.Event()
        self._has_ended = asyncio.Event()

    def keep_back(self, word: str) -> None:
        """Keep back the first statement with this word in it, until `go_on`."""
        self._kept_back = word.encode()

    async def something_hangs(self) -> None:
        """Return when the statement is kept back."""
        await self._hangs.wait()

    async def go_on(self) -> None:
        """Deliver what was kept back, and return when its transaction has ended."""
        self._flows.set()
        await self._has_ended.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until either side ends it."""
        async with onward(self._socket, writer) as (to_server, _, _):
            hung = False
            while chunk := await reader.read(CHUNK_BYTES):
                if self._kept_back is not None and self._kept_back in chunk:
                    self._kept_back, hung = None, True
                    self._hangs.set()
                    await self._flows.wait()
                to_server.write(chunk)
                await to_server.drain()
                if hung and chunk.endswith((COMMIT, ROLLBACK)):
                    self._has_ended.set()
