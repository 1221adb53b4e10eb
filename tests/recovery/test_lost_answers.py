"""A commit succeeds, and its answer is lost: the service tries again, and nothing counts twice (DESIGN 6)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
from grpc import aio

from testkit.postgres import query
from testkit.service_process import ServiceProcess, tracking_process
from tests.recovery.callers import Caller
from tests.recovery.cut_line import CutLine
from tests.recovery.lessons import Lesson, hold_lesson
from tests.recovery.lines import line_to
from tests.recovery.load import Relay, assert_kept

LOST_ANSWERS = 10


class Behind(NamedTuple):
    """A service, and its line to the database."""

    line: CutLine
    service: ServiceProcess


@pytest.fixture
def lesson(database: str) -> Lesson:
    return hold_lesson(database)


@pytest.fixture
async def behind(database: str, tmp_path: Path) -> AsyncIterator[Behind]:
    async with line_to(database, CutLine) as (line, url):
        process = tracking_process(url, tmp_path / "tracking.log", PRESENCE_TIMEOUT_SECONDS="3600")
        # In a thread: starting it waits for the service, which waits for the line, which lives here.
        service = await asyncio.to_thread(process.__enter__)
        yield Behind(line, service)
        await asyncio.to_thread(process.__exit__, None, None, None)


async def test_of_a_stream(behind: Behind, database: str, lesson: Lesson) -> None:
    relay = Relay(lesson)
    streaming = asyncio.create_task(relay.stream(behind.service.address))
    await relay.acknowledged.reached(1)
    for _ in range(LOST_ANSWERS):
        await behind.line.swallow_the_next_answer()
        await relay.acknowledged.grown_by(1)
    behind.service.kill()
    await streaming
    assert_kept(database, [relay])


async def test_of_a_single_interaction(behind: Behind, database: str, lesson: Lesson) -> None:
    async with aio.insecure_channel(behind.service.address) as channel:
        caller = Caller(channel, lesson)
        for _ in range(LOST_ANSWERS):
            lost = asyncio.create_task(behind.line.swallow_the_next_answer())
            await asyncio.sleep(0)
            await caller.heartbeat("draw")
            await lost
    assert query(database, "SELECT sum(occurrences)::integer FROM activity_periods") == [(LOST_ANSWERS,)]
