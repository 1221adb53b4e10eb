"""One stream that sends prepared messages and counts acknowledgements."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from uuid import uuid4

from astegni.tracking.v1 import tracking_pb2 as tracking
from benchmarks.load.grpc_connection import GrpcConnection, StreamEnded, call_headers
from benchmarks.load.prepared_messages import PreparedMessage

_METHOD = "/astegni.tracking.v1.TrackingService/StreamHeartbeats"
#: A relay collects events for some milliseconds before it sends them, and no event is observed in the future.
_COLLECTED_FOR_MICROSECONDS = 5_000
#: Events are stamped to the millisecond.
_NANOSECONDS_PER_MILLISECOND = 1_000_000
_MICROSECONDS_PER_MILLISECOND = 1_000


@dataclass(slots=True)
class Tally:
    """What the service answered since the tally was replaced."""

    rejections: int = 0
    acknowledgements: int = 0
    #: Seconds from due to acknowledged, per message.
    latencies: list[float] = field(default_factory=list)


class LoadStream:
    """A stream on a connection of its own."""

    def __init__(self, address: str, bearer: str, messages: list[PreparedMessage], window: int) -> None:
        """Nothing connects before `open`."""
        self.messages = messages
        self._window = window
        self._host, _, port = address.rpartition(":")
        self._port = int(port)
        headers = call_headers(address, _METHOD, authorization=f"Bearer {bearer}")
        self._connection = GrpcConnection(headers, self._receive, self._wake)
        self._loop = asyncio.get_running_loop()
        self._unacknowledged: deque[tuple[int, float]] = deque()
        self._changed = asyncio.Event()
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
            await self._next_change()

    async def send(self, message: PreparedMessage, *, due: float, connects: bool = False) -> None:
        """Send a message once the window has room for it; `due` is on the event loop's clock. StreamEnded."""
        size = len(message)
        while self.sent + size - self._acknowledged > max(self._window, size):
            await self._next_change()
        at = (
            time.time_ns() // _NANOSECONDS_PER_MILLISECOND * _MICROSECONDS_PER_MILLISECOND - _COLLECTED_FOR_MICROSECONDS
        )
        encoded = (message.connects if connects else message.heartbeats)(self.sent + 1, at)
        message.record_sent(at, connects=connects)
        self.sent += size
        self._unacknowledged.append((self.sent, due))
        self._connection.send(encoded)

    async def all_acknowledged(self) -> None:
        """Wait until everything is acknowledged; StreamEnded."""
        while self._acknowledged < self.sent:
            await self._next_change()

    async def close(self) -> None:
        """End the stream and its connection."""
        self._is_closing = True
        self._connection.half_close()
        while not self._connection.is_ended:
            await self._next_change()
        self._connection.close()

    async def _next_change(self) -> None:
        if self._connection.is_ended and not self._is_closing:
            raise StreamEnded
        self._changed.clear()
        await self._changed.wait()

    def _receive(self, message: bytes) -> None:
        response = tracking.StreamHeartbeatsResponse.FromString(message)
        if response.HasField("ack"):
            self._count(response.ack)
        self._is_open = self._is_open or response.HasField("opened")
        self._wake()

    def _wake(self) -> None:
        self._changed.set()

    def _count(self, ack: tracking.StreamAck) -> None:
        now = self._loop.time()
        self._acknowledged = ack.committed_sequence
        self.tally.acknowledgements += 1
        self.tally.rejections += len(ack.rejections)
        while self._unacknowledged and self._unacknowledged[0][0] <= ack.committed_sequence:
            _, due = self._unacknowledged.popleft()
            self.tally.latencies.append(now - due)
