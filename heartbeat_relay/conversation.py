"""What goes on over an open stream: frames out, acknowledgements in, until one side ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeAlias

from astegni.tracking.v1 import tracking_pb2 as tracking
from heartbeat_relay.call import HeartbeatCall
from heartbeat_relay.outbox import Frame, Outbox

OnAcknowledgement: TypeAlias = Callable[[tracking.StreamAck], None]


class Conversation:
    """Sends an outbox's frames over whichever call is open."""

    def __init__(self, outbox: Outbox, *, linger_seconds: float) -> None:
        """No call is open yet; an event waits for others for `linger_seconds` before its frame is built."""
        self._outbox = outbox
        self._linger_seconds = linger_seconds
        self._news = asyncio.Event()
        self._is_finishing = False
        self._is_draining = False
        #: Events that may be on the way, as the service last said.
        self.most_on_the_way = 0
        self.sent = 0

    def wake(self) -> None:
        """Look again whether there is something to do."""
        self._news.set()

    def finish(self) -> None:
        """Half-close once everything is sent."""
        self._is_finishing = True
        self._news.set()

    async def hold(self, call: HeartbeatCall, acknowledge: OnAcknowledgement) -> float | None:
        """Send and read until the stream ends; return the pause in seconds that the service asks for, if it drained.

        AioRpcError where the end is an error.
        """
        self._is_draining = False
        receiving = asyncio.create_task(self._receive(call, acknowledge))
        sending = asyncio.create_task(self._send(call))
        try:
            await asyncio.wait([receiving, sending], return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                # Raises what should never happen; else reading tells how it ends.
                sending.result()
            return await receiving
        finally:
            receiving.cancel()
            sending.cancel()
            await asyncio.gather(receiving, sending, return_exceptions=True)

    async def _receive(self, call: HeartbeatCall, acknowledge: OnAcknowledgement) -> float | None:
        pause = None
        while (frame := await call.read()) is not None:
            if frame.HasField("ack"):
                acknowledge(frame.ack)
            elif frame.HasField("draining"):
                pause = frame.draining.reconnect_after.ToTimedelta().total_seconds()
                self._is_draining = True
            self._news.set()
        return pause

    async def _send(self, call: HeartbeatCall) -> None:
        while (frame := await self._next_frame()) is not None:
            if not await call.write(frame.data):
                return
            self.sent += frame.last - frame.first + 1
        await call.half_close()

    async def _next_frame(self) -> Frame | None:
        """Wait for a frame that may be sent; None when nothing more is to be sent over this call."""
        while not self._is_draining:
            frame = self._outbox.take(self.most_on_the_way)
            if frame is not None:
                return frame
            if self._outbox.is_gathering:
                await asyncio.sleep(self._linger_seconds)
                self._outbox.seal()
            elif self._is_finishing and not self._outbox.unanswered:
                return None
            else:
                self._news.clear()
                await self._news.wait()
        return None
