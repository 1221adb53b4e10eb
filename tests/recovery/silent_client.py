"""A client that sends without end and does not read the answers."""

from __future__ import annotations

import asyncio
from itertools import count
from types import TracebackType
from typing import Self
from uuid import uuid4

from grpc import aio

from astegni.tracking.v1 import tracking_pb2
from testkit.heartbeat_client import HeartbeatStream
from testkit.postgres import query
from testkit.tokens import token
from testkit.whiteboard_sessions import RELAY
from tracking_service.ingest.stream import MAX_UNACKNOWLEDGED
from tracking_service.wire.frames import MAX_EVENTS_PER_BATCH

#: The smallest flow-control window, so that few unread answers are on their way before the service has to wait.
SMALL_WINDOW = (("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 16_384))
#: More rejections than fit, unread, into the window and the buffers of HTTP/2, at some 300 bytes each.
MAX_BUFFERED_REJECTIONS = 60_000
#: Between two readings of the position; a client whose messages are read sends many batches in this time.
POLL_SECONDS = 0.25


class SilentClient:
    """Streams invalid events until the service reads no more of them; a context manager."""

    def __init__(self, address: str) -> None:
        self._channel = aio.insecure_channel(address, options=SMALL_WINDOW)
        self._stream = HeartbeatStream(self._channel, token(RELAY, "service"), str(uuid4()))

    async def __aenter__(self) -> Self:
        await self._stream.open()
        self._sending = asyncio.create_task(self._send())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sending.cancel()
        await asyncio.wait([self._sending])
        self._stream.cancel()
        await self._channel.close()

    async def is_held_back(self, database: str) -> None:
        """Wait until the service reads no more; check that it has read what it allows to be unacknowledged, no more."""
        before, position = -1, self._position(database)
        while position < MAX_UNACKNOWLEDGED or position > before:
            await asyncio.sleep(POLL_SECONDS)
            before, position = position, self._position(database)
            assert position <= MAX_UNACKNOWLEDGED + MAX_BUFFERED_REJECTIONS

    async def read_rejections(self, until: int) -> set[int]:
        """Start to read; return the numbers of the rejected events, all up to `until`."""
        rejected: list[int] = []
        while not rejected or rejected[-1] < until:
            rejected += [rejection.sequence for rejection in (await self._stream.receive()).ack.rejections]
        assert len(rejected) == len(set(rejected)), "a rejection was sent twice"
        return set(rejected)

    async def _send(self) -> None:
        for first in count(1, MAX_EVENTS_PER_BATCH):
            await self._stream.send_batch(
                # Every field is invalid: that makes the longest acknowledgements.
                tracking_pb2.PresenceEvent(sequence=number, activity_type="NO SUCH")
                for number in range(first, first + MAX_EVENTS_PER_BATCH)
            )

    def _position(self, database: str) -> int:
        statement = f"SELECT committed_sequence FROM heartbeat_streams WHERE stream_id = '{self._stream.stream_id}'"  # noqa: S608
        ((position,),) = query(database, statement)
        return int(str(position))
