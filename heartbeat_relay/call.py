"""One StreamHeartbeats call over a connection of its own."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias
from uuid import UUID

import grpc
from grpc import aio

from astegni.tracking.v1 import tracking_pb2 as tracking

#: Opening a stream takes milliseconds, or seconds while the database is slow. After that, another attempt is better.
OPEN_TIMEOUT_SECONDS = 15.0
#: A write fails after the call has ended, so its status is there already, or will be in a moment.
STATUS_TIMEOUT_SECONDS = 1.0
#: What gRPC writes over the status of a call when a write fails.
_WRITE_FAILED = "Internal error from Core"
_SERVICE = tracking.DESCRIPTOR.services_by_name["TrackingService"]
_METHOD = f"/{_SERVICE.full_name}/StreamHeartbeats"
#: Otherwise each stream would take the first address of the name that answers, and gRPC always sorts them the same way:
#: one replica would have all streams.
_ANY_ADDRESS = json.dumps({"loadBalancingConfig": [{"pick_first": {"shuffleAddressList": True}}]})
_OPTIONS = (
    ("grpc.service_config", _ANY_ADDRESS),
    # Each stream has a connection of its own, so that load balancers of connections spread the streams. Each attempt
    # has a new one, so that gRPC's own back-off of up to two minutes does not apply.
    ("grpc.use_local_subchannel_pool", 1),
    # A dead peer is noticed within 30 s. The service allows a ping every 10 s.
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
)

_Call: TypeAlias = aio.StreamStreamCall[bytes, tracking.StreamHeartbeatsResponse]
#: A bearer token, or a function that returns one. A function is called in the event loop before each attempt to
#: connect, so it must not block; it may be a coroutine function.
Token: TypeAlias = str | Callable[[], str | Awaitable[str]]

#: Of TLS, or a function that returns them, which is called before each attempt to connect, so that a certificate may
#: change; None: without TLS.
Credentials: TypeAlias = grpc.ChannelCredentials | Callable[[], grpc.ChannelCredentials] | None


class BearerToken:
    """Gives each call its token."""

    def __init__(self, token: Token) -> None:
        """`token` is never logged."""
        self._token = token

    @property
    def is_renewable(self) -> bool:
        """Whether the next call may get another token."""
        return callable(self._token)

    async def metadata(self) -> tuple[tuple[str, str], ...]:
        """Return the metadata of a call; raises whatever the user's function raises."""
        result = self._token() if callable(self._token) else self._token
        token = await result if inspect.isawaitable(result) else result
        # Files end with a newline, which a header must not contain.
        return (("authorization", f"Bearer {token.strip()}"),)


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """The address of the service."""

    #: A gRPC target: `host:port`, `unix:/path`, `dns:///name:port`.
    target: str
    credentials: Credentials

    def channel(self) -> aio.Channel:
        """Return a channel; it connects when it is used."""
        credentials = self.credentials() if callable(self.credentials) else self.credentials
        if credentials is None:
            return aio.insecure_channel(self.target, options=_OPTIONS)
        return aio.secure_channel(self.target, credentials, options=(*_OPTIONS, *self._named_in_certificates()))

    def _named_in_certificates(self) -> tuple[tuple[str, str], ...]:
        """Of a list of addresses gRPC would look for the whole list in each certificate."""
        scheme, _, addresses = self.target.partition(":")
        first, *others = addresses.split(",")
        return (("grpc.default_authority", first),) if scheme in {"ipv4", "ipv6"} and others else ()


class HeartbeatCall:
    """A call to StreamHeartbeats; writes frames that are serialized already."""

    def __init__(self, call: _Call) -> None:
        """Use `connect` to make one."""
        self._call = call
        #: How the service or the network ended the call.
        self._end: asyncio.Future[aio.AioRpcError] = asyncio.get_running_loop().create_future()
        call.add_done_callback(self._keep_status)

    async def open(self, stream_id: UUID, observing_seconds: float | None) -> tracking.StreamOpened:
        """Send the first frame and return the answer.

        `observing_seconds` is for how long this relay has watched connections live; None: it does not.

        Raises:
            AioRpcError: the service ended the call.
            TimeoutError: no answer in time.
            EOFError: the stream ended without an answer.
        """
        opening = tracking.StreamHeartbeatsRequest(open=tracking.OpenStream(stream_id=str(stream_id)))
        if observing_seconds is not None:
            opening.open.observing_for.FromTimedelta(timedelta(seconds=observing_seconds))
        async with asyncio.timeout(OPEN_TIMEOUT_SECONDS):
            await self.write(opening.SerializeToString())
            answer = await self.read()
        if answer is None:
            raise EOFError("the stream ended before it was open")
        return answer.opened

    async def write(self, frame: bytes) -> bool:
        """Send a frame; False if the call has ended, and then `read` raises the cause."""
        try:
            await self._call.write(frame)
        except (aio.AioRpcError, asyncio.InvalidStateError):
            return False
        return True

    async def half_close(self) -> None:
        """Signal that no more frames follow."""
        await self._call.done_writing()

    async def read(self) -> tracking.StreamHeartbeatsResponse | None:
        """Return the next frame, None at the end; AioRpcError if the end is an error."""
        try:
            frame = await self._call.read()
        except aio.AioRpcError as error:
            end = await self._status_at_end(error)
            if end.code() is grpc.StatusCode.OK:
                return None
            raise end from error
        return frame if isinstance(frame, tracking.StreamHeartbeatsResponse) else None

    def _keep_status(self, call: _Call) -> None:
        """Keep the status that the call was ended with; gRPC calls this at each status, also of a failed write."""
        with suppress(StopIteration):
            # The status is there, so that the coroutine runs to its end without waiting. Later it may be written over.
            self._read_status(call).send(None)

    async def _read_status(self, call: _Call) -> None:
        end = aio.AioRpcError(
            await call.code(), await call.initial_metadata(), await call.trailing_metadata(), await call.details()
        )
        if end.details() != _WRITE_FAILED and not self._end.done():
            self._end.set_result(end)

    async def _status_at_end(self, error: aio.AioRpcError) -> aio.AioRpcError:
        """Return what the call was ended with; `error` if that does not arrive."""
        with suppress(TimeoutError):
            async with asyncio.timeout(STATUS_TIMEOUT_SECONDS):
                return await asyncio.shield(self._end)
        return error


@asynccontextmanager
async def connect(endpoint: Endpoint, metadata: tuple[tuple[str, str], ...]) -> AsyncIterator[HeartbeatCall]:
    """Start a call that lasts as long as the block; its stream is not open yet."""
    async with endpoint.channel() as channel:
        method: aio.StreamStreamMultiCallable[bytes, tracking.StreamHeartbeatsResponse] = channel.stream_stream(
            _METHOD,
            # Frames are bytes already.
            request_serializer=None,
            response_deserializer=tracking.StreamHeartbeatsResponse.FromString,
        )
        yield HeartbeatCall(method(metadata=metadata))
