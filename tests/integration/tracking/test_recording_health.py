"""Health tells a service that takes calls from one that can record (docs/operations.md#health)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy.engine import make_url

from servicekit.rpc.probe import is_serving
from testkit.grpc_errors import refusal
from testkit.heartbeat_client import HeartbeatStream, event
from testkit.postgres import execute
from testkit.running_app import channel_to, running
from testkit.whiteboard_sessions import STUDENT
from tracking_service import recording_health
from tracking_service.app import SERVICES, TrackingApp
from tracking_service.recording_health import RECORDING
from tracking_service.settings import TrackingSettings

#: A statement that is refused, as by a database whose roles or tables are not what they should be.
REFUSE = "REVOKE INSERT ON presence_journal FROM tracking_service"
ALLOW = "GRANT INSERT ON presence_journal TO tracking_service"
TERMINATE = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'tracking_service' AND datname = '{}'"""
POLL_SECONDS = 0.05


async def until_recording(address: str, *, is_able: bool) -> None:
    """Wait until health says so; meanwhile the services themselves report SERVING."""
    async with asyncio.timeout(60):
        while await is_serving(address, RECORDING) != is_able:
            for service in ("", *SERVICES):
                assert await is_serving(address, service)
            await asyncio.sleep(POLL_SECONDS)


async def test_a_service_that_can_not_record_still_serves_and_health_says_what_it_can_not(
    settings: TrackingSettings, database: str, relay_token: str, session_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording_health, "MAX_UNABLE_SECONDS", 0)
    async with running(TrackingApp(settings)) as app, channel_to(app) as channel:
        address = f"127.0.0.1:{app.port}"
        await until_recording(address, is_able=True)
        connect = event(1, "connect", session_id, STUDENT, at=datetime.now(UTC))
        execute(database, REFUSE)
        try:
            refused = HeartbeatStream(channel, relay_token)
            await refused.open()
            await refused.send_events(connect)
            await refusal(refused.acknowledged(1))
            await until_recording(address, is_able=False)
        finally:
            execute(database, ALLOW)
        stream = HeartbeatStream(channel, relay_token)
        await stream.open()
        await stream.send_events(connect)
        await stream.acknowledged(1)
        await until_recording(address, is_able=True)


async def test_while_the_database_refuses_the_login_health_says_that_nothing_can_be_recorded(
    settings: TrackingSettings, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording_health, "MAX_UNABLE_SECONDS", 0)
    url = make_url(database)
    another = url.set(database="postgres").render_as_string(hide_password=False)
    async with running(TrackingApp(settings)) as app:
        address = f"127.0.0.1:{app.port}"
        await until_recording(address, is_able=True)
        execute(another, f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS false", TERMINATE.format(url.database))
        try:
            await until_recording(address, is_able=False)
        finally:
            execute(another, f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS true")
        await until_recording(address, is_able=True)
