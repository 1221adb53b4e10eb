"""A real attendance service in this process, on a real database, called over real gRPC.

Each module has one service and one database. Every test starts with the same rows and a tracking service that knows
nothing. Tests that stop something or change tables use `own_service`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from grpc import aio

from attendance_service.app import AttendanceApp
from attendance_service.settings import AttendanceSettings
from development.postgres import EmbeddedPostgres
from testkit.postgres import fresh_database
from testkit.running_app import channel_to, running
from testkit.tracking_app import tracking_settings
from tests.integration.attendance.claims import days_ago
from tests.integration.attendance.client import Client
from tests.integration.attendance.own_service import OwnService, attendance_settings, running_own_service
from tests.integration.attendance.platform import (
    ADMIN,
    CLASS,
    CLASSMATE,
    OTHER_STUDENT,
    PARENT,
    STUDENT,
    TUTOR,
    Platform,
)
from tests.integration.attendance.tracking_stand_in import TrackingServer, TrackingStandIn, there
from tracking_service.app import TrackingApp

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests of a module in one event loop, because they share a service."""
    for item in items:
        if item.path.is_relative_to(_HERE) and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="module"), append=False)


@pytest.fixture(scope="module")
def database(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[str]:
    """Return the URL of the module's database."""
    with fresh_database(postgres_server, template=migrated_template) as url:
        yield url


@pytest.fixture(scope="module")
def module_platform(database: str) -> Iterator[Platform]:
    platform = Platform(database)
    yield platform
    platform.close()


@pytest.fixture
def platform(module_platform: Platform) -> Platform:
    module_platform.reset()
    return module_platform


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tracking_server() -> AsyncIterator[TrackingServer]:
    async with TrackingServer() as server:
        yield server


@pytest.fixture
def tracking(tracking_server: TrackingServer) -> Iterator[TrackingStandIn]:
    tracking = tracking_server.tracking = TrackingStandIn()
    yield tracking
    tracking.answering.set()


@pytest.fixture(scope="module")
def settings(database: str, tracking_server: TrackingServer) -> AttendanceSettings:
    return attendance_settings(database, tracking_server)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app(settings: AttendanceSettings) -> AsyncIterator[AttendanceApp]:
    async with running(AttendanceApp(settings)) as app:
        yield app


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def module_channel(app: AttendanceApp) -> AsyncIterator[aio.Channel]:
    async with channel_to(app) as channel:
        yield channel


@pytest.fixture
def channel(
    module_channel: aio.Channel,
    platform: Platform,  # noqa: ARG001 - every test starts with its rows
    tracking: TrackingStandIn,  # noqa: ARG001
) -> aio.Channel:
    return module_channel


@pytest.fixture
def tutor(channel: aio.Channel) -> Client:
    return Client(channel, TUTOR, "tutor")


@pytest.fixture
def student(channel: aio.Channel) -> Client:
    return Client(channel, STUDENT, "student")


@pytest.fixture
def parent(channel: aio.Channel) -> Client:
    return Client(channel, PARENT, "parent")


@pytest.fixture
def admin(channel: aio.Channel) -> Client:
    return Client(channel, ADMIN, "admin")


@pytest.fixture
def lesson(platform: Platform, tracking: TrackingStandIn) -> int:
    """Return a session (of both courses) whose tutor was present and whose student was 10 minutes late."""
    session_id, whiteboard = platform.add_lesson()
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, [there(10, 60)]))
    return session_id


@pytest.fixture
def recent(platform: Platform) -> int:
    """Return a lesson that ended a day ago, about which claims can be raised."""
    return platform.add_session(**days_ago(1))


@pytest.fixture
def recent_class(platform: Platform) -> int:
    """Return the same of the class of two."""
    return platform.add_session(enrolled_courses_id=CLASS, **days_ago(1))


@pytest.fixture
def class_(platform: Platform, tracking: TrackingStandIn) -> int:
    """Return a lesson of a class of three: Dawit was there all the time, Sara came late, the third one never."""
    platform.run("UPDATE enrolled_courses SET students_id = '{22,21,23}' WHERE id = %s", CLASS)
    session_id, whiteboard = platform.add_lesson(enrolled_courses_id=CLASS)
    tracking.knows(
        whiteboard,
        tutor=(TUTOR, [there(0, 60)]),
        one=(CLASSMATE, [there(0, 60)]),
        two=(STUDENT, [there(10, 60)]),
        three=(OTHER_STUDENT, []),
    )
    return session_id


@pytest_asyncio.fixture(loop_scope="module")
async def own_service(postgres_server: EmbeddedPostgres, migrated_template: str) -> AsyncIterator[OwnService]:
    with fresh_database(postgres_server, template=migrated_template) as url:
        async with running_own_service(url) as service:
            yield service


@pytest_asyncio.fixture(loop_scope="module")
async def tracking_service(
    database: str,
    platform: Platform,  # noqa: ARG001 - its rows are written before the service starts
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[TrackingApp]:
    """A real tracking service, where the stand-in is not needed."""
    async with running(TrackingApp(tracking_settings(database, monkeypatch))) as app:
        yield app


@pytest_asyncio.fixture(loop_scope="module")
async def both_services(tracking_service: TrackingApp, settings: AttendanceSettings) -> AsyncIterator[aio.Channel]:
    """A channel to an attendance service that calls the real tracking service."""
    address = f"127.0.0.1:{tracking_service.port}"
    app = AttendanceApp(settings.model_copy(update={"tracking_address": address}))
    async with running(app), channel_to(app) as channel:
        yield channel
