"""A real tracking service in the test process, on a free port; it can be restarted on the same port."""

from __future__ import annotations

import pytest

from testkit import facts
from testkit.tokens import SECRET
from tracking_service.app import TrackingApp
from tracking_service.settings import TrackingSettings


def tracking_settings(database: str, monkeypatch: pytest.MonkeyPatch, **chosen: str) -> TrackingSettings:
    """Return settings as a process would read them; `chosen` are further environment variables."""
    environment = {"DATABASE_URL": database, "JWT_HS256_SECRET": SECRET, "TRACKING_PORT": "0", **chosen}
    facts.note_settings(database, chosen)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return TrackingSettings()


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
