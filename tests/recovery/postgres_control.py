"""Stops, kills and starts a PostgreSQL while gRPC calls run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from development.postgres import EmbeddedPostgres
from testkit.postgres import fresh_database


class PostgresControl:
    """Controls one server, without blocking the event loop."""

    def __init__(self, server: EmbeddedPostgres, directory: Path) -> None:
        """`directory` holds the data of the running server."""
        self.url = server.url()
        self._server = server
        self._directory = directory

    async def start(self) -> None:
        await asyncio.to_thread(self._server.start)

    async def stop(self) -> None:
        """End every session and shut down."""
        await asyncio.to_thread(self._server.stop)

    async def kill(self) -> None:
        """Send SIGKILL to all its processes, as in a crash."""
        await asyncio.to_thread(self._server.kill)

    @contextmanager
    def halted(self) -> Iterator[None]:
        """Halt every process of the server (SIGSTOP) for the length of the block.

        The kernel still accepts what clients send: to them the server is there, and silent.
        """
        process_id = int((self._directory / "postmaster.pid").read_text().splitlines()[0])
        postmaster = psutil.Process(process_id)
        # The postmaster first, so that it starts no further process.
        postmaster.suspend()
        processes = [postmaster, *postmaster.children(recursive=True)]
        try:
            for process in processes:
                process.suspend()
            yield
        finally:
            for process in reversed(processes):
                process.resume()

    @contextmanager
    def fresh_database(self, template: str) -> Iterator[None]:
        """Let `url` name a fresh database for the length of the block; start the server at its end if it is down."""
        with fresh_database(self._server, template=template) as self.url:
            try:
                yield
            finally:
                self._server.start()
