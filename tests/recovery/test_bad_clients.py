"""Clients that misbehave do not disturb others, and the service's memory stays bounded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from uuid import uuid4

import psutil
import pytest
from grpc import StatusCode, aio

from astegni.tracking.v1 import tracking_pb2
from testkit.grpc_errors import reason
from testkit.heartbeat_client import LOST_REFUSAL, HeartbeatStream, event
from testkit.service_process import ServiceProcess
from testkit.tokens import metadata, token
from testkit.whiteboard_sessions import RELAY
from tests.recovery.lessons import Lesson, hold_lesson
from tests.recovery.load import MAX_WAIT_SECONDS, assert_kept
from tests.recovery.postgres_control import PostgresControl
from tests.recovery.silent_client import SilentClient
from tests.recovery.traffic import RELAYS, Caller, Traffic, assert_says_retry, traffic
from tracking_service.ingest.group_commit import MAX_QUEUED_EVENTS
from tracking_service.ingest.stream import MAX_UNACKNOWLEDGED
from tracking_service.wire.frames import MAX_EVENTS_PER_BATCH

#: Far more than a full queue and 1,000 streams need (some 60 and 40 MiB), far less than growth without bounds.
MAX_GROWTH_BYTES = 256 * 1024**2
STREAM_HEARTBEATS = "/astegni.tracking.v1.TrackingService/StreamHeartbeats"
MANY_STREAMS = 1_000
TEN_MEGABYTES = 10 * 1000**2
#: Together they may send more than the service's queue holds.
FLOODING_STREAMS = MAX_QUEUED_EVENTS // MAX_UNACKNOWLEDGED + 5
BATCHES_PER_FLOOD = MAX_UNACKNOWLEDGED // MAX_EVENTS_PER_BATCH


@pytest.fixture
async def others(tracking_service: ServiceProcess, database: str) -> AsyncIterator[Traffic]:
    """Let well-behaved relays stream; check at the end that nothing happened to them and the service did not grow."""
    process = psutil.Process(tracking_service.pid)
    async with traffic(tracking_service, database) as flowing:
        before = process.memory_info().rss
        yield flowing
        await flowing.flows()
        await flowing.caller.heartbeat()
        assert [relay.connections for relay in flowing.relays] == [1] * RELAYS
        assert process.memory_info().rss - before < MAX_GROWTH_BYTES
    tracking_service.kill()
    assert_kept(database, flowing.relays)


async def test_a_client_that_does_not_read_is_held_back_and_gets_every_rejection_once_it_reads(
    tracking_service: ServiceProcess, others: Traffic, database: str
) -> None:
    async with SilentClient(tracking_service.address) as client:
        await client.is_held_back(database)
        await others.flows()
        assert await client.read_rejections(MAX_UNACKNOWLEDGED) >= set(range(1, MAX_UNACKNOWLEDGED + 1))


@pytest.mark.parametrize("opened", [False, True], ids=["at first", "later"])
async def test_one_that_sends_garbage_is_refused(
    tracking_service: ServiceProcess, others: Traffic, *, opened: bool
) -> None:
    code = await ending_of(b"\xff\xff\xff", tracking_service.address, opened=opened)
    assert code == StatusCode.INVALID_ARGUMENT
    await others.flows()


@pytest.mark.parametrize("opened", [False, True], ids=["at first", "later"])
async def test_one_with_messages_of_10_megabytes_is_refused(
    tracking_service: ServiceProcess, others: Traffic, *, opened: bool
) -> None:
    code = await ending_of(b"\0" * TEN_MEGABYTES, tracking_service.address, opened=opened)
    assert code == StatusCode.RESOURCE_EXHAUSTED
    await others.flows()


async def test_one_that_does_not_even_speak_http_is_cut_off(tracking_service: ServiceProcess, others: Traffic) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", tracking_service.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n" + b"\xff" * 100_000)
    with suppress(ConnectionResetError):
        while await reader.read(1024):
            pass
    writer.close()
    await others.flows()


async def test_one_that_opens_a_thousand_streams_gets_them(tracking_service: ServiceProcess, others: Traffic) -> None:
    async with aio.insecure_channel(tracking_service.address) as channel:
        bearer = token(RELAY, "service")
        streams = [HeartbeatStream(channel, bearer) for _ in range(MANY_STREAMS)]
        await asyncio.gather(*(stream.open() for stream in streams))
        await others.flows()
        for stream in streams:
            stream.cancel()


async def test_a_flood_while_postgres_is_unavailable_fills_the_queue_and_no_more(
    service_on_own_postgres: ServiceProcess, postgres: PostgresControl
) -> None:
    process = psutil.Process(service_on_own_postgres.pid)
    lesson = hold_lesson(postgres.url)
    async with aio.insecure_channel(service_on_own_postgres.address) as channel:
        streams = [HeartbeatStream(channel, token(RELAY, "service")) for _ in range(FLOODING_STREAMS)]
        await asyncio.gather(*(stream.open() for stream in streams))
        before = process.memory_info().rss
        await postgres.stop()
        flooding = [asyncio.create_task(flood(stream, lesson)) for stream in streams]
        await refused_for("QUEUE_FULL", Caller(channel, lesson))
        assert process.memory_info().rss - before < MAX_GROWTH_BYTES
        await postgres.start()
        await asyncio.gather(*flooding)
        await asyncio.gather(*(stream.acknowledged(BATCHES_PER_FLOOD * MAX_EVENTS_PER_BATCH) for stream in streams))
        await Caller(channel, lesson).heartbeat()


async def flood(stream: HeartbeatStream, lesson: Lesson) -> None:
    attendee = lesson.attendees[0]
    for first in range(1, BATCHES_PER_FLOOD * MAX_EVENTS_PER_BATCH, MAX_EVENTS_PER_BATCH):
        await stream.send_batch(
            event(number, "heartbeat", attendee.session_id, attendee.user_id, user_type=attendee.user_type)
            for number in range(first, first + MAX_EVENTS_PER_BATCH)
        )


async def refused_for(expected: str, caller: Caller) -> None:
    """Call until the reason of the refusal is this one; no call may succeed before."""
    last_reason = ""
    async with asyncio.timeout(MAX_WAIT_SECONDS):
        while last_reason != expected:
            with pytest.raises(aio.AioRpcError) as refused:
                await caller.heartbeat()
            assert_says_retry(refused.value)
            last_reason = reason(refused.value)


async def ending_of(message: bytes, address: str, *, opened: bool) -> StatusCode:
    """Send bytes as the first or the second message of a stream and return how it ends; anew if gRPC lost a refusal."""
    while True:
        call = await ended_call(message, address, opened=opened)
        if await call.details() != LOST_REFUSAL:
            return await call.code()


async def ended_call(message: bytes, address: str, *, opened: bool) -> aio.StreamStreamCall[bytes, bytes]:
    async with aio.insecure_channel(address) as channel:
        make_call: Callable[..., aio.StreamStreamCall[bytes, bytes]] = channel.stream_stream(STREAM_HEARTBEATS)
        call = make_call(metadata=metadata(token(RELAY, "service")))
        if opened:
            frame = tracking_pb2.StreamHeartbeatsRequest(open=tracking_pb2.OpenStream(stream_id=str(uuid4())))
            await call.write(frame.SerializeToString())
            await call.read()
        with suppress(aio.AioRpcError, asyncio.InvalidStateError):
            await call.write(message)
            await call.read()
        await call.code()
        return call
