"""Stopping, killing and starting a PostgreSQL in the midst of gRPC calls."""

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
    """Controls one server from a process of its own: starting it forks, and gRPC's threads do not survive that."""

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
        """SIGKILL to all of it, as in a crash."""
        await self._run(_kill)

    @contextmanager
    def halted(self) -> Iterator[None]:
        """Halt every process of the server in the middle of what it does (SIGSTOP), and let them go on at the end.

        The kernel still takes in what is sent to it: to its clients it is there, and silent.
        """
        process_id = int((self._directory / "postmaster.pid").read_text().splitlines()[0])
        postmaster = psutil.Process(process_id)
        # The postmaster first: it starts no further process then.
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
        """Let `url` lead to a database of its own for the length of the block; the server runs at its end."""
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
