"""Fixtures with services as processes, on the PostgreSQL that all tests share or on one of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from testkit.postgres import execute, migrate, query, temporary_postgres
from testkit.service_process import ServiceProcess, tracking_process
from tests.recovery.lessons import PRESENCE_TIMEOUT
from tests.recovery.postgres_control import PostgresControl

TEMPLATE = "migrated_template"
PRESENCE_TIMEOUT_SECONDS = str(int(PRESENCE_TIMEOUT.total_seconds()))


@pytest.fixture
def tracking_service(database: str, tmp_path: Path) -> Iterator[ServiceProcess]:
    with tracking_process(
        database, tmp_path / "tracking.log", PRESENCE_TIMEOUT_SECONDS=PRESENCE_TIMEOUT_SECONDS
    ) as process:
        yield process


@pytest.fixture(scope="session")
def postgres_control() -> Iterator[PostgresControl]:
    """Start a PostgreSQL that tests may stop, kill and bring to a halt."""
    with temporary_postgres() as server:
        execute(server.url(), f"CREATE DATABASE {TEMPLATE}")
        migrate(server.url(TEMPLATE))
        ((directory,),) = query(server.url(), "SHOW data_directory")
        with PostgresControl(server, Path(str(directory))) as control:
            yield control


@pytest.fixture
def postgres(postgres_control: PostgresControl) -> Iterator[PostgresControl]:
    """Return the same with a fresh database; it runs again afterwards."""
    with postgres_control.fresh_database(TEMPLATE):
        yield postgres_control


@pytest.fixture
def service_on_own_postgres(postgres: PostgresControl, tmp_path: Path) -> Iterator[ServiceProcess]:
    with tracking_process(
        postgres.url, tmp_path / "tracking.log", PRESENCE_TIMEOUT_SECONDS=PRESENCE_TIMEOUT_SECONDS
    ) as process:
        yield process
