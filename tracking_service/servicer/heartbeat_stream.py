"""One StreamHeartbeats call: reading, acknowledging, and every way in which it may end (DESIGN 6)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from grpc import aio

from astegni.tracking.v1 import tracking_pb2
from servicekit.auth.verifier import CLOCK_SKEW_SECONDS, TokenExpired
from servicekit.clock import MICROSECONDS_PER_SECOND, Clock, Instant, seconds
from servicekit.errors import FieldViolation, InvalidArgument
from tracking_service.domain.events import PresenceEvent
from tracking_service.ingest.inlet import StreamInlet
from tracking_service.ingest.intake import Intake
from tracking_service.wire import frames, reports, responses

#: An ack costs 30 us; 20 a second and stream tell soon enough what the client may forget (measured: figures).
ACK_INTERVAL_SECONDS = 0.05
#: Time for a balancer to notice NOT_SERVING before relays come back.
RECONNECT_AFTER = seconds(1)

Context = aio.ServicerContext[tracking_pb2.StreamHeartbeatsRequest, tracking_pb2.StreamHeartbeatsResponse]


class HeartbeatStreamCall:
    """Serves one open stream until it ends."""

    def __init__(
        self, context: Context, inlet: StreamInlet, intake: Intake, *, draining: asyncio.Event, expires_at: Instant
    ) -> None:
        """`expires_at` is when the caller's token ends; `draining` is set when the service is about to stop."""
        self._context = context
        self._inlet = inlet
        self._intake = intake
        self._draining = draining
        self._expires_at = expires_at
        # One write at a time, and none is cancelled half-way.
        self._writing = asyncio.Lock()

    async def serve(self, clock: Clock) -> None:
        """Return after the client's half-close or a drain; raise what else ended the stream.

        Whatever ends it, what was received before is committed and acknowledged first, unless the stream is no longer
        this call's.
        """
        async with _running(self._acknowledge(), self._read(), self._expire(clock), self._draining.wait()) as endings:
            acknowledging, reading, _, draining = endings
            await asyncio.wait(endings, return_when=asyncio.FIRST_COMPLETED)
            ended_by = next(ending for ending in endings if ending.done())
            reading.cancel()
            if ended_by is draining:
                await self._write(responses.draining(RECONNECT_AFTER))
            if ended_by is not acknowledging:
                await self._inlet.settled()
                async with self._writing:
                    acknowledging.cancel()
                await self._write_acknowledgement()
            await ended_by

    async def _read(self) -> None:
        while isinstance(frame := await self._context.read(), tracking_pb2.StreamHeartbeatsRequest):
            for message in frames.numbered(frame):
                self._inlet.offer(_sequence(message), self._maker(message))
            await self._inlet.may_read_on()

    def _maker(self, message: frames.Numbered) -> Callable[[], PresenceEvent]:
        return partial(self._event, message)

    def _event(self, message: frames.Numbered) -> PresenceEvent:
        if isinstance(message, tracking_pb2.ObservationGap):
            raise frames.GapNotRecorded
        return self._intake.event(reports.of_event(message))

    async def _acknowledge(self) -> None:
        while True:
            if await self._write_acknowledgement():
                await asyncio.sleep(ACK_INTERVAL_SECONDS)
            else:
                await self._inlet.change()

    async def _write_acknowledgement(self) -> bool:
        async with self._writing:
            acknowledgement = self._inlet.acknowledgement()
            if acknowledgement is None:
                return False
            await self._context.write(responses.acknowledged(acknowledgement))
            return True

    async def _write(self, frame: tracking_pb2.StreamHeartbeatsResponse) -> None:
        async with self._writing:
            await self._context.write(frame)

    async def _expire(self, clock: Clock) -> None:
        deadline = self._expires_at + seconds(CLOCK_SKEW_SECONDS)
        await asyncio.sleep((deadline - clock.now()) / MICROSECONDS_PER_SECOND)
        raise TokenExpired


def _sequence(message: frames.Numbered) -> int:
    if message.sequence < 1:
        raise InvalidArgument(FieldViolation("sequence", "events are numbered 1, 2, 3 ..."))
    return message.sequence


@asynccontextmanager
async def _running(*coroutines: Any) -> AsyncIterator[list[asyncio.Task[Any]]]:  # noqa: ANN401 - of any result
    tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
