"""A line to PostgreSQL that is cut after a commit, before its answer: nobody can tell from here that it succeeded."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from sqlalchemy.engine import make_url

from development.postgres import SOCKET_NAME

_CHUNK_BYTES = 65_536
_COMMIT = b"COMMIT\0"
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
        from_server, to_server = await asyncio.open_unix_connection(self._socket)
        answers = asyncio.create_task(_pass_on(from_server, writer))
        is_flush = False
        with suppress(ConnectionError):
            while chunk := await reader.read(_CHUNK_BYTES):
                is_flush = is_flush or _FLUSH in chunk
                if self._swallowing and is_flush and chunk.endswith(_COMMIT):
                    self._swallowing = False
                    answers.cancel()
                    await asyncio.wait([answers])
                    to_server.write(chunk)
                    # Its answer: the commit is done.
                    await from_server.read(_CHUNK_BYTES)
                    self._swallowed.set()
                    break
                to_server.write(chunk)
                await to_server.drain()
        to_server.close()
        writer.close()
        answers.cancel()
        await asyncio.wait([answers])


@asynccontextmanager
async def cut_line(database: str) -> AsyncIterator[tuple[CutLine, str]]:
    """Yield a line to a database, and the URL that leads over it."""
    url = make_url(database)
    line = CutLine(str(Path(str(url.query["host"])) / SOCKET_NAME))
    with tempfile.TemporaryDirectory() as directory:
        server = await asyncio.start_unix_server(line.serve, Path(directory) / SOCKET_NAME)
        async with server:
            yield line, url.set(query={"host": directory}).render_as_string()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await reader.read(_CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
    writer.close()
