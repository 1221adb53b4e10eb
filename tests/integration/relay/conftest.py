"""A real tracking service in this process; tests stop it and start it again on the same port."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from testkit import shared_database
from testkit.tracking_app import Service, tracking_settings
from testkit.whiteboard_sessions import add_whiteboard_session

module_database, table_reset = shared_database.module_database, shared_database.table_reset
database = shared_database.database


@pytest.fixture
async def service(database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    service = Service(tracking_settings(database, monkeypatch))
    await service.start()
    yield service
    await service.stop()


@pytest.fixture
def session_id(database: str) -> int:
    return add_whiteboard_session(database)
