"""PostgreSQL stops and starts again: nothing is acknowledged meanwhile, and nothing is lost."""

from __future__ import annotations

import pytest

from testkit.postgres import execute
from testkit.pytest_plugins.thorough import thoroughly
from testkit.service_process import ServiceProcess
from tests.recovery.load import assert_kept, committed
from tests.recovery.postgres_control import PostgresControl
from tests.recovery.traffic import OUTAGE_SECONDS, RELAYS, traffic

CRASHES = thoroughly(2, thorough=10)
TERMINATIONS = thoroughly(5, thorough=50)
TERMINATE = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'tracking_service' AND datname = current_database()"""

pytestmark = pytest.mark.timeout(180 + OUTAGE_SECONDS)


async def test_postgres_is_stopped_and_started_again(
    service_on_own_postgres: ServiceProcess, postgres: PostgresControl
) -> None:
    async with traffic(service_on_own_postgres, postgres.url) as flowing:
        await postgres.stop()
        await flowing.is_held_up()
        await postgres.start()
        await flowing.flows()
    service_on_own_postgres.kill()
    assert_kept(postgres.url, flowing.relays)
    assert [relay.connections for relay in flowing.relays] == [1] * RELAYS, "a stream did not wait"


async def test_postgres_is_killed_again_and_again(
    service_on_own_postgres: ServiceProcess, postgres: PostgresControl
) -> None:
    async with traffic(service_on_own_postgres, postgres.url) as flowing:
        for _ in range(CRASHES):
            await postgres.kill()
            acknowledged = [relay.promised for relay in flowing.relays]
            await postgres.start()
            for relay, least in zip(flowing.relays, acknowledged, strict=True):
                assert committed(postgres.url, relay) >= least
            await flowing.flows()
    service_on_own_postgres.kill()
    assert_kept(postgres.url, flowing.relays)


async def test_postgres_hangs_and_goes_on(service_on_own_postgres: ServiceProcess, postgres: PostgresControl) -> None:
    async with traffic(service_on_own_postgres, postgres.url) as flowing:
        with postgres.halted():
            await flowing.is_held_up()
        await flowing.flows()
    service_on_own_postgres.kill()
    assert_kept(postgres.url, flowing.relays)


async def test_every_connection_to_postgres_is_terminated_again_and_again(
    tracking_service: ServiceProcess, database: str
) -> None:
    async with traffic(tracking_service, database) as flowing:
        for _ in range(TERMINATIONS):
            execute(database, TERMINATE)
            await flowing.relays[0].acknowledged.grown_by(1)
        await flowing.flows()
    tracking_service.kill()
    assert_kept(database, flowing.relays)
