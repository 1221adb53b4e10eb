"""A server that does not answer holds up its own sessions alone (docs/several-databases.md#a-worker-that-is-dead)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine

from servicekit.clock import seconds
from servicekit.database.engine import Database
from servicekit.database.url import sqlalchemy_url
from servicekit.errors import StorageUnavailable
from testkit.clock import SettableClock
from testkit.eventually import eventually
from testkit.folding import fold_settings
from testkit.postgres import query
from testkit.whiteboard_sessions import STUDENT, add_whiteboard_session
from tracking_service.domain.fold_rhythm import Age
from tracking_service.domain.grouping import ALL_GROUPS, UNDIVIDED, Grouping
from tracking_service.domain.heartbeat_columns import participant_key
from tracking_service.folding.fold import Folder
from tracking_service.folding.schedule import FoldSchedule
from tracking_service.migrations.distributing import CannotDistribute, plan
from tracking_service.recording.appender import Appender
from tracking_service.recording.submission import UNNUMBERED, Submission

TWO_SHARDS = Grouping(2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class HalfAnswering(Folder):
    """Its groups are folded in two parts, of which one may be away. Both are in one PostgreSQL all the same."""

    dead: Sequence[int] = ()

    def grouping(self) -> Grouping:
        return TWO_SHARDS

    def ages(self, groups: Sequence[int] = ALL_GROUPS) -> list[Age]:
        if set(groups) & set(self.dead):
            raise StorageUnavailable
        return super().ages(groups)


@pytest.fixture
def pool(database: str) -> Iterator[Database]:
    pool = Database(database, role="tracking_service", application="test", pool_size=8)
    yield pool
    pool.dispose()


async def test_the_sessions_of_a_shard_that_does_not_answer_wait_and_no_others(
    database: str, pool: Database, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = TWO_SHARDS.by_shard(ALL_GROUPS)
    sessions = [add_whiteboard_session(database) for _ in range(2)]
    assert {UNDIVIDED.group_of(one) for one in sessions} <= set(first)
    clock = SettableClock(NOON)
    heartbeats = Submission(None)
    for one in sessions:
        heartbeats.heartbeats.add(UNNUMBERED, participant_key(one, STUDENT, is_student=True), clock.now(), "")
    Appender(pool).write([heartbeats])
    folder = HalfAnswering(pool, clock, timeout=seconds(75))
    folder.dead = second
    folding = asyncio.create_task(FoldSchedule(folder, fold_settings(database)).run())
    await eventually(lambda: query(database, "SELECT count(*) FROM presence_intervals") == [(2,)])
    await eventually(lambda: "does not answer" in caplog.text)
    folder.dead = ()
    await eventually(lambda: "answers again" in caplog.text)
    folding.cancel()
    await asyncio.wait([folding])
    assert caplog.text.count("does not answer") == 1


def test_without_citus_nothing_is_distributed(database: str) -> None:
    engine = create_engine(sqlalchemy_url(database))
    with engine.connect() as connection, pytest.raises(CannotDistribute, match="has no Citus"):
        plan(connection, shards=4, roles=[])
    with engine.connect() as connection, pytest.raises(CannotDistribute, match="power of two"):
        plan(connection, shards=6, roles=[])
    engine.dispose()
