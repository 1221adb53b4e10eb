"""A presence socket and a real tracking service in this process, on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from gateway.presence_socket.app import PresenceSocketApp
from gateway.presence_socket.settings import PresenceSocketSettings
from testkit.tokens import token
from testkit.tracking_app import Service, tracking_settings
from testkit.whiteboard_sessions import STUDENT, add_whiteboard_session

#: As short as the service takes them, so that nobody waits long for pings and timeouts.
RHYTHM = {"HEARTBEAT_INTERVAL_SECONDS": "1", "PRESENCE_TIMEOUT_SECONDS": "3"}


@pytest.fixture
def outage() -> timedelta:
    """Return for how long nothing may be committed before pages are told: longer than any test takes."""
    return timedelta(minutes=10)


@pytest.fixture
async def service(database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    service = Service(tracking_settings(database, monkeypatch, **RHYTHM))
    await service.start()
    yield service
    await service.stop()


class Socket:
    """A presence socket that may be stopped and started again on the same port."""

    def __init__(self, service: Service, outage: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
        self._outage = outage
        monkeypatch.setenv("TRACKING_ADDRESS", service.address)
        self._app: PresenceSocketApp | None = None
        self.port = 0

    async def start(self) -> None:
        """Read the settings from the environment and listen."""
        settings = PresenceSocketSettings().model_copy(update={"socket_port": self.port})
        self._app = PresenceSocketApp(settings, outage_threshold=self._outage)
        await self._app.start()
        self.port = self._app.port

    async def stop(self) -> None:
        if self._app is not None:
            app, self._app = self._app, None
            await app.stop()


@pytest.fixture
async def socket(service: Service, outage: timedelta, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Socket]:
    socket = Socket(service, outage, monkeypatch)
    await socket.start()
    yield socket
    await socket.stop()


@pytest.fixture
def session_id(database: str) -> int:
    return add_whiteboard_session(database)


@pytest.fixture(scope="session")
def student_token() -> str:
    return token(STUDENT, "student")
