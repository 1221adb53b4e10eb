"""Fixtures with services as processes, on the PostgreSQL that all tests share or on one of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import migrate, query, temporary_postgres
from tests.recovery.lessons import PRESENCE_TIMEOUT
from tests.recovery.postgres_control import PostgresControl
from tests.service_process import ServiceProcess, tracking_process

PRESENCE_TIMEOUT_SECONDS = str(int(PRESENCE_TIMEOUT.total_seconds()))


@pytest.fixture
def tracking_service(database: str, tmp_path: Path) -> Iterator[ServiceProcess]:
    with tracking_process(
        database, tmp_path / "tracking.log", PRESENCE_TIMEOUT_SECONDS=PRESENCE_TIMEOUT_SECONDS
    ) as process:
        yield process


@pytest.fixture
def postgres() -> Iterator[PostgresControl]:
    """Start a PostgreSQL that the test may stop, kill and bring to a halt."""
    with temporary_postgres() as server:
        migrate(server.url())
        ((directory,),) = query(server.url(), "SHOW data_directory")
        control = PostgresControl(server, Path(str(directory)))
        yield control
        control.close()


@pytest.fixture
def service_on_own_postgres(postgres: PostgresControl, tmp_path: Path) -> Iterator[ServiceProcess]:
    with tracking_process(
        postgres.url, tmp_path / "tracking.log", PRESENCE_TIMEOUT_SECONDS=PRESENCE_TIMEOUT_SECONDS
    ) as process:
        yield process
