"""A real attendance service in this process, on a real database, spoken to over real gRPC."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from grpc import aio

from attendance_service.app import AttendanceApp
from attendance_service.settings import AttendanceSettings
from testkit.running_app import channel_to, running
from testkit.tokens import SECRET
from testkit.tracking_app import tracking_settings
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import ADMIN, PARENT, STUDENT, TUTOR, Platform
from tests.integration.attendance.tracking_stand_in import TrackingStandIn, serving, there
from tracking_service.app import TrackingApp


@pytest.fixture
def platform(database: str) -> Iterator[Platform]:
    platform = Platform(database)
    yield platform
    platform.close()


@pytest.fixture
async def tracking_server() -> AsyncIterator[tuple[TrackingStandIn, aio.Server, int]]:
    tracking = TrackingStandIn()
    async with serving(tracking) as (server, port):
        yield tracking, server, port


@pytest.fixture
def tracking(tracking_server: tuple[TrackingStandIn, aio.Server, int]) -> TrackingStandIn:
    return tracking_server[0]


@pytest.fixture
def settings(
    database: str, tracking_server: tuple[TrackingStandIn, aio.Server, int], monkeypatch: pytest.MonkeyPatch
) -> AttendanceSettings:
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("JWT_HS256_SECRET", SECRET)
    monkeypatch.setenv("ATTENDANCE_PORT", "0")
    monkeypatch.setenv("TRACKING_ADDRESS", f"127.0.0.1:{tracking_server[2]}")
    return AttendanceSettings()


@pytest.fixture
async def app(settings: AttendanceSettings) -> AsyncIterator[AttendanceApp]:
    async with running(AttendanceApp(settings)) as app:
        yield app


@pytest.fixture
async def channel(app: AttendanceApp) -> AsyncIterator[aio.Channel]:
    async with channel_to(app) as channel:
        yield channel


@pytest.fixture
def tutor(channel: aio.Channel, platform: Platform) -> Client:  # noqa: ARG001 - the person has to exist
    return Client(channel, TUTOR, "tutor")


@pytest.fixture
def student(channel: aio.Channel, platform: Platform) -> Client:  # noqa: ARG001
    return Client(channel, STUDENT, "student")


@pytest.fixture
def parent(channel: aio.Channel, platform: Platform) -> Client:  # noqa: ARG001
    return Client(channel, PARENT, "parent")


@pytest.fixture
def admin(channel: aio.Channel, platform: Platform) -> Client:  # noqa: ARG001
    return Client(channel, ADMIN, "admin")


@pytest.fixture
def lesson(platform: Platform, tracking: TrackingStandIn) -> int:
    """Return a session (of both courses) whose tutor was there and whose student was 10 minutes late."""
    session_id, whiteboard = platform.add_lesson()
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, [there(10, 60)]))
    return session_id


@pytest.fixture
async def tracking_service(database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TrackingApp]:
    """A real one, for what the stand-in need not be asked for."""
    async with running(TrackingApp(tracking_settings(database, monkeypatch))) as app:
        yield app


@pytest.fixture
async def both_services(
    tracking_service: TrackingApp,
    settings: AttendanceSettings,
    platform: Platform,  # noqa: ARG001
) -> AsyncIterator[aio.Channel]:
    """A channel to an attendance service that asks the real tracking service."""
    address = f"127.0.0.1:{tracking_service.port}"
    asking = settings.model_copy(update={"tracking_address": address})
    async with running(AttendanceApp(asking)) as app, channel_to(app) as channel:
        yield channel
