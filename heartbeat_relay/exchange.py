"""The exchange over an open stream: frames out, acknowledgements in, until one side ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeAlias

from astegni.tracking.v1 import tracking_pb2 as tracking
from heartbeat_relay.call import HeartbeatCall
from heartbeat_relay.outbox import Frame, Outbox

OnAck: TypeAlias = Callable[[tracking.StreamAck], None]


class FrameExchange:
    """Sends an outbox's frames over the call that is open."""

    def __init__(self, outbox: Outbox, *, linger_seconds: float) -> None:
        """`linger_seconds` is how long an event waits for others before its frame is built."""
        self._outbox = outbox
        self._linger_seconds = linger_seconds
        self._changed = asyncio.Event()
        self._is_finishing = False
        self._is_draining = False
        #: How many events may be sent and unacknowledged, as the service last said.
        self.max_unacknowledged = 0
        self.sent = 0

    def notify(self) -> None:
        """Wake the sender: there may be something to send."""
        self._changed.set()

    def finish(self) -> None:
        """Half-close when everything is acknowledged."""
        self._is_finishing = True
        self._changed.set()

    async def run(self, call: HeartbeatCall, on_ack: OnAck) -> float | None:
        """Send and read until the stream ends.

        Return how many seconds the service asks to wait before reconnecting if it is draining, else None. AioRpcError
        if the end is an error.
        """
        self._is_draining = False
        receiving = asyncio.create_task(self._receive(call, on_ack))
        sending = asyncio.create_task(self._send(call))
        try:
            await asyncio.wait([receiving, sending], return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                # Raises if the sender has a bug; otherwise the receiver learns how the stream ends.
                sending.result()
            return await receiving
        finally:
            receiving.cancel()
            sending.cancel()
            await asyncio.gather(receiving, sending, return_exceptions=True)

    async def _receive(self, call: HeartbeatCall, on_ack: OnAck) -> float | None:
        reconnect_after = None
        while (frame := await call.read()) is not None:
            if frame.HasField("ack"):
                on_ack(frame.ack)
            elif frame.HasField("draining"):
                reconnect_after = frame.draining.reconnect_after.ToTimedelta().total_seconds()
                self._is_draining = True
            self._changed.set()
        return reconnect_after

    async def _send(self, call: HeartbeatCall) -> None:
        while (frame := await self._next_frame()) is not None:
            if not await call.write(frame.data):
                return
            self.sent += frame.last - frame.first + 1
        await call.half_close()

    async def _next_frame(self) -> Frame | None:
        """Wait for a frame that may be sent; None when nothing more is to be sent over this call."""
        while not self._is_draining:
            frame = self._outbox.take(self.max_unacknowledged)
            if frame is not None:
                return frame
            if self._outbox.has_open_batch:
                await asyncio.sleep(self._linger_seconds)
                self._outbox.seal()
            elif self._is_finishing and not self._outbox.unacknowledged_count:
                return None
            else:
                self._changed.clear()
                await self._changed.wait()
        return None
