"""The primary dies under load, and its synchronous standby takes its place (docs/postgresql.md#failover)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from grpc import aio

from development.postgres import EmbeddedPostgres
from testkit.eventually import eventually
from testkit.postgres import execute, migrate, temporary_postgres
from testkit.service_process import tracking_process
from testkit.standby import is_synchronous, promote, standby_of, url_of_both
from tests.recovery.conftest import PRESENCE_TIMEOUT_SECONDS
from tests.recovery.load import assert_kept
from tests.recovery.traffic import RELAYS, assert_says_retry, traffic

DATABASE = "astegni"


class Pair(NamedTuple):
    primary: EmbeddedPostgres
    standby: EmbeddedPostgres
    #: Leads to whichever takes writes.
    url: str


@pytest.fixture
def pair() -> Iterator[Pair]:
    with temporary_postgres() as primary:
        execute(primary.url(), f"CREATE DATABASE {DATABASE}")
        migrate(primary.url(DATABASE))
        with standby_of(primary) as standby:
            yield Pair(primary, standby, url_of_both(primary, standby, database=DATABASE))


async def test_every_acked_event_survives_the_death_of_the_primary(pair: Pair, tmp_path: Path) -> None:
    settings = {"PRESENCE_TIMEOUT_SECONDS": PRESENCE_TIMEOUT_SECONDS}
    await eventually(lambda: is_synchronous(pair.primary))
    with tracking_process(pair.url, tmp_path / "tracking.log", **settings) as service:
        async with traffic(service, pair.primary.url(DATABASE)) as flowing:
            await asyncio.to_thread(pair.primary.kill)
            with pytest.raises(aio.AioRpcError) as refused:
                await flowing.caller.heartbeat()
            assert_says_retry(refused.value)
            await asyncio.to_thread(promote, pair.standby)
            await flowing.flows()
        service.kill()
        assert_kept(pair.standby.url(DATABASE), flowing.relays)
        assert [relay.connections for relay in flowing.relays] == [1] * RELAYS, "a stream did not wait"
