"""One StreamHeartbeats call over a connection of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

import grpc
from grpc import aio

from astegni.tracking.v1 import tracking_pb2 as tracking

#: Connecting and opening takes milliseconds, or seconds while the database is slow; longer, and it is tried elsewhere.
OPENING_SECONDS = 15.0
_SERVICE = tracking.DESCRIPTOR.services_by_name["TrackingService"]
_METHOD = f"/{_SERVICE.full_name}/StreamHeartbeats"
_OPTIONS = (
    # A stream has a connection to itself, so that a balancer of connections spreads streams as well, and every attempt
    # a new one, so that gRPC's own back-off of up to two minutes has no say.
    ("grpc.use_local_subchannel_pool", 1),
    # A peer that vanished without a word is noticed within 30 s; the service allows a ping each 10 s.
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
)

_Call: TypeAlias = aio.StreamStreamCall[bytes, tracking.StreamHeartbeatsResponse]


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """Where the service is."""

    #: A gRPC target: `host:port`, `unix:/path`, `dns:///name:port`.
    target: str
    #: None: without TLS.
    credentials: grpc.ChannelCredentials | None

    def channel(self) -> aio.Channel:
        """Make a channel; it connects when it is used."""
        if self.credentials is None:
            return aio.insecure_channel(self.target, options=_OPTIONS)
        return aio.secure_channel(self.target, self.credentials, options=_OPTIONS)


class HeartbeatCall:
    """An open stream. Writes take frames that are built already."""

    def __init__(self, call: _Call) -> None:
        """Made by `connected`."""
        self._call = call

    async def open(self, stream_id: UUID) -> tracking.StreamOpened:
        """Send the first frame and return the answer; AioRpcError, TimeoutError, EOFError."""
        opening = tracking.StreamHeartbeatsRequest(open=tracking.OpenStream(stream_id=str(stream_id)))
        async with asyncio.timeout(OPENING_SECONDS):
            await self.write(opening.SerializeToString())
            answer = await self.read()
        if answer is None:
            raise EOFError("the stream ended before it was open")
        return answer.opened

    async def write(self, frame: bytes) -> bool:
        """Send a frame; False if the call has ended, the cause of which reading tells."""
        try:
            await self._call.write(frame)
        except (aio.AioRpcError, asyncio.InvalidStateError):
            return False
        return True

    async def half_close(self) -> None:
        """Say that nothing more comes."""
        await self._call.done_writing()

    async def read(self) -> tracking.StreamHeartbeatsResponse | None:
        """Return the next frame, None at the end; AioRpcError where the end is an error."""
        frame = await self._call.read()
        return frame if isinstance(frame, tracking.StreamHeartbeatsResponse) else None


@asynccontextmanager
async def connected(endpoint: Endpoint, metadata: tuple[tuple[str, str], ...]) -> AsyncIterator[HeartbeatCall]:
    """Start a call for the length of the block; it still has to be opened."""
    async with endpoint.channel() as channel:
        method: aio.StreamStreamMultiCallable[bytes, tracking.StreamHeartbeatsResponse] = channel.stream_stream(
            _METHOD,
            # Frames are bytes already.
            request_serializer=None,
            response_deserializer=tracking.StreamHeartbeatsResponse.FromString,
        )
        yield HeartbeatCall(method(metadata=metadata))
