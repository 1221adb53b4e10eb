"""Migrations and decisions that are under way at the same time do not stop each other for good."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from attendance_service.migrations.versions import r0012_erasure_by_index
from attendance_service.store.decisions import LOCK_SESSIONS
from attendance_service.store.executor import DatabaseExecutor
from attendance_service.store.settling_queue import NEWEST, SettlingQueue
from servicekit.database.engine import Database
from testkit.eventually import eventually
from testkit.postgres import execute, migrate, query
from tests.integration.migrations.test_privileges import DECISION, PEOPLE_AND_SESSIONS

WAITING = """
    SELECT DISTINCT application_name FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' ORDER BY 1"""
MIGRATION, SERVICE = ("attendance_service migration",), ("service",)


@pytest.fixture
def eleventh_revision(database: str) -> str:
    execute(
        database,
        *(f"DROP INDEX {name}" for name in r0012_erasure_by_index.NEW_RELATIONS),
        "UPDATE attendance_alembic_version SET version_num = '0011'",
        PEOPLE_AND_SESSIONS,
    )
    return database


@pytest.fixture
def service(eleventh_revision: str) -> Iterator[Database]:
    pool = Database(eleventh_revision, role="attendance_service", application="service", pool_size=2)
    yield pool
    pool.dispose()


async def test_a_decision_is_written_while_a_migration_that_creates_indexes_waits_for_it(
    eleventh_revision: str, service: Database
) -> None:
    with service.transaction() as decision:
        decision.execute(LOCK_SESSIONS, {"sessions": "{1}"})
        decision.execute(text("UPDATE sessions SET attendance_source = 'manual' WHERE id = 1"))
        migration = asyncio.create_task(asyncio.to_thread(migrate, eleventh_revision))
        await eventually(lambda: query(eleventh_revision, WAITING) == [MIGRATION])
        decision.execute(text(DECISION))
    await migration
    assert query(eleventh_revision, "SELECT count(*) FROM attendance_decisions") == [(1,)]


async def test_sessions_are_claimed_for_settling_after_a_migration_that_began_before(
    eleventh_revision: str, service: Database, caplog: pytest.LogCaptureFixture
) -> None:
    executor = DatabaseExecutor(service, threads=1)
    queue = SettlingQueue(executor, ZoneInfo("UTC"), settling_time=timedelta(), batch_size=1)
    with service.transaction() as other:
        other.execute(text(DECISION))
        migration = asyncio.create_task(asyncio.to_thread(migrate, eleventh_revision))
        await eventually(lambda: query(eleventh_revision, WAITING) == [MIGRATION])
        claim = asyncio.create_task(queue.claim_due(NEWEST))
        await eventually(lambda: query(eleventh_revision, WAITING) == [MIGRATION, SERVICE])
    await migration
    assert (await claim).session_ids == (1,)
    # It did not have to be tried again.
    assert "in the way" not in caplog.text
