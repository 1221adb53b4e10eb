"""Stops, kills and starts a PostgreSQL while gRPC calls run."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from development.postgres import EmbeddedPostgres
from testkit.postgres import fresh_database


class PostgresControl:
    """Controls one server from a separate process: starting the server forks, which breaks gRPC's threads."""

    def __init__(self, server: EmbeddedPostgres, directory: Path) -> None:
        """`directory` holds the data of the running server."""
        self.url = server.url()
        self._server = server
        self._directory = directory
        self._process = ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn"))

    async def start(self) -> None:
        await self._run(_start)

    async def stop(self) -> None:
        """End every session and shut down."""
        await self._run(_stop)

    async def kill(self) -> None:
        """Send SIGKILL to all its processes, as in a crash."""
        await self._run(_kill)

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
                self._process.submit(_start, self._directory).result()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.shutdown()

    async def _run(self, action: Callable[[Path], None]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._process, action, self._directory)


def _start(directory: Path) -> None:
    EmbeddedPostgres(directory).start()


def _stop(directory: Path) -> None:
    EmbeddedPostgres(directory).stop()


def _kill(directory: Path) -> None:
    EmbeddedPostgres(directory).kill()
