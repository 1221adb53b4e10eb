"""The streams that are open in this process: opening, taking over, draining, waiting for the last one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import NamedTuple
from uuid import UUID

from servicekit.auth.principal import Principal
from servicekit.clock import MICROSECONDS_PER_SECOND
from servicekit.database.engine import Database
from tracking_service.errors import Draining, StreamOfAnotherIdentity, StreamTakenOver
from tracking_service.ingest.group_commit import GroupCommitter
from tracking_service.ingest.stream import HeartbeatStream
from tracking_service.recording.submission import StreamHold
from tracking_service.store import heartbeat_streams, relay_coverage
from tracking_service.store.heartbeat_streams import StreamPosition

#: An acknowledgement costs 30 us: at this rate 3 % of a core, however many streams there are.
MAX_ACKNOWLEDGEMENTS_PER_SECOND = 1_000
#: Even then a client's unacknowledged events stay far below their limit.
MAX_ACKNOWLEDGEMENT_INTERVAL_SECONDS = 0.5


class StreamOpening(NamedTuple):
    """What a client says when it opens a stream."""

    stream_id: UUID
    #: For how many microseconds a live relay has watched connections; None: it is no live relay.
    observing_for: int | None


class _CallEnded(Exception):
    """The call that opened the stream is over."""


def fair_acknowledgement_interval(streams: int) -> float:
    """Return the seconds between two acknowledgements of one of so many streams.

    A few relays get one after every flush; many streams share the rate.
    """
    return min(streams / MAX_ACKNOWLEDGEMENTS_PER_SECOND, MAX_ACKNOWLEDGEMENT_INTERVAL_SECONDS)


class StreamRegistry:
    """Opens streams. Only one call at a time holds a stream_id, here and across replicas.

    See docs/streams.md#one-stream-one-holder.
    """

    def __init__(self, database: Database, committer: GroupCommitter) -> None:
        self._database = database
        self._committer = committer
        self._open: dict[UUID, HeartbeatStream] = {}
        self._calls = 0
        self._all_closed = asyncio.Event()
        self._all_closed.set()
        self.is_draining = False

    @asynccontextmanager
    async def opened(
        self, opening: StreamOpening, principal: Principal, *, turn: AbstractAsyncContextManager[None]
    ) -> AsyncIterator[HeartbeatStream]:
        """Hold a stream for the length of the block. It is read and written in storage when it is the caller's `turn`.

        Raises:
            Draining: this replica is about to stop.
            StorageUnavailable: the database is unavailable.
            StreamOfAnotherIdentity: the stream belongs to another caller.
        """
        if self.is_draining:
            raise Draining
        self._calls += 1
        self._all_closed.clear()
        try:
            async with turn:
                stream = await self._claim(opening, principal)
            try:
                yield stream
            finally:
                if self._open.get(opening.stream_id) is stream:
                    del self._open[opening.stream_id]
        finally:
            self._calls -= 1
            if not self._calls:
                self._all_closed.set()

    def acknowledgement_interval(self) -> float:
        """Return the seconds that each of the open streams waits between two acknowledgements."""
        return fair_acknowledgement_interval(len(self._open))

    def __len__(self) -> int:
        """Return how many streams are open."""
        return len(self._open)

    def max_clock_offset_seconds(self) -> float:
        """Return by how much the clock of a relay is off that has a stream open, at most. Thread-safe."""
        offsets = (abs(stream.clock_offset) for stream in tuple(self._open.values()))
        return max(offsets, default=0) / MICROSECONDS_PER_SECOND

    def live_relays(self) -> list[UUID]:
        """Return the open streams of live relays."""
        return [stream_id for stream_id, stream in self._open.items() if stream.is_live]

    def drain(self) -> None:
        """Ask the client of every stream to go elsewhere, and refuse new ones."""
        self.is_draining = True
        for stream in self._open.values():
            stream.drain()

    async def closed(self) -> None:
        """Wait until no stream is open."""
        await self._all_closed.wait()

    async def _claim(self, opening: StreamOpening, principal: Principal) -> HeartbeatStream:
        stream_id, observing_for = opening
        if not principal.is_service:
            observing_for = None
        position = await self._position(StreamOpening(stream_id, observing_for), principal.owner_key)
        if position is None:
            raise StreamOfAnotherIdentity
        hold = StreamHold(
            stream_id,
            position.epoch,
            is_relays=principal.is_service,
            is_live=observing_for is not None,
            owner=principal.owner_key,
        )
        stream = HeartbeatStream(self._committer, hold, position.committed_sequence)
        previous = self._open.get(stream_id)
        self._open[stream_id] = stream
        if previous is not None:
            previous.fail(StreamTakenOver())
        if self.is_draining:
            stream.drain()
        return stream

    async def _position(self, opening: StreamOpening, owner: str) -> StreamPosition | None:
        call_ended = threading.Event()
        try:
            return await asyncio.to_thread(self._open_stream, opening, owner, call_ended)
        except asyncio.CancelledError:
            # The thread goes on, for as long as PostgreSQL takes to answer.
            call_ended.set()
            raise

    def _open_stream(self, opening: StreamOpening, owner: str, call_ended: threading.Event) -> StreamPosition | None:
        with self._database.transaction() as connection:
            position = heartbeat_streams.open_stream(connection, opening.stream_id, owner)
            if position is not None and opening.observing_for is not None:
                relay_coverage.open_stream(connection, opening.stream_id, owner, opening.observing_for)
            # The client may already hold the stream by another call, and must not lose it to this one. A call that
            # opens it after this check waits for the lock on its row, and so comes after this one.
            if call_ended.is_set():
                raise _CallEnded
            return position
