"""One stream that sends frames and counts what comes back."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from uuid import uuid4

from astegni.tracking.v1 import tracking_pb2 as tracking
from benchmarks.load.connection import StreamConnection
from benchmarks.load.frames import Frame

#: A relay holds what its sockets say for some milliseconds before it sends; nothing is observed in the future.
_COLLECTED_FOR_MICROSECONDS = 5_000
#: Events are stamped to the millisecond.
_NANOSECONDS_PER_MILLISECOND = 1_000_000
_MICROSECONDS_PER_MILLISECOND = 1_000


class StreamEnded(RuntimeError):
    """The service ended the stream, or its connection."""


@dataclass(slots=True)
class Tally:
    """What came back since the last look."""

    rejections: int = 0
    acknowledgements: int = 0
    #: Seconds from due to acknowledged, per message.
    latencies: list[float] = field(default_factory=list)


class LoadStream:
    """A stream on a connection of its own."""

    def __init__(self, address: str, bearer: str, frames: list[Frame], window: int) -> None:
        """Nothing connects before `open`."""
        self.frames = frames
        self._window = window
        self._host, _, port = address.rpartition(":")
        self._port = int(port)
        self._connection = StreamConnection(_headers(address, bearer), self._take, self._tell)
        self._loop = asyncio.get_running_loop()
        self._on_the_way: deque[tuple[int, float]] = deque()
        self._news = asyncio.Event()
        self._is_open = False
        self._is_closing = False
        self._acknowledged = 0
        self.sent = 0
        self.tally = Tally()

    async def open(self) -> None:
        """Open the stream; StreamEnded."""
        await self._loop.create_connection(lambda: self._connection, self._host, self._port)
        request = tracking.StreamHeartbeatsRequest(open=tracking.OpenStream(stream_id=str(uuid4())))
        self._connection.send(request.SerializeToString())
        while not self._is_open:
            await self._next_news()

    async def send(self, frame: Frame, *, due: float, joins: bool = False) -> None:
        """Send a frame once there is room for it; `due` is on the event loop's clock. StreamEnded."""
        size = len(frame)
        while self.sent + size - self._acknowledged > max(self._window, size):
            await self._next_news()
        at = (
            time.time_ns() // _NANOSECONDS_PER_MILLISECOND * _MICROSECONDS_PER_MILLISECOND - _COLLECTED_FOR_MICROSECONDS
        )
        message = (frame.connects if joins else frame.heartbeats)(self.sent + 1, at)
        frame.note(at, joins=joins)
        self.sent += size
        self._on_the_way.append((self.sent, due))
        self._connection.send(message)

    async def settled(self) -> None:
        """Wait until everything is acknowledged; StreamEnded."""
        while self._acknowledged < self.sent:
            await self._next_news()

    async def close(self) -> None:
        """End the stream and its connection."""
        self._is_closing = True
        self._connection.half_close()
        while not self._connection.is_ended:
            await self._next_news()
        self._connection.close()

    async def _next_news(self) -> None:
        if self._connection.is_ended and not self._is_closing:
            raise StreamEnded
        self._news.clear()
        await self._news.wait()

    def _take(self, message: bytes) -> None:
        response = tracking.StreamHeartbeatsResponse.FromString(message)
        if response.HasField("ack"):
            self._note(response.ack)
        self._is_open = self._is_open or response.HasField("opened")
        self._tell()

    def _tell(self) -> None:
        self._news.set()

    def _note(self, ack: tracking.StreamAck) -> None:
        now = self._loop.time()
        self._acknowledged = ack.committed_sequence
        self.tally.acknowledgements += 1
        self.tally.rejections += len(ack.rejections)
        while self._on_the_way and self._on_the_way[0][0] <= ack.committed_sequence:
            _, due = self._on_the_way.popleft()
            self.tally.latencies.append(now - due)


def _headers(address: str, bearer: str) -> dict[str, str]:
    return {
        ":method": "POST",
        ":scheme": "http",
        ":path": "/astegni.tracking.v1.TrackingService/StreamHeartbeats",
        ":authority": address,
        "content-type": "application/grpc",
        "te": "trailers",
        "authorization": f"Bearer {bearer}",
    }
