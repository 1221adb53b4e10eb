"""A line to PostgreSQL that is cut after a commit, before its answer: nobody can tell from here that it succeeded."""

from __future__ import annotations

import asyncio

from tests.recovery.lines import CHUNK_BYTES, COMMIT, onward

#: Every flush names this table; what else is committed, such as the choice of a role, is let pass.
_FLUSH = b"presence_intervals"


class CutLine:
    """Passes everything on, except for answers to commits that it is told to swallow."""

    def __init__(self, socket: str) -> None:
        self._socket = socket
        self._swallowing = False
        self._swallowed = asyncio.Event()

    async def swallow_the_next_answer(self) -> None:
        """Cut the line after the next commit, instead of its answer, and return when that was done."""
        self._swallowed.clear()
        self._swallowing = True
        await self._swallowed.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until either side ends it."""
        async with onward(self._socket, writer) as (to_server, from_server, answers):
            is_flush = False
            while chunk := await reader.read(CHUNK_BYTES):
                is_flush = is_flush or _FLUSH in chunk
                if self._swallowing and is_flush and chunk.endswith(COMMIT):
                    self._swallowing = False
                    answers.cancel()
                    await asyncio.wait([answers])
                    to_server.write(chunk)
                    # Its answer: the commit is done.
                    await from_server.read(CHUNK_BYTES)
                    self._swallowed.set()
                    break
                to_server.write(chunk)
                await to_server.drain()
