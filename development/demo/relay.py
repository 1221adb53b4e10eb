"""Streams the demo's events through the tracking service, as a whiteboard server does."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from typing import TypeAlias

from grpc import aio

from astegni.tracking.v1 import tracking_pb2 as tracking
from astegni.tracking.v1.tracking_pb2_grpc import TrackingServiceStub

EVENTS_PER_BATCH = 500

_Call: TypeAlias = aio.StreamStreamCall[tracking.StreamHeartbeatsRequest, tracking.StreamHeartbeatsResponse]


class EventsRefused(RuntimeError):
    """The tracking service refused events of the demo; the message names the first."""


async def stream(events: Sequence[tracking.PresenceEvent], address: str, token: str) -> None:
    """Return when every event is committed; EventsRefused."""
    async with aio.insecure_channel(address) as channel:
        call = TrackingServiceStub(channel).StreamHeartbeats(metadata=(("authorization", f"Bearer {token}"),))
        sending = asyncio.create_task(_send(call, events))
        try:
            await _read_acks(call, len(events))
            await sending
        finally:
            sending.cancel()


async def _send(call: _Call, events: Sequence[tracking.PresenceEvent]) -> None:
    opening = tracking.OpenStream(stream_id=str(uuid.uuid4()))
    await call.write(tracking.StreamHeartbeatsRequest(open=opening))
    for first in range(0, len(events), EVENTS_PER_BATCH):
        batch = tracking.PresenceEventBatch(events=events[first : first + EVENTS_PER_BATCH])
        await call.write(tracking.StreamHeartbeatsRequest(batch=batch))
    await call.done_writing()


async def _read_acks(call: _Call, last: int) -> None:
    async for response in call:
        for rejection in response.ack.rejections:
            raise EventsRefused(f"event {rejection.sequence} of {last} was refused: {rejection.message}")
        if response.ack.committed_sequence >= last:
            return
    raise EventsRefused("the stream ended before every event was acknowledged")
