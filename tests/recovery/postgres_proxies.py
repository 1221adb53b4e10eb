"""Proxies between a service and PostgreSQL, which do to connections what networks and machines do."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from sqlalchemy.engine import make_url

from development.postgres import SOCKET_NAME
from testkit.service_process import ServiceProcess, tracking_service_process

CHUNK_BYTES = 65_536
#: How these statements end on the wire.
COMMIT = b"COMMIT\0"
_ROLLBACK = b"ROLLBACK\0"
#: What the transactions contain in which events are appended to the journal, and in which they are folded.
APPEND = b"EXECUTE append_to_journal"
FOLD = b"UPDATE session_groups"


class Proxy(Protocol):
    """Serves each connection of a service."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until either side ends it."""


_ProxyT = TypeVar("_ProxyT", bound=Proxy)


class Upstream(NamedTuple):
    """A proxy's connection to PostgreSQL."""

    to_server: asyncio.StreamWriter
    from_server: asyncio.StreamReader
    #: Copies PostgreSQL's answers to the service.
    answers: asyncio.Task[None]


class LostCommitAnswers:
    """Ends a connection after a commit, before its answer: the service can not know that the commit succeeded."""

    def __init__(self, socket: str) -> None:
        self._socket = socket
        self._transaction: bytes | None = None
        self._was_lost = asyncio.Event()

    async def lose_next(self, transaction: bytes) -> None:
        """Lose the answer to the next commit of a transaction that contains this, and return when that is done."""
        self._was_lost.clear()
        self._transaction = transaction
        await self._was_lost.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until either side ends it."""
        async with upstream(self._socket, writer) as (to_server, from_server, answers):
            is_chosen = False
            while chunk := await reader.read(CHUNK_BYTES):
                is_chosen = is_chosen or (self._transaction is not None and self._transaction in chunk)
                if is_chosen and chunk.endswith(COMMIT):
                    self._transaction = None
                    answers.cancel()
                    await asyncio.wait([answers])
                    to_server.write(chunk)
                    # Once the answer is here, the commit is done.
                    await from_server.read(CHUNK_BYTES)
                    self._was_lost.set()
                    break
                to_server.write(chunk)
                await to_server.drain()


class DelayedStatement:
    """Holds one statement back for a while: it arrives late, and PostgreSQL executes it then."""

    def __init__(self, socket: str) -> None:
        self._socket = socket
        self._held_text: bytes | None = None
        self._is_released = asyncio.Event()
        self._is_held = asyncio.Event()
        self._has_ended = asyncio.Event()

    def hold(self, text: str) -> None:
        """Hold back the first statement that contains this text, until `release`."""
        self._held_text = text.encode()

    async def held(self) -> None:
        """Return when the statement is held back."""
        await self._is_held.wait()

    async def release(self) -> None:
        """Deliver the statement, and return when its transaction has ended."""
        self._is_released.set()
        await self._has_ended.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until either side ends it."""
        async with upstream(self._socket, writer) as (to_server, _, _):
            was_held = False
            while chunk := await reader.read(CHUNK_BYTES):
                if self._held_text is not None and self._held_text in chunk:
                    self._held_text, was_held = None, True
                    self._is_held.set()
                    await self._is_released.wait()
                to_server.write(chunk)
                await to_server.drain()
                if was_held and chunk.endswith((COMMIT, _ROLLBACK)):
                    self._has_ended.set()


@asynccontextmanager
async def service_behind(
    make_proxy: Callable[[str], _ProxyT], database: str, log: Path, **settings: str
) -> AsyncIterator[tuple[_ProxyT, ServiceProcess]]:
    """Run a tracking service that reaches its database through a proxy; yield the proxy and the service."""
    url = make_url(database)
    proxy = make_proxy(str(Path(str(url.query["host"])) / SOCKET_NAME))
    with tempfile.TemporaryDirectory() as directory:
        server = await asyncio.start_unix_server(proxy.serve, Path(directory) / SOCKET_NAME)
        proxied = url.set(query={"host": directory}).render_as_string()
        service = tracking_service_process(proxied, log, **settings)
        async with server:
            try:
                # In a thread: the start waits for the service, which waits for the proxy, which runs in this loop.
                await asyncio.to_thread(service.start)
                yield proxy, service
            finally:
                await asyncio.to_thread(service.stop)


@asynccontextmanager
async def upstream(socket: str, writer: asyncio.StreamWriter) -> AsyncIterator[Upstream]:
    """Connect to PostgreSQL for one connection of the service; the end of one ends the other."""
    from_server, to_server = await asyncio.open_unix_connection(socket)
    answers = asyncio.create_task(_copy(from_server, writer))
    with suppress(ConnectionError):
        yield Upstream(to_server, from_server, answers)
    to_server.close()
    writer.close()
    answers.cancel()
    await asyncio.wait([answers])


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await reader.read(CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
    writer.close()
