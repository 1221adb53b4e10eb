"""One StreamHeartbeats call: reading, acknowledging, and every way in which it may end (DESIGN 6)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from google.protobuf.message import DecodeError
from grpc import aio

from astegni.tracking.v1 import tracking_pb2
from servicekit.auth.principal import Principal
from servicekit.auth.verifier import TokenExpired, accepted_until
from servicekit.clock import MICROSECONDS_PER_SECOND, Clock, seconds
from servicekit.errors import FieldViolation, InvalidArgument
from tracking_service.domain.events import PresenceEvent
from tracking_service.ingest.inlet import StreamInlet
from tracking_service.ingest.intake import GapReport, Intake
from tracking_service.wire import frames, reports, responses
from tracking_service.wire.plain_heartbeats import PlainHeartbeatReader

#: Time for a balancer to notice NOT_SERVING before relays come back.
RECONNECT_AFTER = seconds(1)

Context = aio.ServicerContext[tracking_pb2.StreamHeartbeatsRequest, tracking_pb2.StreamHeartbeatsResponse]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """How one caller's messages become events."""

    principal: Principal
    clock: Clock
    intake: Intake
    plain_heartbeats: PlainHeartbeatReader
    #: Seconds between two acknowledgements.
    acknowledgement_interval: Callable[[], float]


async def next_frame(context: Context) -> tracking_pb2.StreamHeartbeatsRequest | None:
    """Read a frame; None after the client's half-close, InvalidArgument for bytes that are none."""
    try:
        frame = await context.read()
    except DecodeError:
        raise InvalidArgument(message="the message is not a StreamHeartbeatsRequest") from None
    # What it is after a half-close, its type does not tell.
    if not isinstance(frame, tracking_pb2.StreamHeartbeatsRequest):
        return None
    return frame


class HeartbeatStreamCall:
    """Serves one open stream until it ends."""

    __slots__ = ("_context", "_ended_by", "_inlet", "_reading")

    def __init__(self, context: Context, inlet: StreamInlet, reading: Reading) -> None:
        """Take over from where the client was told to go on."""
        self._context = context
        self._inlet = inlet
        self._reading = reading
        self._ended_by: Exception | None = None

    async def serve(self) -> None:
        """Return after the client's half-close or when the inlet is finished; raise what else ended the stream.

        Whatever ends it, what was received before is committed and acknowledged first, unless the stream is no longer
        this call's.
        """
        with self._expiring():
            reader = asyncio.create_task(self._read())
            try:
                while not self._inlet.is_finished:
                    if await self._acknowledge():
                        await asyncio.sleep(self._reading.acknowledgement_interval())
                    else:
                        await self._inlet.change()
            finally:
                reader.cancel()
        if self._inlet.is_draining:
            await self._context.write(responses.draining(RECONNECT_AFTER))
        await self._inlet.settled()
        while await self._acknowledge():
            pass
        if self._ended_by is not None:
            raise self._ended_by

    async def _read(self) -> None:
        try:
            while (frame := await next_frame(self._context)) is not None:
                if self._inlet.is_behind:
                    await self._inlet.may_read_on()
                self._take_in(frame)
        except Exception as error:  # noqa: BLE001 - raised again when what came before is acknowledged
            self._end(error)
        finally:
            self._inlet.finish()

    def _take_in(self, frame: tracking_pb2.StreamHeartbeatsRequest) -> None:
        messages = frames.numbered(frame)
        now = self._reading.clock.now()
        index = 0
        while index < len(messages):
            heartbeats = self._reading.plain_heartbeats.leading(messages, index, self._inlet.next_sequence, now)
            if heartbeats:
                self._inlet.take(heartbeats)
                index += len(heartbeats)
            else:
                message = messages[index]
                self._inlet.offer(_sequence(message), partial(self._read_message, message))
                index += 1

    def _read_message(self, message: frames.Numbered) -> PresenceEvent | GapReport:
        if isinstance(message, tracking_pb2.ObservationGap):
            return self._reading.intake.gap(reports.of_gap(message))
        return self._reading.intake.event(reports.of_event(message))

    async def _acknowledge(self) -> bool:
        acknowledgement = self._inlet.acknowledgement()
        if acknowledgement is None:
            return False
        await self._context.write(responses.acknowledged(acknowledgement))
        self._inlet.told(acknowledgement)
        return True

    @contextmanager
    def _expiring(self) -> Iterator[None]:
        remaining = accepted_until(self._reading.principal) - self._reading.clock.now()
        expiry = asyncio.get_running_loop().call_later(remaining / MICROSECONDS_PER_SECOND, self._end, TokenExpired())
        try:
            yield
        finally:
            expiry.cancel()

    def _end(self, error: Exception) -> None:
        self._ended_by = self._ended_by or error
        self._inlet.finish()


def _sequence(message: frames.Numbered) -> int:
    if message.sequence < 1:
        raise InvalidArgument(FieldViolation("sequence", "events are numbered 1, 2, 3 ..."))
    return message.sequence
