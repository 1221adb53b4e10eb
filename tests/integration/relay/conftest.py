"""A relay and a real tracking service in this process, which may be stopped and started again on the same port."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.tracking_app import tracking_settings
from tests.whiteboards import add_whiteboard_session
from tracking_service.app import TrackingApp
from tracking_service.settings import TrackingSettings


class Service:
    """A tracking service that keeps its address."""

    def __init__(self, settings: TrackingSettings) -> None:
        self._settings = settings
        self._app: TrackingApp | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._settings.tracking_port}"

    async def start(self) -> None:
        self._app = TrackingApp(self._settings)
        await self._app.start()
        self._settings = self._settings.model_copy(update={"tracking_port": self._app.port})

    async def stop(self) -> None:
        if self._app is not None:
            app, self._app = self._app, None
            await app.stop()


@pytest.fixture
async def service(database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    service = Service(tracking_settings(database, monkeypatch))
    await service.start()
    yield service
    await service.stop()


@pytest.fixture
def session_id(database: str) -> int:
    return add_whiteboard_session(database)
