"""A proxy that stops a service's transaction at a chosen place, where the service is killed then."""

from __future__ import annotations

import asyncio
from enum import Enum

from tests.recovery.postgres_proxies import APPEND, CHUNK_BYTES, COMMIT, FOLD, upstream


class Breakpoint(Enum):
    """Where a transaction stops: what it contains, and whether its commit is executed."""

    BEFORE_THE_COMMIT_OF_AN_APPEND = (APPEND, False)
    BETWEEN_THE_COMMIT_OF_AN_APPEND_AND_THE_ACK = (APPEND, True)
    BEFORE_THE_COMMIT_OF_A_FOLD = (FOLD, False)
    AFTER_THE_COMMIT_OF_A_FOLD = (FOLD, True)


class BreakingProxy:
    """Serves the connections of a service; one that reaches the breakpoint hears nothing more of PostgreSQL."""

    def __init__(self, socket: str) -> None:
        self._socket = socket
        self._breakpoint: Breakpoint | None = None
        self._was_reached = asyncio.Event()

    async def reach(self, breakpoint: Breakpoint) -> None:  # noqa: A002 - nothing here starts a debugger
        """Return when a transaction has stopped there."""
        self._was_reached.clear()
        self._breakpoint = breakpoint
        await self._was_reached.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until either side ends it."""
        async with upstream(self._socket, writer) as (to_server, from_server, answers):
            is_chosen = False
            while chunk := await reader.read(CHUNK_BYTES):
                is_chosen |= self._breakpoint is not None and self._breakpoint.value[0] in chunk
                if is_chosen and self._breakpoint is not None and chunk.endswith(COMMIT):
                    _, is_committed = self._breakpoint.value
                    self._breakpoint = None
                    answers.cancel()
                    await asyncio.wait([answers])
                    if is_committed:
                        to_server.write(chunk)
                        # Once the answer is here, the commit is done.
                        await from_server.read(CHUNK_BYTES)
                    self._was_reached.set()
                    # Until the service is killed.
                    await reader.read()
                    break
                to_server.write(chunk)
                await to_server.drain()
