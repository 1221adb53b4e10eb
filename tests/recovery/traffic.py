"""Relays and a caller at one service, and what they see while it can not record anything."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from grpc import aio

from testkit.service_process import ServiceProcess
from tests.recovery.callers import Caller, assert_told_to_retry
from tests.recovery.lessons import hold_lesson
from tests.recovery.load import Relay

RELAYS = 3
#: An outage lasts until some calls were refused, and longer on demand: `OUTAGE_SECONDS=20 make test`.
OUTAGE_SECONDS = float(os.environ.get("OUTAGE_SECONDS", "0"))


class Traffic:
    """Relays that stream, and a caller, at one service."""

    def __init__(self, relays: list[Relay], caller: Caller) -> None:
        self.relays = relays
        self.caller = caller

    async def flows(self) -> None:
        """Wait until everything that every relay has sent by now is acknowledged, and more."""
        for relay in self.relays:
            await relay.acknowledged.reached(relay.last_sent + 1)

    async def is_held_up(self) -> None:
        """Check that calls are refused in time, and that nothing is acknowledged."""
        await _refused(self.caller.heartbeat)
        promised = [relay.promised for relay in self.relays]
        await asyncio.sleep(OUTAGE_SECONDS)
        await asyncio.gather(_refused(self.caller.status), _refused(self.caller.heartbeat))
        assert [relay.promised for relay in self.relays] == promised


@asynccontextmanager
async def traffic(service: ServiceProcess, database: str) -> AsyncIterator[Traffic]:
    """Keep relays streaming for the length of the block, and see that they got through at its beginning."""
    relays = [Relay(hold_lesson(database)) for _ in range(RELAYS)]
    async with aio.insecure_channel(service.address) as channel, asyncio.TaskGroup() as group:
        streams = [group.create_task(relay.stream_on(service.address)) for relay in relays]
        flowing = Traffic(relays, Caller(channel, hold_lesson(database)))
        await flowing.flows()
        yield flowing
        for stream in streams:
            stream.cancel()


async def _refused(call: Callable[[], Awaitable[object]]) -> None:
    with pytest.raises(aio.AioRpcError) as refused:
        await call()
    assert_told_to_retry(refused.value)
