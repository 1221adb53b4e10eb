"""The streams that are open in this process: taking over, draining, waiting for the last one."""

from __future__ import annotations

import asyncio
import threading
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

#: An acknowledgement costs 30 us: at this rate 3 % of a core, however many streams there are.
ACKNOWLEDGEMENTS_PER_SECOND = 1_000
#: A client's window holds minutes of a person's heartbeats; a relay's has few neighbours and is told far sooner.
LONGEST_ACKNOWLEDGEMENT_INTERVAL_SECONDS = 0.5


class _GivenUp(Exception):
    """The call that opened the stream is over."""


def fair_acknowledgement_interval(streams: int) -> float:
    """Return the seconds between two acknowledgements of one of so many streams.

    A few relays are told of every flush; many streams share what acknowledging may cost.
    """
    return min(streams / ACKNOWLEDGEMENTS_PER_SECOND, LONGEST_ACKNOWLEDGEMENT_INTERVAL_SECONDS)


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

    def acknowledgement_interval(self) -> float:
        """Return how many seconds each of the open streams lets pass between two acknowledgements."""
        return fair_acknowledgement_interval(len(self._open))

    def drain(self) -> None:
        """Ask the client of every stream to go elsewhere, and refuse new ones."""
        self.is_draining = True
        for inlet in self._open.values():
            inlet.drain()

    async def closed(self) -> None:
        """Wait until no stream is open."""
        await self._all_closed.wait()

    async def _claim(self, stream_id: UUID, principal: Principal) -> StreamInlet:
        position = await self._position(stream_id, principal.owner_key)
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

    async def _position(self, stream_id: UUID, owner: str) -> StreamPosition | None:
        given_up = threading.Event()
        try:
            return await asyncio.to_thread(self._open_stream, stream_id, owner, given_up)
        except asyncio.CancelledError:
            # The thread goes on, for as long as PostgreSQL takes to answer.
            given_up.set()
            raise

    def _open_stream(self, stream_id: UUID, owner: str, given_up: threading.Event) -> StreamPosition | None:
        with self._database.transaction() as connection:
            position = streams.open_stream(connection, stream_id, owner)
            # The client may hold the stream by another call already, and must not lose it to this one. Whoever opens it
            # from here on waits for the lock on its row, and comes after this one.
            if given_up.is_set():
                raise _GivenUp
            return position
