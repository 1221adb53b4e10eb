"""One stream that sends frames and counts what comes back."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from uuid import uuid4

from grpc import aio

from astegni.tracking.v1 import tracking_pb2 as tracking
from benchmarks.load.frames import Frame

_METHOD = "/astegni.tracking.v1.TrackingService/StreamHeartbeats"
#: A relay holds what its sockets say for some milliseconds before it sends; nothing is observed in the future.
_COLLECTED_FOR_MICROSECONDS = 5_000
_NANOSECONDS_PER_MICROSECOND = 1_000
_OPTIONS = (("grpc.use_local_subchannel_pool", 1),)


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
        self._channel = aio.insecure_channel(address, options=_OPTIONS)
        # Requests are bytes already.
        open_call: aio.StreamStreamMultiCallable[bytes, tracking.StreamHeartbeatsResponse]
        open_call = self._channel.stream_stream(
            _METHOD, response_deserializer=tracking.StreamHeartbeatsResponse.FromString
        )
        self._call = open_call(metadata=(("authorization", f"Bearer {bearer}"),))
        self._on_the_way: deque[tuple[int, float]] = deque()
        self._news = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None
        self._acknowledged = 0
        self.sent = 0
        self.tally = Tally()

    async def open(self) -> None:
        """Open the stream and begin to read."""
        request = tracking.StreamHeartbeatsRequest(open=tracking.OpenStream(stream_id=str(uuid4())))
        await self._call.write(request.SerializeToString())
        await self._call.read()
        self._reader = asyncio.create_task(self._read())

    async def send(self, frame: Frame, *, due: float, joins: bool = False) -> None:
        """Send a frame once there is room for it; `due` is on the event loop's clock."""
        while self.sent + len(frame) - self._acknowledged > max(self._window, len(frame)):
            await self._next_news()
        at = time.time_ns() // _NANOSECONDS_PER_MICROSECOND - _COLLECTED_FOR_MICROSECONDS
        message = (frame.connects if joins else frame.heartbeats)(self.sent + 1, at)
        frame.note(at, joins=joins)
        self.sent += len(frame)
        self._on_the_way.append((self.sent, due))
        await self._call.write(message)

    async def settled(self) -> None:
        """Wait until everything is acknowledged."""
        while self._acknowledged < self.sent:
            await self._next_news()

    async def close(self) -> None:
        """End the stream and its connection."""
        await self._call.done_writing()
        if self._reader is not None:
            await self._reader
        await self._channel.close()

    async def _next_news(self) -> None:
        if self._reader is not None and self._reader.done():
            self._reader.result()
            raise EOFError("the service ended the stream")
        await self._news.wait()

    async def _read(self) -> None:
        try:
            while isinstance(response := await self._call.read(), tracking.StreamHeartbeatsResponse):
                if response.HasField("ack"):
                    self._note(response.ack)
                self._tell()
        finally:
            self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def _note(self, ack: tracking.StreamAck) -> None:
        now = asyncio.get_running_loop().time()
        self._acknowledged = ack.committed_sequence
        self.tally.acknowledgements += 1
        self.tally.rejections += len(ack.rejections)
        while self._on_the_way and self._on_the_way[0][0] <= ack.committed_sequence:
            _, due = self._on_the_way.popleft()
            self.tally.latencies.append(now - due)
