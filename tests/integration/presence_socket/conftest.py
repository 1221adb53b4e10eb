"""A presence socket and a real tracking service in this process, on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from gateway.presence_socket.app import PresenceSocketApp
from gateway.presence_socket.settings import PresenceSocketSettings
from testkit import shared_database
from testkit.tokens import token
from testkit.tracking_app import Service, tracking_settings
from testkit.whiteboard_sessions import STUDENT, add_whiteboard_session

module_database, table_reset = shared_database.module_database, shared_database.table_reset
database = shared_database.database

#: As short as the service allows, so that tests do not wait for pings.
HEARTBEAT_INTERVAL_SECONDS = 0.1


@pytest.fixture
def outage_threshold() -> timedelta:
    """Return a threshold that no test reaches."""
    return timedelta(minutes=10)


@pytest.fixture
def presence_timeout_seconds() -> float:
    """Return a timeout that no test reaches, however slow the machine is."""
    return 60


@pytest.fixture
async def service(
    database: str, presence_timeout_seconds: float, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Service]:
    timing = {
        "HEARTBEAT_INTERVAL_SECONDS": str(HEARTBEAT_INTERVAL_SECONDS),
        "PRESENCE_TIMEOUT_SECONDS": str(presence_timeout_seconds),
    }
    service = Service(tracking_settings(database, monkeypatch, **timing))
    await service.start()
    yield service
    await service.stop()


class Socket:
    """A presence socket that tests stop and start again on the same port."""

    def __init__(self, service: Service, outage_threshold: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
        self._outage_threshold = outage_threshold
        monkeypatch.setenv("TRACKING_ADDRESS", service.address)
        self._app: PresenceSocketApp | None = None
        self.port = 0

    async def start(self) -> None:
        """Read the settings from the environment and listen."""
        settings = PresenceSocketSettings().model_copy(update={"socket_port": self.port})
        self._app = PresenceSocketApp(settings, outage_threshold=self._outage_threshold)
        await self._app.start()
        self.port = self._app.port

    @property
    def metrics_port(self) -> int | None:
        return None if self._app is None else self._app.metrics.port

    async def stop(self) -> None:
        if self._app is not None:
            app, self._app = self._app, None
            await app.stop()


@pytest.fixture
async def socket(
    service: Service, outage_threshold: timedelta, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Socket]:
    socket = Socket(service, outage_threshold, monkeypatch)
    await socket.start()
    yield socket
    await socket.stop()


@pytest.fixture
def session_id(database: str) -> int:
    return add_whiteboard_session(database)


@pytest.fixture(scope="session")
def student_token() -> str:
    return token(STUDENT, "student")
