"""TrackingService: for participants and relays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from grpc import aio

from astegni.tracking.v1 import tracking_pb2, tracking_pb2_grpc
from servicekit.auth.principal import Principal, current_principal
from servicekit.clock import Clock
from servicekit.errors import FieldViolation, InvalidArgument
from servicekit.identifiers import WhiteboardSessionId
from servicekit.rpc.deadlines import run_query
from tracking_service.ingest.intake import Intake
from tracking_service.ingest.registry import StreamRegistry
from tracking_service.ingest.single import Recorded, SingleEvents
from tracking_service.queries.status import StatusQuery
from tracking_service.servicer.heartbeat_stream import Context, HeartbeatStreamCall, Reading, next_frame
from tracking_service.watching.watches import Watches
from tracking_service.wire import frames, reports, responses
from tracking_service.wire.plain_heartbeats import PlainHeartbeatReader
from tracking_service.wire.status import connection_status, watched_status


@dataclass(frozen=True, kw_only=True, slots=True)
class Rhythm:
    """What the service dictates to its clients; durations in microseconds."""

    heartbeat_interval: int
    presence_timeout: int
    backfill_limit: int


class TrackingServicer(tracking_pb2_grpc.TrackingServiceServicer):
    """Takes events in and tells who is connected."""

    def __init__(
        self,
        *,
        single_events: SingleEvents,
        registry: StreamRegistry,
        status: StatusQuery,
        watches: Watches,
        clock: Clock,
        rhythm: Rhythm,
    ) -> None:
        """Everything it calls is handed in."""
        self._single_events = single_events
        self._registry = registry
        self._status = status
        self._watches = watches
        self._clock = clock
        self._rhythm = rhythm

    async def Connect(  # noqa: N802 - the name in the contract
        self, request: tracking_pb2.ConnectRequest, context: aio.ServicerContext[Any, Any]
    ) -> tracking_pb2.ConnectResponse:
        """Record a connect."""
        return responses.connected(await self._record(request, context))

    async def Disconnect(  # noqa: N802
        self, request: tracking_pb2.DisconnectRequest, context: aio.ServicerContext[Any, Any]
    ) -> tracking_pb2.DisconnectResponse:
        """Record a disconnect."""
        return responses.disconnected(await self._record(request, context))

    async def Heartbeat(  # noqa: N802
        self, request: tracking_pb2.HeartbeatRequest, context: aio.ServicerContext[Any, Any]
    ) -> tracking_pb2.HeartbeatResponse:
        """Record a sign of life."""
        return responses.heartbeat_recorded(await self._record(request, context))

    async def GetConnectionStatus(  # noqa: N802
        self, request: tracking_pb2.GetConnectionStatusRequest, context: aio.ServicerContext[Any, Any]
    ) -> tracking_pb2.GetConnectionStatusResponse:
        """Tell who is connected now."""
        look = partial(self._status.get, current_principal.get(), _session_id(request))
        return connection_status(await run_query(look, context.time_remaining()))

    async def WatchConnectionStatus(  # type: ignore[override]  # noqa: N802 - writes through the context
        self, request: tracking_pb2.WatchConnectionStatusRequest, context: aio.ServicerContext[Any, Any]
    ) -> None:
        """Tell who is connected now, and each change, until the watch ends or the caller leaves."""
        session_id = _session_id(request)
        watch = self._watches.opened(current_principal.get(), session_id, deadline_seconds=context.time_remaining())
        async with watch as opened:
            while True:
                await context.write(watched_status(await opened.next()))

    async def StreamHeartbeats(  # type: ignore[override]  # noqa: N802 - reads and writes through the context
        self, _requests: AsyncIterator[tracking_pb2.StreamHeartbeatsRequest], context: Context
    ) -> None:
        """Take in a stream of events and acknowledge what is committed."""
        principal = current_principal.get()
        first = await next_frame(context)
        if first is None:
            raise InvalidArgument(FieldViolation("open", "the stream ended before its first frame"))
        async with self._registry.opened(frames.stream_id(first), principal) as inlet:
            rhythm = self._rhythm
            await context.write(
                responses.opened(
                    inlet.committed_sequence,
                    heartbeat_interval=rhythm.heartbeat_interval,
                    presence_timeout=rhythm.presence_timeout,
                )
            )
            reading = Reading(
                principal=principal,
                clock=self._clock,
                intake=self._intake(principal),
                plain_heartbeats=PlainHeartbeatReader(principal, backfill_limit=rhythm.backfill_limit),
                acknowledgement_interval=self._registry.acknowledgement_interval,
            )
            await HeartbeatStreamCall(context, inlet, reading).serve()

    async def _record(self, request: reports.UnaryRequest, context: aio.ServicerContext[Any, Any]) -> Recorded:
        event = self._intake(current_principal.get()).event(reports.of_request(request))
        return await self._single_events.record(event, deadline_seconds=context.time_remaining())

    def _intake(self, principal: Principal) -> Intake:
        return Intake(principal, self._clock, backfill_limit=self._rhythm.backfill_limit)


def _session_id(
    request: tracking_pb2.GetConnectionStatusRequest | tracking_pb2.WatchConnectionStatusRequest,
) -> WhiteboardSessionId:
    faults: list[FieldViolation] = []
    session_id = reports.session_id(request.session_id, faults)
    reports.refuse(faults)
    return session_id
