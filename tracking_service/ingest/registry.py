"""The streams that are open in this process: taking over, draining, waiting for the last one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from servicekit.auth.principal import Principal
from servicekit.database.engine import Database
from tracking_service.ingest.committer import GroupCommitter
from tracking_service.ingest.inlet import StreamInlet
from tracking_service.ingest.stream_errors import Draining, StreamOfAnotherIdentity, StreamTakenOver
from tracking_service.recording.submission import StreamHold
from tracking_service.store import streams
from tracking_service.store.streams import StreamPosition


class StreamRegistry:
    """Opens streams. One stream_id is held by one call at a time, here and across replicas (DESIGN 6)."""

    def __init__(self, database: Database, committer: GroupCommitter) -> None:
        """Nothing is open yet."""
        self._database = database
        self._committer = committer
        self._open: dict[UUID, StreamInlet] = {}
        self._calls = 0
        self._all_closed = asyncio.Event()
        self._all_closed.set()
        self.is_draining = False

    @asynccontextmanager
    async def opened(self, stream_id: UUID, principal: Principal) -> AsyncIterator[StreamInlet]:
        """Hold a stream for the length of the block; StreamOfAnotherIdentity, Draining, StorageUnavailable."""
        if self.is_draining:
            raise Draining
        self._calls += 1
        self._all_closed.clear()
        try:
            inlet = await self._claim(stream_id, principal)
            try:
                yield inlet
            finally:
                if self._open.get(stream_id) is inlet:
                    del self._open[stream_id]
        finally:
            self._calls -= 1
            if not self._calls:
                self._all_closed.set()

    def drain(self) -> None:
        """Ask the client of every stream to go elsewhere, and refuse new ones."""
        self.is_draining = True
        for inlet in self._open.values():
            inlet.drain()

    async def closed(self) -> None:
        """Wait until no stream is open."""
        await self._all_closed.wait()

    async def _claim(self, stream_id: UUID, principal: Principal) -> StreamInlet:
        position = await asyncio.to_thread(self._open_stream, stream_id, principal.owner_key)
        if position is None:
            raise StreamOfAnotherIdentity
        hold = StreamHold(stream_id, position.epoch, principal.is_service)
        inlet = StreamInlet(self._committer, hold, position.committed_sequence)
        previous = self._open.get(stream_id)
        self._open[stream_id] = inlet
        if previous is not None:
            previous.fail(StreamTakenOver())
        if self.is_draining:
            inlet.drain()
        return inlet

    def _open_stream(self, stream_id: UUID, owner: str) -> StreamPosition | None:
        with self._database.transaction() as connection:
            return streams.open_stream(connection, stream_id, owner)
