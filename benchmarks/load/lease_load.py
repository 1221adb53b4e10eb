"""A load process that keeps leases of etcd alive, over streams on connections of their own.

The messages of etcd's API that it needs are written by hand: two numbers are all that they have.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from itertools import cycle

import uvloop
from grpc import aio

from benchmarks.child_process import answer, read_request
from benchmarks.load.grpc_connection import GrpcConnection, StreamEnded, call_headers
from benchmarks.load.messages import Delivered, Message, Ready, Run, percentile

_GRANT = "/etcdserverpb.Lease/LeaseGrant"
_KEEP_ALIVE = "/etcdserverpb.Lease/LeaseKeepAlive"
#: Longer than any case takes.
_LEASE_SECONDS = 12 * 60 * 60
#: Field 1 of LeaseKeepAliveRequest and field 2 of LeaseGrantRequest: the lease; field 1 of the latter: its seconds.
_FIELD_1, _FIELD_2, _FIELD_3 = b"\x08", b"\x10", b"\x18"
_GRANTED_AT_ONCE = 100
_PAYLOAD_BITS = 7
_PAYLOAD_MASK = 0x7F
_CONTINUED = 0x80
_MILLISECONDS_PER_SECOND = 1_000


class LeasePlan(Message):
    """Which leases to grant and to keep alive. Answered with Ready."""

    address: str
    #: The leases 1 to n, spread evenly over the streams.
    leases: int
    streams: int
    #: A stream waits while so many requests are unanswered.
    window: int


class LeaseStream:
    """Keeps its leases alive, one after the other."""

    def __init__(self, address: str, leases: Iterable[int], window: int) -> None:
        """Nothing connects before `open`."""
        self._address = address
        self._requests = cycle([_FIELD_1 + varint(lease) for lease in leases])
        self._window = window
        self._loop = asyncio.get_running_loop()
        self._connection = GrpcConnection(call_headers(address, _KEEP_ALIVE), self._receive, self._wake)
        self._changed = asyncio.Event()
        self._unanswered: deque[float] = deque()
        #: Of all answers since it was replaced, in seconds.
        self.latencies: list[float] = []
        self.rejections = 0

    async def open(self) -> None:
        """Connect."""
        host, _, port = self._address.rpartition(":")
        await self._loop.create_connection(lambda: self._connection, host, int(port))

    async def run(self, deadline: float) -> None:
        """Send requests until the deadline, on the event loop's clock, and wait for all answers; StreamEnded."""
        while self._loop.time() < deadline:
            while len(self._unanswered) < self._window:
                self._unanswered.append(self._loop.time())
                self._connection.send(next(self._requests))
            await self._change()
        while self._unanswered:
            await self._change()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    async def _change(self) -> None:
        if self._connection.is_ended:
            raise StreamEnded
        self._changed.clear()
        await self._changed.wait()

    def _receive(self, message: bytes) -> None:
        self.latencies.append(self._loop.time() - self._unanswered.popleft())
        # A lease that does not exist has no time to live.
        self.rejections += not message.endswith(_FIELD_3 + varint(_LEASE_SECONDS))
        self._wake()

    def _wake(self) -> None:
        self._changed.set()


async def grant(plan: LeasePlan) -> None:
    """Grant all leases."""
    async with aio.insecure_channel(plan.address) as channel:
        call: aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(_GRANT)
        for first in range(1, plan.leases + 1, _GRANTED_AT_ONCE):
            group = range(first, min(first + _GRANTED_AT_ONCE, plan.leases + 1))
            requests = [_FIELD_1 + varint(_LEASE_SECONDS) + _FIELD_2 + varint(lease) for lease in group]
            await asyncio.gather(*(call(request, wait_for_ready=True) for request in requests))


async def keep_alive(streams: list[LeaseStream], seconds: float) -> Delivered:
    """Keep all leases alive on all streams until the time is over."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    for stream in streams:
        stream.latencies = []
    await asyncio.gather(*(stream.run(started + seconds) for stream in streams))
    latencies = sorted(latency * _MILLISECONDS_PER_SECOND for stream in streams for latency in stream.latencies)
    return Delivered(
        events=len(latencies),
        seconds=loop.time() - started,
        rejections=sum(stream.rejections for stream in streams),
        latency_p50=percentile(latencies, 0.5),
        latency_p99=percentile(latencies, 0.99),
        latency_max=percentile(latencies, 1.0),
    )


def varint(number: int) -> bytes:
    """Return a number as protobuf encodes it."""
    encoded = bytearray()
    while number > _PAYLOAD_MASK:
        encoded.append(number & _PAYLOAD_MASK | _CONTINUED)
        number >>= _PAYLOAD_BITS
    return bytes([*encoded, number])


async def serve_requests() -> None:
    """Answer requests from standard input until it ends."""
    plan = LeasePlan.model_validate_json(await read_request())
    await grant(plan)
    streams = [
        LeaseStream(plan.address, range(1 + index, plan.leases + 1, plan.streams), plan.window)
        for index in range(plan.streams)
    ]
    await asyncio.gather(*(stream.open() for stream in streams))
    answer(Ready())
    while line := await read_request():
        answer(await keep_alive(streams, Run.model_validate_json(line).seconds))
    for stream in streams:
        stream.close()


if __name__ == "__main__":
    uvloop.run(serve_requests())
