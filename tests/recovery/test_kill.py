"""`kill -9` of the service: acknowledged events are kept (docs/streams.md#acknowledgement)."""

from __future__ import annotations

import asyncio
import random

import pytest

from testkit.pytest_plugins.thorough import thoroughly
from testkit.service_process import ServiceProcess
from tests.recovery.lessons import hold_lesson
from tests.recovery.load import CONNECTION_ENDED, Relay, assert_kept

#: How often the service is killed.
ROUNDS = thoroughly(5, thorough=500)
RELAYS = 3
#: Sent in one round before the kill, at most; how many is random.
MAX_EVENTS_PER_ROUND = 6_000
#: A round takes a second or two.
MAX_WAIT_SECONDS = 120 + 30 * ROUNDS


@pytest.mark.timeout(MAX_WAIT_SECONDS)
async def test_every_acked_event_survives_kill_9_and_none_counts_twice(
    tracking_service: ServiceProcess, database: str
) -> None:
    relays = [Relay(hold_lesson(database)) for _ in range(RELAYS)]
    choice = random.Random(7)
    for number in range(ROUNDS):
        async with asyncio.TaskGroup() as group:
            streams = [group.create_task(relay.stream(tracking_service.address)) for relay in relays]
            if number == 0:
                # Later kills may come before a relay gets its first acknowledgement.
                await asyncio.gather(*(relay.acknowledged.reached(1) for relay in relays))
            victim = choice.choice(relays)
            await victim.sent.grown_by(choice.randint(1, MAX_EVENTS_PER_ROUND // RELAYS))
            tracking_service.kill()
        assert {stream.result() for stream in streams} <= CONNECTION_ENDED
        assert_kept(database, relays)
        tracking_service.start()
