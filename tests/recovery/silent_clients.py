"""A client that sends without end and never reads what it is told."""

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

#: So many refusals fit unread into the windows and buffers of HTTP/2, at some 300 bytes each, generously.
TOLD_INTO_BUFFERS = 60_000
#: Between two looks at the database; a client that is read sends many batches in this time.
LOOK_SECONDS = 0.25


class SilentClient:
    """Streams refused events until it is held back; a context manager."""

    def __init__(self, address: str) -> None:
        self._channel = aio.insecure_channel(address)
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
        """Wait until the service reads no more of it, having taken in what it allows and no more."""
        before, position = -1, self._position(database)
        while position < MAX_UNACKNOWLEDGED or position > before:
            await asyncio.sleep(LOOK_SECONDS)
            before, position = position, self._position(database)
            assert position <= MAX_UNACKNOWLEDGED + TOLD_INTO_BUFFERS

    async def listens(self, until: int) -> set[int]:
        """Begin to read and return the numbers that were refused, all up to one number."""
        refused: list[int] = []
        while not refused or refused[-1] < until:
            refused += [rejection.sequence for rejection in (await self._stream.receive()).ack.rejections]
        assert len(refused) == len(set(refused)), "a refusal was told twice"
        return set(refused)

    async def _send(self) -> None:
        for first in count(1, MAX_EVENTS_PER_BATCH):
            await self._stream.send_batch(
                # Everything about it is wrong: that makes the longest acknowledgements.
                tracking_pb2.PresenceEvent(sequence=number, activity_type="NO SUCH")
                for number in range(first, first + MAX_EVENTS_PER_BATCH)
            )

    def _position(self, database: str) -> int:
        statement = f"SELECT committed_sequence FROM heartbeat_streams WHERE stream_id = '{self._stream.stream_id}'"  # noqa: S608
        ((position,),) = query(database, statement)
        return int(str(position))
