"""A client of StreamHeartbeats for tests: one method per frame."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import uuid4

import grpc
from grpc import aio

from astegni.tracking.v1 import tracking_pb2, tracking_pb2_grpc
from testkit.tokens import metadata

#: What gRPC's client says when the service refuses a call while its first frame is being written. The refusal is lost:
#: the client's own error takes its place.
LOST_REFUSAL = "Internal error from Core"

_USER_TYPES = {"tutor": tracking_pb2.tutor, "student": tracking_pb2.student}
_KINDS = {
    "connect": tracking_pb2.connect,
    "heartbeat": tracking_pb2.heartbeat,
    "disconnect": tracking_pb2.disconnect,
}


def event(
    sequence: int,
    kind: str,
    session_id: int,
    user_id: int | None,
    *,
    user_type: str = "student",
    at: datetime | None = None,
    connection_id: str = "",
    activity_type: str = "",
    disconnect_reason: tracking_pb2.DisconnectReason.ValueType = tracking_pb2.DISCONNECT_REASON_UNSPECIFIED,
) -> tracking_pb2.PresenceEvent:
    """Make one event."""
    made = tracking_pb2.PresenceEvent(
        sequence=sequence,
        kind=_KINDS[kind],
        session_id=session_id,
        user_type=_USER_TYPES[user_type],
        user_id=user_id,
        connection_id=connection_id,
        activity_type=activity_type,
        disconnect_reason=disconnect_reason,
    )
    if at is not None:
        made.observed_at.FromDatetime(at)
    return made


class HeartbeatStream:
    """One open stream; without a token if that is empty."""

    def __init__(self, channel: aio.Channel, bearer: str, stream_id: str | None = None) -> None:
        self.stream_id = stream_id or str(uuid4())
        self._stub = tracking_pb2_grpc.TrackingServiceStub(channel)
        self._metadata = metadata(bearer) if bearer else None
        self._call: Any = self._stub.StreamHeartbeats(metadata=self._metadata)
        self.acks: list[tracking_pb2.StreamAck] = []

    async def open(self) -> tracking_pb2.StreamOpened:
        """Send the opening and return the answer; anew if gRPC lost a refusal."""
        opening = tracking_pb2.StreamHeartbeatsRequest(open=tracking_pb2.OpenStream(stream_id=self.stream_id))
        while True:
            try:
                # Refused before the write began: the read raises the refusal.
                with suppress(asyncio.InvalidStateError):
                    await self.send(opening)
                return (await self.receive()).opened
            except aio.AioRpcError as error:
                if error.details() != LOST_REFUSAL:
                    raise
                self._call = self._stub.StreamHeartbeats(metadata=self._metadata)

    async def send(self, frame: tracking_pb2.StreamHeartbeatsRequest) -> None:
        await self._call.write(frame)

    async def send_events(self, *events: tracking_pb2.PresenceEvent) -> None:
        for made in events:
            await self.send(tracking_pb2.StreamHeartbeatsRequest(event=made))

    async def send_batch(self, events: Iterable[tracking_pb2.PresenceEvent]) -> None:
        batch = tracking_pb2.PresenceEventBatch(events=events)
        await self.send(tracking_pb2.StreamHeartbeatsRequest(batch=batch))

    async def receive(self) -> tracking_pb2.StreamHeartbeatsResponse:
        frame = await self._call.read()
        if frame is aio.EOF:
            raise EOFError
        assert isinstance(frame, tracking_pb2.StreamHeartbeatsResponse)
        if frame.HasField("ack"):
            self.acks.append(frame.ack)
        return frame

    async def acknowledged(self, sequence: int) -> tracking_pb2.StreamAck:
        """Read until everything up to a number is acknowledged."""
        while True:
            ack = (await self.receive()).ack
            if ack.committed_sequence >= sequence:
                return ack

    async def half_close(self) -> None:
        await self._call.done_writing()

    async def end(self) -> grpc.StatusCode:
        """Read to the end and return the status."""
        while True:
            try:
                await self.receive()
            except EOFError:
                return await self.code()
            except aio.AioRpcError as error:
                return error.code()

    async def code(self) -> grpc.StatusCode:
        code = await self._call.code()
        assert isinstance(code, grpc.StatusCode)
        return code

    def rejections(self) -> dict[int, str]:
        return {rejection.sequence: rejection.reason for ack in self.acks for rejection in ack.rejections}

    def cancel(self) -> None:
        self._call.cancel()
