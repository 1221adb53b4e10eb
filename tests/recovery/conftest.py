"""Fixtures with services as processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service_process import ServiceProcess, tracking_process


@pytest.fixture
def tracking_service(database: str, tmp_path: Path) -> Iterator[ServiceProcess]:
    with tracking_process(database, tmp_path / "tracking.log") as process:
        yield process
