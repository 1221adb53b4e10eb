"""A commit succeeds and its answer is lost: the service tries again, and nothing is counted twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
from grpc import aio

from testkit.facts import query_facts
from testkit.pytest_plugins.thorough import thoroughly
from testkit.service_process import ServiceProcess
from tests.recovery.conftest import PRESENCE_TIMEOUT_SECONDS
from tests.recovery.lessons import Lesson, hold_lesson
from tests.recovery.load import Relay, assert_kept
from tests.recovery.postgres_proxies import APPEND, FOLD, LostCommitAnswers, service_behind
from tests.recovery.traffic import Caller

LOST_ANSWERS = thoroughly(5, thorough=50)


class Setup(NamedTuple):
    """A service, and the proxy through which it reaches the database."""

    proxy: LostCommitAnswers
    service: ServiceProcess


@pytest.fixture
def lesson(database: str) -> Lesson:
    return hold_lesson(database)


@pytest.fixture
async def setup(database: str, tmp_path: Path) -> AsyncIterator[Setup]:
    log = tmp_path / "tracking.log"
    settings = {"PRESENCE_TIMEOUT_SECONDS": PRESENCE_TIMEOUT_SECONDS}
    async with service_behind(LostCommitAnswers, database, log, **settings) as (proxy, service):
        yield Setup(proxy, service)


@pytest.mark.parametrize("transaction", [APPEND, FOLD], ids=["append", "fold"])
async def test_events_of_a_stream_are_counted_once(
    setup: Setup, database: str, lesson: Lesson, transaction: bytes
) -> None:
    relay = Relay(lesson)
    streaming = asyncio.create_task(relay.stream(setup.service.address))
    await relay.acknowledged.reached(1)
    for _ in range(LOST_ANSWERS):
        await setup.proxy.lose_next(transaction)
        await relay.acknowledged.grown_by(1)
    setup.service.kill()
    await streaming
    await asyncio.to_thread(assert_kept, database, [relay])


async def test_a_single_interaction_is_counted_once(setup: Setup, database: str, lesson: Lesson) -> None:
    async with aio.insecure_channel(setup.service.address) as channel:
        caller = Caller(channel, lesson)
        for _ in range(LOST_ANSWERS):
            losing = asyncio.create_task(setup.proxy.lose_next(APPEND))
            await asyncio.sleep(0)
            await caller.heartbeat("draw")
            await losing
    # In a thread: the service may hold a lock, and its next statement goes through the proxy in this loop.
    counted = await asyncio.to_thread(query_facts, database, "SELECT sum(occurrences)::integer FROM activity_periods")
    assert counted == [(LOST_ANSWERS,)]
