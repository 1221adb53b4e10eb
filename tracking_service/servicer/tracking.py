"""TrackingService: for participants and relays."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from grpc import aio

from astegni.tracking.v1 import tracking_pb2, tracking_pb2_grpc
from servicekit.auth.principal import Principal, current_principal
from servicekit.auth.verifier import accepted_until
from servicekit.clock import MICROSECONDS_PER_SECOND, Clock, Instant
from servicekit.errors import FieldViolation, InvalidArgument
from servicekit.identifiers import WhiteboardSessionId
from servicekit.rpc.deadlines import run_query
from tracking_service.errors import StreamTakenOver
from tracking_service.ingest.stream_registry import StreamRegistry
from tracking_service.ingest.unary import RecordedEvent, UnaryEvents
from tracking_service.instruments.streams import StreamInstruments
from tracking_service.queries.status import StatusQuery
from tracking_service.servicer.heartbeat_stream import HeartbeatStreamCall, StreamContext, next_frame, renewal_seconds
from tracking_service.servicer.identity_limits import IdentityLimits, weight
from tracking_service.status_subscriptions import StatusSubscriptions
from tracking_service.wire import fields, frames, stream_answers, unary
from tracking_service.wire.event_reader import EventReader, UnaryRequest
from tracking_service.wire.frames import FrameReader
from tracking_service.wire.status import connection_status, watched_status


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """The times that clients must keep to, in microseconds."""

    heartbeat_interval: int
    presence_timeout: int
    backfill_limit: int
    #: The longest that a stream stays open; 0: for as long as its token.
    max_stream_age: int


class TrackingServicer(tracking_pb2_grpc.TrackingServiceServicer):
    """Takes events in and returns who is connected."""

    def __init__(
        self,
        *,
        unary_events: UnaryEvents,
        streams: StreamRegistry,
        status: StatusQuery,
        subscriptions: StatusSubscriptions,
        limits: IdentityLimits,
        clock: Clock,
        arrival_time: Callable[[], Instant],
        timing: Timing,
        instruments: StreamInstruments | None = None,
    ) -> None:
        """`arrival_time` returns the time to give to what is read now."""
        self._unary_events = unary_events
        self._streams = streams
        self._status = status
        self._subscriptions = subscriptions
        self._limits = limits
        self._clock = clock
        self._arrival_time = arrival_time
        self._timing = timing
        self._instruments = instruments or StreamInstruments()

    async def Connect(  # noqa: N802 - the name in the contract
        self, request: tracking_pb2.ConnectRequest, context: aio.ServicerContext[Any, Any]
    ) -> tracking_pb2.ConnectResponse:
        """Record a connect."""
        return unary.connected(await self._record(request, context))

    async def Disconnect(  # noqa: N802
        self, request: tracking_pb2.DisconnectRequest, context: aio.ServicerContext[Any, Any]
    ) -> tracking_pb2.DisconnectResponse:
        """Record a disconnect."""
        # The answer has a total, which is read.
        async with self._limits.turn(current_principal.get()):
            return unary.disconnected(await self._record(request, context))

    async def Heartbeat(  # noqa: N802
        self, request: tracking_pb2.HeartbeatRequest, context: aio.ServicerContext[Any, Any]
    ) -> tracking_pb2.HeartbeatResponse:
        """Record a sign of life."""
        return unary.heartbeat_recorded(await self._record(request, context))

    async def GetConnectionStatus(  # noqa: N802
        self, request: tracking_pb2.GetConnectionStatusRequest, context: aio.ServicerContext[Any, Any]
    ) -> tracking_pb2.GetConnectionStatusResponse:
        """Return who is connected now."""
        principal = current_principal.get()
        read = partial(self._status.get, principal, _session_id(request))
        async with self._limits.turn(principal):
            return connection_status(await run_query(read, context.time_remaining()), principal)

    async def WatchConnectionStatus(  # type: ignore[override]  # noqa: N802 - writes through the context
        self, request: tracking_pb2.WatchConnectionStatusRequest, context: aio.ServicerContext[Any, Any]
    ) -> None:
        """Send who is connected now, and each change, until the subscription ends or the caller leaves."""
        principal, deadline_seconds = current_principal.get(), context.time_remaining()
        session_id = _session_id(request)
        with self._limits.watch(principal):
            async with self._subscriptions.opened(
                principal, session_id, turn=self._limits.turn(principal), deadline_seconds=deadline_seconds
            ) as subscription:
                while True:
                    await context.write(watched_status(await subscription.next(), principal))

    async def StreamHeartbeats(  # type: ignore[override]  # noqa: N802 - reads and writes through the context
        self, _requests: AsyncIterator[tracking_pb2.StreamHeartbeatsRequest], context: StreamContext
    ) -> None:
        """Take in a stream of events and acknowledge what is committed."""
        principal = current_principal.get()
        with self._limits.stream(principal):
            try:
                await self._serve_stream(principal, context)
            except StreamTakenOver:
                self._instruments.takeovers.inc()
                raise

    async def _serve_stream(self, principal: Principal, context: StreamContext) -> None:
        first = await next_frame(context)
        if first is None:
            raise InvalidArgument(FieldViolation("open", "the stream ended before its first frame"))
        opening = frames.opening(first)
        async with self._streams.opened(opening, principal, turn=self._limits.turn(principal)) as stream:
            await context.write(
                stream_answers.opened(
                    stream.committed_sequence,
                    heartbeat_interval=self._timing.heartbeat_interval,
                    presence_timeout=self._timing.presence_timeout,
                )
            )
            token_seconds = (accepted_until(principal) - self._clock.now()) / MICROSECONDS_PER_SECOND
            await HeartbeatStreamCall(
                context,
                stream,
                FrameReader(
                    principal,
                    self._clock,
                    opening.stream_id,
                    arrival_time=self._arrival_time,
                    backfill_limit=self._timing.backfill_limit,
                ),
                acknowledgement_interval=self._streams.acknowledgement_interval,
                count_events=self._limits.events(principal),
                token_seconds=token_seconds,
                renewal_seconds=renewal_seconds(token_seconds, self._timing.max_stream_age / MICROSECONDS_PER_SECOND),
                instruments=self._instruments,
            ).serve()

    async def _record(self, request: UnaryRequest, context: aio.ServicerContext[Any, Any]) -> RecordedEvent:
        principal = current_principal.get()
        self._limits.count_events(principal, weight(request))
        reader = EventReader(
            principal,
            self._clock,
            arrival_time=self._arrival_time,
            backfill_limit=self._timing.backfill_limit,
        )
        return await self._unary_events.record(reader.request(request), deadline_seconds=context.time_remaining())


def _session_id(
    request: tracking_pb2.GetConnectionStatusRequest | tracking_pb2.WatchConnectionStatusRequest,
) -> WhiteboardSessionId:
    faults: list[FieldViolation] = []
    session_id = fields.session_id(request.session_id, faults)
    fields.refuse(faults)
    return session_id
