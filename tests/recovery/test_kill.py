"""`kill -9` of the service: an ack is a promise (DESIGN 6)."""

from __future__ import annotations

import asyncio
import os
import random

import pytest

from testkit.service_process import ServiceProcess
from tests.recovery.lessons import hold_lesson
from tests.recovery.load import CONNECTION_ENDED, Relay, assert_kept

#: How often the service is killed: `ROUNDS=500 make test ARGS=tests/recovery/test_kill.py` searches longer.
ROUNDS = int(os.environ.get("ROUNDS", "20"))
RELAYS = 3
#: Events sent in one round, at most; where in them the service dies is drawn by lot.
EVENTS_PER_ROUND = 6_000
#: For as many rounds as anybody asks for; a round takes a second or two.
MAX_WAIT_SECONDS = 120 + 30 * ROUNDS


@pytest.mark.timeout(MAX_WAIT_SECONDS)
async def test_every_acked_event_survives_kill_9_and_none_counts_twice(
    tracking_service: ServiceProcess, database: str
) -> None:
    relays = [Relay(hold_lesson(database)) for _ in range(RELAYS)]
    choice = random.Random(7)
    for _ in range(ROUNDS):
        async with asyncio.TaskGroup() as group:
            streams = [group.create_task(relay.stream(tracking_service.address)) for relay in relays]
            victim = choice.choice(relays)
            await victim.sent.grown_by(choice.randint(1, EVENTS_PER_ROUND // RELAYS))
            tracking_service.kill()
        assert {stream.result() for stream in streams} <= CONNECTION_ENDED
        assert_kept(database, relays)
        tracking_service.start()
    for relay in relays:
        assert relay.promised > 0
