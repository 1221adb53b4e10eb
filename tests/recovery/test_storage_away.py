"""PostgreSQL goes away and comes back: nothing is promised meanwhile, and nothing is lost (DESIGN 6)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import psutil
import pytest
from grpc import aio

from development.postgres import EmbeddedPostgres
from tests.postgres import execute
from tests.recovery.callers import Caller, assert_told_to_retry
from tests.recovery.halts import halted
from tests.recovery.lessons import hold_lesson
from tests.recovery.load import Relay, assert_kept, committed
from tests.service_process import ServiceProcess
from tracking_service.ingest.inlet import UNACKNOWLEDGED_AT_MOST

#: An outage lasts until so many calls were refused, and longer on demand: `OUTAGE_SECONDS=20 make test`.
REFUSED_CALLS = 3
OUTAGE_SECONDS = float(os.environ.get("OUTAGE_SECONDS", "0"))
RELAYS = 3
#: What is on the way in gRPC's and the kernel's buffers beside what the service has taken in.
EVENTS_IN_BUFFERS = 200_000
#: Far more than 100,000 queued events and all buffers need, far less than what an hour of growth would come to.
GROWTH_AT_MOST_BYTES = 256 * 1024**2
#: An outage that outlasts the service's own patience is not what these tests are about.
PATIENCE_SECONDS = 180 + OUTAGE_SECONDS
TERMINATE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tracking_service'"

pytestmark = pytest.mark.timeout(PATIENCE_SECONDS)


class Traffic:
    """Relays that stream, and a caller, at one service."""

    def __init__(self, relays: list[Relay], caller: Caller) -> None:
        self.relays = relays
        self.caller = caller

    async def flows(self) -> None:
        """Wait until everything that every relay has sent by now is acknowledged, and more."""
        for relay in self.relays:
            await relay.acknowledged.reached(relay.last_sent + 1)

    async def is_refused(self) -> None:
        """See what happens meanwhile: calls are answered, nothing is acknowledged, streams are held back."""
        await self.refused_call(self.caller.heartbeat)
        promised = [relay.promised for relay in self.relays]
        for _ in range(REFUSED_CALLS):
            await self.refused_call(self.caller.heartbeat)
            await self.refused_call(self.caller.status)
        await asyncio.sleep(OUTAGE_SECONDS)
        assert [relay.promised for relay in self.relays] == promised
        for relay in self.relays:
            assert relay.last_sent - relay.promised <= UNACKNOWLEDGED_AT_MOST + EVENTS_IN_BUFFERS

    async def refused_call(self, call: Callable[[], Awaitable[object]]) -> None:
        with pytest.raises(aio.AioRpcError) as refused:
            await call()
        assert_told_to_retry(refused.value)


@asynccontextmanager
async def traffic(service: ServiceProcess, database: str) -> AsyncIterator[Traffic]:
    relays = [Relay(hold_lesson(database)) for _ in range(RELAYS)]
    async with aio.insecure_channel(service.address) as channel, asyncio.TaskGroup() as group:
        streams = [group.create_task(relay.stream_on([service.address])) for relay in relays]
        await asyncio.gather(*(relay.acknowledged.reached(1) for relay in relays))
        yield Traffic(relays, Caller(channel, hold_lesson(database)))
        for stream in streams:
            stream.cancel()


async def test_postgres_is_stopped_and_started_again(
    service_on_own_postgres: ServiceProcess, own_postgres: EmbeddedPostgres
) -> None:
    async with traffic(service_on_own_postgres, own_postgres.url()) as flowing:
        await asyncio.to_thread(own_postgres.stop)
        await flowing.is_refused()
        await asyncio.to_thread(own_postgres.start)
        await flowing.flows()
    assert_kept(own_postgres.url(), flowing.relays)


async def test_postgres_is_killed_again_and_again(
    service_on_own_postgres: ServiceProcess, own_postgres: EmbeddedPostgres
) -> None:
    async with traffic(service_on_own_postgres, own_postgres.url()) as flowing:
        for _ in range(3):
            await asyncio.to_thread(own_postgres.kill)
            promised = [relay.promised for relay in flowing.relays]
            await asyncio.to_thread(own_postgres.start)
            positions = [committed(own_postgres.url(), relay) for relay in flowing.relays]
            assert all(position >= least for position, least in zip(positions, promised, strict=True))
            await flowing.flows()
    assert_kept(own_postgres.url(), flowing.relays)


async def test_postgres_hangs_and_goes_on(
    service_on_own_postgres: ServiceProcess, own_postgres: EmbeddedPostgres
) -> None:
    async with traffic(service_on_own_postgres, own_postgres.url()) as flowing:
        with halted(own_postgres):
            await flowing.is_refused()
        await flowing.flows()
    assert_kept(own_postgres.url(), flowing.relays)


async def test_every_connection_to_postgres_is_terminated_again_and_again(
    tracking_service: ServiceProcess, database: str
) -> None:
    async with traffic(tracking_service, database) as flowing:
        for _ in range(10):
            execute(database, f"{TERMINATE} AND datname = current_database()")
            await flowing.relays[0].acknowledged.grown_by(1)
        await flowing.flows()
    assert_kept(database, flowing.relays)


async def test_an_outage_ends_no_stream_and_the_process_does_not_grow(
    service_on_own_postgres: ServiceProcess, own_postgres: EmbeddedPostgres
) -> None:
    process = psutil.Process(service_on_own_postgres.pid)
    async with traffic(service_on_own_postgres, own_postgres.url()) as flowing:
        await flowing.flows()
        before = process.memory_info().rss
        await asyncio.to_thread(own_postgres.stop)
        for relay in flowing.relays:
            # As much as the service takes in, at least; whatever is more waits on the way.
            await relay.sent.reached(relay.promised + UNACKNOWLEDGED_AT_MOST)
        await flowing.is_refused()
        assert process.memory_info().rss - before < GROWTH_AT_MOST_BYTES
        await asyncio.to_thread(own_postgres.start)
        await flowing.flows()
        assert [relay.connections for relay in flowing.relays] == [1] * RELAYS
    assert service_on_own_postgres.is_running
