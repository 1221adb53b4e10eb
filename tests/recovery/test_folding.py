"""`kill -9` at every step from append to fold: whoever lives folds the rest, once (docs/streams.md#folding)."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg2
import pytest

from servicekit.clock import SystemClock, seconds
from servicekit.database.engine import Database
from testkit.eventually import eventually
from testkit.pytest_plugins.thorough import thoroughly
from testkit.service_process import ServiceProcess
from tests.recovery.breakpoints import BreakingProxy, Breakpoint
from tests.recovery.conftest import PRESENCE_TIMEOUT_SECONDS
from tests.recovery.lessons import PRESENCE_TIMEOUT, hold_lesson
from tests.recovery.load import CONNECTION_ENDED, Relay, assert_kept
from tests.recovery.postgres_proxies import service_behind
from tracking_service.folding.fold import Folder

#: How often a service is killed at each step.
ROUNDS = thoroughly(1, thorough=200)
#: A round takes a second, on a busy machine some.
pytestmark = pytest.mark.timeout(120 + 30 * ROUNDS)
#: Between two messages of a relay: what is appended between two folds has to be little, so that a test sees many folds.
PAUSE_SECONDS = 0.01
#: Appended while nothing can be folded.
BACKLOG = 3_000


class Replicas(NamedTuple):
    """Two replicas of the service; the one that is killed reaches the database through a proxy."""

    proxy: BreakingProxy
    victim: ServiceProcess
    survivor: ServiceProcess


@pytest.fixture
async def replicas(tracking_service: ServiceProcess, database: str, tmp_path: Path) -> AsyncIterator[Replicas]:
    log = tmp_path / "victim.log"
    settings = {"PRESENCE_TIMEOUT_SECONDS": PRESENCE_TIMEOUT_SECONDS}
    async with service_behind(BreakingProxy, database, log, **settings) as (proxy, victim):
        yield Replicas(proxy, victim, tracking_service)


@contextmanager
def folding_held_up(database: str) -> Iterator[None]:
    """Lock all session groups, so that nothing is folded."""
    with closing(psycopg2.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT FROM session_groups ORDER BY session_group FOR UPDATE")
        yield


def is_folded(database: str) -> bool:
    """Return whether everything that was appended is folded; nothing is folded for that."""
    pool = Database(database, role="", application="test", pool_size=1)
    try:
        folder = Folder(pool, SystemClock(), timeout=seconds(PRESENCE_TIMEOUT.total_seconds()))
        return not any(age.is_behind for age in folder.ages())
    finally:
        pool.dispose()


async def stream_until_killed(relay: Relay, service: ServiceProcess) -> None:
    assert await relay.stream(service.address) in CONNECTION_ENDED


@pytest.mark.parametrize("step", Breakpoint, ids=lambda step: step.name.lower())
async def test_a_replica_that_is_killed_at_a_step_leaves_everything_to_the_other_one(
    replicas: Replicas, database: str, step: Breakpoint
) -> None:
    proxy, victim, survivor = replicas
    lasting, killed = (Relay(hold_lesson(database), pause_seconds=PAUSE_SECONDS) for _ in range(2))
    choice = random.Random(7)
    async with asyncio.TaskGroup() as group:
        group.create_task(stream_until_killed(lasting, survivor))
        for _ in range(ROUNDS):
            ended = group.create_task(stream_until_killed(killed, victim))
            await killed.acknowledged.grown_by(choice.randint(1, 500))
            await proxy.reach(step)
            victim.kill()
            await ended
            await lasting.acknowledged.grown_by(1)
            await asyncio.to_thread(victim.start)
        await lasting.stop_writing()
        victim.kill()
        await eventually(lambda: is_folded(database))
        survivor.kill()
    assert_kept(database, [lasting, killed])


async def test_what_a_killed_replica_appended_is_folded_by_the_others_however_far_folding_is_behind(
    replicas: Replicas, database: str
) -> None:
    _, victim, survivor = replicas
    relays = [Relay(hold_lesson(database)) for _ in range(2)]
    for _ in range(ROUNDS):
        async with asyncio.TaskGroup() as group:
            with folding_held_up(database):
                for relay, service in zip(relays, (victim, survivor), strict=True):
                    group.create_task(stream_until_killed(relay, service))
                await asyncio.gather(*(relay.acknowledged.grown_by(BACKLOG) for relay in relays))
                victim.kill()
                assert not is_folded(database)
            await relays[1].acknowledged.grown_by(1)
            survivor.kill()
        await asyncio.to_thread(survivor.start)
        await eventually(lambda: is_folded(database))
        assert_kept(database, relays)
        await asyncio.to_thread(victim.start)
