"""A large batch is read in parts, so that other calls are served between them (docs/streams.md#limits)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import cast
from uuid import uuid4

from astegni.tracking.v1 import tracking_pb2
from servicekit.auth.principal import Principal
from servicekit.clock import Instant, SystemClock
from servicekit.identifiers import UserId
from testkit.heartbeat_client import event
from tests.unit.tracking.committers import committed, running_committer
from tracking_service.ingest.stream import HeartbeatStream
from tracking_service.recording.submission import Outcome, StreamHold, Submission
from tracking_service.servicer.heartbeat_stream import EVENTS_BETWEEN_TURNS, HeartbeatStreamCall, StreamContext
from tracking_service.wire.frames import MAX_EVENTS_PER_BATCH, FrameReader

TUTOR = Principal(subject="1", user_id=UserId(1), role="tutor", roles=frozenset({"tutor"}), expires_at=Instant(2**62))


def large_batch() -> tracking_pb2.StreamHeartbeatsRequest:
    """Return a batch of connects, each of which is read by itself."""
    connects = (
        event(number, "connect", 1, 1, user_type="tutor", connection_id=str(number))
        for number in range(1, MAX_EVENTS_PER_BATCH + 1)
    )
    return tracking_pb2.StreamHeartbeatsRequest(batch=tracking_pb2.PresenceEventBatch(events=connects))


async def test_others_have_turns_while_a_batch_is_read() -> None:
    written: list[int] = []

    def write(submissions: Sequence[Submission]) -> list[Outcome]:
        written.extend(len(submission) for submission in submissions)
        return committed(submissions)

    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with running_committer(write) as committer:
        stream = HeartbeatStream(committer, StreamHold(uuid4(), 1, owner="user:1"), 0)
        clock = SystemClock()
        call = HeartbeatStreamCall(
            cast("StreamContext", None),
            stream,
            FrameReader(TUTOR, clock, uuid4(), arrival_time=clock.now, backfill_limit=0),
            acknowledgement_interval=lambda: 0,
            count_events=None,
            token_seconds=3600,
            renewal_seconds=None,
        )
        other = asyncio.create_task(take_turns())
        await call._accept(large_batch())  # noqa: SLF001 - the whole call would wait for other things, too
        other.cancel()
        await stream.settled()
    assert turns >= MAX_EVENTS_PER_BATCH // EVENTS_BETWEEN_TURNS
    assert sum(written) == stream.committed_sequence == MAX_EVENTS_PER_BATCH
