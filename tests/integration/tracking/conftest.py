"""A real tracking service in this process, on a real database, spoken to over real gRPC."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from grpc import aio

from astegni.tracking.v1 import tracking_pb2_grpc
from testkit.running_app import channel_to, running
from testkit.tokens import token
from testkit.tracking_app import tracking_settings
from testkit.whiteboard_sessions import RELAY, STUDENT, TUTOR, add_whiteboard_session
from tracking_service.app import TrackingApp
from tracking_service.settings import TrackingSettings


@pytest.fixture
def settings(database: str, monkeypatch: pytest.MonkeyPatch) -> TrackingSettings:
    return tracking_settings(database, monkeypatch)


@pytest.fixture
async def app(settings: TrackingSettings) -> AsyncIterator[TrackingApp]:
    async with running(TrackingApp(settings)) as app:
        yield app


@pytest.fixture
async def channel(app: TrackingApp) -> AsyncIterator[aio.Channel]:
    async with channel_to(app) as channel:
        yield channel


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
