"""A real tracking service in this process, on a real database, called over real gRPC.

Each module has one service and one database, which is emptied before every test. Modules whose tests stop the service
or change tables override `app`, `channel` or `database`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from grpc import aio

from astegni.tracking.v1 import tracking_pb2_grpc
from testkit import shared_database
from testkit.running_app import channel_to, running
from testkit.tokens import token
from testkit.tracking_app import tracking_settings
from testkit.whiteboard_sessions import RELAY, STUDENT, TUTOR, add_whiteboard_session
from tracking_service.app import TrackingApp
from tracking_service.settings import TrackingSettings

module_database, table_reset = shared_database.module_database, shared_database.table_reset
database = shared_database.database

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests of a module in one event loop if some of them share a service."""
    own = [item for item in items if item.path.is_relative_to(_HERE)]
    with_shared_service = {item.path for item in own if "module_channel" in getattr(item, "fixturenames", ())}
    for item in own:
        if item.path in with_shared_service and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="module"), append=False)


@pytest.fixture(scope="module")
def module_settings(module_database: str) -> Iterator[TrackingSettings]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield tracking_settings(module_database, monkeypatch)


@pytest.fixture
def settings(
    module_settings: TrackingSettings,
    database: str,  # noqa: ARG001 - every test starts with empty tables
) -> TrackingSettings:
    return module_settings


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app(module_settings: TrackingSettings) -> AsyncIterator[TrackingApp]:
    async with running(TrackingApp(module_settings)) as app:
        yield app


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def module_channel(app: TrackingApp) -> AsyncIterator[aio.Channel]:
    async with channel_to(app) as channel:
        yield channel


@pytest.fixture
def channel(
    module_channel: aio.Channel,
    database: str,  # noqa: ARG001 - every test starts with empty tables
) -> aio.Channel:
    return module_channel


@pytest.fixture
def tracking(channel: aio.Channel) -> tracking_pb2_grpc.TrackingServiceAsyncStub:
    return tracking_pb2_grpc.TrackingServiceStub(channel)


@pytest.fixture
def facts(channel: aio.Channel) -> tracking_pb2_grpc.PresenceQueryServiceAsyncStub:
    return tracking_pb2_grpc.PresenceQueryServiceStub(channel)


@pytest.fixture
def session_id(database: str) -> int:
    return add_whiteboard_session(database)


@pytest.fixture(scope="session")
def tutor_token() -> str:
    return token(TUTOR, "tutor")


@pytest.fixture(scope="session")
def student_token() -> str:
    return token(STUDENT, "student")


@pytest.fixture(scope="session")
def relay_token() -> str:
    return token(RELAY, "service")
