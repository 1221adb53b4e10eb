"""One StreamHeartbeats call: reading, acknowledging, and how it ends (docs/streams.md)."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from grpc import aio

from astegni.tracking.v1 import tracking_pb2
from servicekit.auth.verifier import TokenExpired
from servicekit.clock import seconds
from tracking_service.domain.numbered_heartbeats import NumberedHeartbeats
from tracking_service.ingest.stream import HeartbeatStream
from tracking_service.instruments.streams import StreamInstruments
from tracking_service.servicer.identity_limits import content_weight
from tracking_service.wire import stream_answers
from tracking_service.wire.frames import FrameReader

#: Time for a balancer to notice NOT_SERVING before relays come back.
RECONNECT_AFTER = seconds(1)
#: Before the end of the time in which a token is accepted: long enough for a client to have the next one already.
RENEWAL_SECONDS = 60.0
#: Streams that were opened together, after a restart, are opened anew spread over this part of the longest age.
MIN_AGE_SHARE = 0.5
#: A client that was asked to open its stream anew has so long to half-close it. A write that is under way when a stream
#: ends is an error for gRPC's clients, and what was not read before it is lost to them.
MAX_HALF_CLOSE_SECONDS = 1.0
#: Reading so many events takes about a millisecond. A whole batch on each of 20 streams would hold up all others.
EVENTS_BETWEEN_TURNS = 50

StreamContext = aio.ServicerContext[tracking_pb2.StreamHeartbeatsRequest, tracking_pb2.StreamHeartbeatsResponse]


async def next_frame(context: StreamContext) -> tracking_pb2.StreamHeartbeatsRequest | None:
    """Read a frame; None after the client's half-close, RequestUnreadable for bytes that are none."""
    frame = await context.read()
    # After a half-close read() returns aio.EOF, which the type stubs do not declare.
    if not isinstance(frame, tracking_pb2.StreamHeartbeatsRequest):
        return None
    return frame


def renewal_seconds(token_seconds: float, max_age_seconds: float) -> float | None:
    """Return after how many seconds the client is asked to open a stream anew; None: its token ends sooner.

    So the next token begins before the last one ends, and the streams of all relays spread over the replicas that run
    by then. A token that ends soon may be the client's last: that client is not asked, or it would come back with it
    again and again. `max_age_seconds` is the longest that a stream stays open; 0: for as long as its token.
    """
    ages = [max_age_seconds * random.uniform(MIN_AGE_SHARE, 1)] if max_age_seconds else []  # noqa: S311 - spreads load
    if token_seconds > 2 * RENEWAL_SECONDS:
        ages.append(token_seconds - RENEWAL_SECONDS)
    age = min(ages, default=token_seconds)
    return age if age < token_seconds else None


class HeartbeatStreamCall:
    """Serves one open stream until it ends."""

    __slots__ = (
        "_acknowledgement_interval",
        "_context",
        "_count_events",
        "_ended_by",
        "_instruments",
        "_reader",
        "_reconnect_after",
        "_renewal_seconds",
        "_stream",
        "_token_seconds",
    )

    def __init__(
        self,
        context: StreamContext,
        stream: HeartbeatStream,
        reader: FrameReader,
        *,
        acknowledgement_interval: Callable[[], float],
        count_events: Callable[[int], None] | None,
        token_seconds: float,
        renewal_seconds: float | None,
        instruments: StreamInstruments | None = None,
    ) -> None:
        """`acknowledgement_interval` returns seconds; `token_seconds` is how long the caller's token is accepted.

        The client is asked to open the stream anew after `renewal_seconds`; None: never.

        `count_events` raises an error if the caller sends too many; None: there is no limit.
        """
        self._context = context
        self._stream = stream
        self._reader = reader
        self._acknowledgement_interval = acknowledgement_interval
        self._count_events = count_events
        self._token_seconds = token_seconds
        self._renewal_seconds = renewal_seconds
        self._reconnect_after = RECONNECT_AFTER
        self._instruments = instruments or StreamInstruments()
        self._ended_by: Exception | None = None

    async def serve(self) -> None:
        """Return after the client's half-close or when the stream is finished; raise anything else that ended it.

        In any case, everything that was received before is committed and acknowledged first, unless another call took
        the stream over.
        """
        loop = asyncio.get_running_loop()
        timers = [loop.call_later(self._token_seconds, self._end, TokenExpired())]
        if self._renewal_seconds is not None:
            timers.append(loop.call_later(self._renewal_seconds, self._renew))
        reading = asyncio.create_task(self._read())
        try:
            while not self._stream.is_finished:
                if await self._acknowledge():
                    await asyncio.sleep(self._acknowledgement_interval())
                else:
                    await self._stream.change()
            if self._stream.is_draining:
                await self._context.write(stream_answers.draining(self._reconnect_after))
                await self._acknowledge_all()
                await asyncio.wait([reading], timeout=MAX_HALF_CLOSE_SECONDS)
        finally:
            reading.cancel()
            for timer in timers:
                timer.cancel()
        await self._acknowledge_all()
        if self._ended_by is not None:
            raise self._ended_by

    async def _acknowledge_all(self) -> None:
        await self._stream.settled()
        while await self._acknowledge():
            pass

    async def _read(self) -> None:
        try:
            while (frame := await next_frame(self._context)) is not None:
                if self._stream.is_draining:
                    # The client sends it again.
                    continue
                if self._stream.must_wait:
                    await self._stream.may_read_on()
                if self._count_events is None and self._accept_heartbeat(frame):
                    continue
                offset = self._reader.clock_offset_change(frame)
                if offset is not None:
                    self._stream.note_clock_offset(offset)
                await self._accept(frame)
        except Exception as error:  # noqa: BLE001 - raised again when what came before is acknowledged
            self._end(error)
        finally:
            self._stream.finish()

    def _accept_heartbeat(self, frame: tracking_pb2.StreamHeartbeatsRequest) -> bool:
        """Accept a plain heartbeat that came alone; False: it is something else."""
        heartbeat = self._reader.heartbeat(frame, self._stream.next_sequence)
        if heartbeat is None:
            return False
        self._stream.accept_heartbeat(*heartbeat)
        return True

    async def _accept(self, frame: tracking_pb2.StreamHeartbeatsRequest) -> None:
        for number, content in enumerate(self._reader.read(frame, self._stream.next_sequence), start=1):
            if self._count_events is not None:
                # Events are never read later than they arrive: they would be signs of life of that time. So what is too
                # much is refused, and what came before it in the frame is not.
                self._count_events(content_weight(content))
            if isinstance(content, NumberedHeartbeats):
                self._stream.accept_heartbeats(content)
            else:
                self._stream.accept(content)
            if number % EVENTS_BETWEEN_TURNS == 0:
                await asyncio.sleep(0)
                if self._stream.is_draining:
                    return

    async def _acknowledge(self) -> bool:
        acknowledgement = self._stream.acknowledgement()
        if acknowledgement is None:
            return False
        for rejection in acknowledgement.rejections:
            self._instruments.note_rejected(rejection.error.reason)
        await self._context.write(stream_answers.acknowledged(acknowledgement))
        self._stream.mark_acknowledged(acknowledgement)
        return True

    def _renew(self) -> None:
        # Of the replicas that take streams, any one may take it.
        self._reconnect_after = 0
        self._stream.drain()

    def _end(self, error: Exception) -> None:
        self._ended_by = self._ended_by or error
        self._stream.finish()
