"""Lines between a service and PostgreSQL, on which tests do what networks and machines do."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from sqlalchemy.engine import make_url

from development.postgres import SOCKET_NAME

CHUNK_BYTES = 65_536
#: How these statements end on the wire.
COMMIT = b"COMMIT\0"
ROLLBACK = b"ROLLBACK\0"


class Line(Protocol):
    """Serves each connection of a service."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until either side ends it."""


_LineT = TypeVar("_LineT", bound=Line)


class Onward(NamedTuple):
    """A connection's way on to PostgreSQL."""

    to_server: asyncio.StreamWriter
    from_server: asyncio.StreamReader
    #: Passes on whatever PostgreSQL answers.
    answers: asyncio.Task[None]


@asynccontextmanager
async def line_to(database: str, make: Callable[[str], _LineT]) -> AsyncIterator[tuple[_LineT, str]]:
    """Yield a line to a database, made with the name of its socket, and the URL that leads over it."""
    url = make_url(database)
    line = make(str(Path(str(url.query["host"])) / SOCKET_NAME))
    with tempfile.TemporaryDirectory() as directory:
        server = await asyncio.start_unix_server(line.serve, Path(directory) / SOCKET_NAME)
        async with server:
            yield line, url.set(query={"host": directory}).render_as_string()


@asynccontextmanager
async def onward(socket: str, writer: asyncio.StreamWriter) -> AsyncIterator[Onward]:
    """Connect one connection to PostgreSQL for the length of the block; whoever ends it, ends both sides."""
    from_server, to_server = await asyncio.open_unix_connection(socket)
    answers = asyncio.create_task(_pass_on(from_server, writer))
    with suppress(ConnectionError):
        yield Onward(to_server, from_server, answers)
    to_server.close()
    writer.close()
    answers.cancel()
    await asyncio.wait([answers])


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await reader.read(CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
    writer.close()
