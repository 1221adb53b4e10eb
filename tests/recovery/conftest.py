"""Services as processes, on the PostgreSQL that all tests share or on one that these tests may stop and kill."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from testkit.postgres import execute, migrate, query, temporary_postgres
from testkit.service_process import ServiceProcess, tracking_process
from tests.recovery.lessons import PRESENCE_TIMEOUT
from tests.recovery.postgres_control import PostgresControl

TEMPLATE = "migrated_template"
PRESENCE_TIMEOUT_SECONDS = str(int(PRESENCE_TIMEOUT.total_seconds()))


@contextmanager
def replicas(database: str, count: int, logs: Path) -> Iterator[list[ServiceProcess]]:
    """Run several replicas of the service on one database."""
    settings = {"PRESENCE_TIMEOUT_SECONDS": PRESENCE_TIMEOUT_SECONDS}
    with ExitStack() as stack:
        yield [
            stack.enter_context(tracking_process(database, logs / f"{count}-{number}.log", **settings))
            for number in range(count)
        ]


@pytest.fixture
def tracking_service(database: str, tmp_path: Path) -> Iterator[ServiceProcess]:
    with tracking_process(
        database, tmp_path / "tracking.log", PRESENCE_TIMEOUT_SECONDS=PRESENCE_TIMEOUT_SECONDS
    ) as process:
        yield process


@pytest.fixture(scope="session")
def postgres_control() -> Iterator[PostgresControl]:
    """Start a PostgreSQL that tests may stop, kill and halt."""
    with temporary_postgres() as server:
        execute(server.url(), f"CREATE DATABASE {TEMPLATE}")
        migrate(server.url(TEMPLATE))
        ((directory,),) = query(server.url(), "SHOW data_directory")
        yield PostgresControl(server, Path(str(directory)))


@pytest.fixture
def postgres(postgres_control: PostgresControl) -> Iterator[PostgresControl]:
    """Return the same server with a fresh database; make sure that it runs afterwards."""
    with postgres_control.fresh_database(TEMPLATE):
        yield postgres_control


@pytest.fixture
def service_on_own_postgres(postgres: PostgresControl, tmp_path: Path) -> Iterator[ServiceProcess]:
    with tracking_process(
        postgres.url, tmp_path / "tracking.log", PRESENCE_TIMEOUT_SECONDS=PRESENCE_TIMEOUT_SECONDS
    ) as process:
        yield process
