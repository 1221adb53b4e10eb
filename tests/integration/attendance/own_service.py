"""An attendance service for a test that stops something or changes tables."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass

from grpc import aio
from pydantic import SecretStr

from attendance_service.app import AttendanceApp
from attendance_service.settings import AttendanceSettings
from testkit.running_app import channel_to, running
from testkit.tokens import SECRET
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import Platform
from tests.integration.attendance.tracking_stand_in import TrackingServer, TrackingStandIn


@dataclass(frozen=True, kw_only=True)
class OwnService:
    """A running service with a database and a tracking service of its own."""

    app: AttendanceApp
    channel: aio.Channel
    platform: Platform
    tracking_server: TrackingServer

    @property
    def tracking(self) -> TrackingStandIn:
        return self.tracking_server.tracking

    def client(self, user: int, role: str) -> Client:
        return Client(self.channel, user, role)


@asynccontextmanager
async def running_own_service(database: str) -> AsyncIterator[OwnService]:
    with closing(Platform(database)) as platform:
        platform.reset()
        async with TrackingServer() as tracking_server:
            app = AttendanceApp(attendance_settings(database, tracking_server))
            async with running(app), channel_to(app) as channel:
                yield OwnService(app=app, channel=channel, platform=platform, tracking_server=tracking_server)


def attendance_settings(database: str, tracking_server: TrackingServer) -> AttendanceSettings:
    return AttendanceSettings(
        database_url=SecretStr(database),
        jwt_hs256_secret=SecretStr(SECRET),
        attendance_port=0,
        tracking_address=f"127.0.0.1:{tracking_server.port}",
        # Tests settle sessions when they want to.
        settling_interval_seconds=3600,
    )
