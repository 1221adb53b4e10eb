"""Fixtures with services as processes, on a PostgreSQL that other tests use too or on one of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from development.postgres import EmbeddedPostgres
from tests.postgres import migrate, temporary_postgres
from tests.recovery.lessons import PRESENCE_TIMEOUT
from tests.service_process import ServiceProcess, tracking_process

# These tests start PostgreSQL, which forks, in the midst of calls: gRPC's own handlers of forks crash the child then.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "false"

PRESENCE_TIMEOUT_SECONDS = str(int(PRESENCE_TIMEOUT.total_seconds()))


@pytest.fixture
def tracking_service(database: str, tmp_path: Path) -> Iterator[ServiceProcess]:
    with tracking_process(
        database, tmp_path / "tracking.log", PRESENCE_TIMEOUT_SECONDS=PRESENCE_TIMEOUT_SECONDS
    ) as process:
        yield process


@pytest.fixture
def own_postgres() -> Iterator[EmbeddedPostgres]:
    """Start a PostgreSQL that the test may stop, kill and bring to a halt."""
    with temporary_postgres() as server:
        migrate(server.url())
        yield server


@pytest.fixture
def service_on_own_postgres(own_postgres: EmbeddedPostgres, tmp_path: Path) -> Iterator[ServiceProcess]:
    with tracking_process(
        own_postgres.url(), tmp_path / "tracking.log", PRESENCE_TIMEOUT_SECONDS=PRESENCE_TIMEOUT_SECONDS
    ) as process:
        yield process
