"""Containers and Kubernetes give all replicas of the tracking service one name, and the attendance service uses it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from pydantic import SecretStr

from attendance_service.domain.errors import TrackingUnavailable
from attendance_service.settings import AttendanceSettings
from attendance_service.tracking.client import MAX_REPLICAS_ASKED, TrackingClient, WhiteboardWindow
from servicekit.auth.rotating_keys import rotating_keys
from servicekit.auth.service_token import ServiceToken
from servicekit.clock import SystemClock
from servicekit.identifiers import WhiteboardSessionId
from testkit.name_server import running_name_server
from testkit.service_process import tracking_process
from testkit.tokens import SECRET
from tests.integration.attendance.tracking_stand_in import TrackingServer

#: gRPC resolves a name again after 30 s unless it is told otherwise, and calls fail until then.
DEFAULT_SECONDS_BETWEEN_RESOLUTIONS = 30.0
#: Each second call would go to the one that stands still.
CALLS = 10
UNKNOWN = WhiteboardWindow(WhiteboardSessionId(1), None)


async def test_a_replica_that_was_started_later_takes_over_when_the_others_are_gone() -> None:
    with running_name_server() as names:
        async with TrackingServer("127.0.0.2:0") as first, TrackingServer(f"127.0.0.3:{first.port}") as second:
            names.addresses = ("127.0.0.2",)
            client = client_of(names.target(first.port))
            await client.facts_of_many([UNKNOWN])
            resolved = time.monotonic()
            assert (len(first.tracking.batches), len(second.tracking.batches)) == (1, 0)
            names.addresses = ("127.0.0.3",)
            await first.stop()
            await client.facts_of_many([UNKNOWN])
            assert time.monotonic() - resolved < DEFAULT_SECONDS_BETWEEN_RESOLUTIONS
            assert len(second.tracking.batches) == 1
            await client.close()


async def test_calls_go_to_all_replicas() -> None:
    with running_name_server() as names:
        async with TrackingServer("127.0.0.2:0") as first, TrackingServer(f"127.0.0.3:{first.port}") as second:
            names.addresses = ("127.0.0.2", "127.0.0.3")
            client = client_of(names.target(first.port))
            while not (first.tracking.batches and second.tracking.batches):
                await client.facts_of_many([UNKNOWN])
            await client.close()


async def test_a_replica_that_stands_still_fails_no_call(database: str, tmp_path: Path) -> None:
    with (
        tracking_process(database, tmp_path / "first.log") as first,
        tracking_process(database, tmp_path / "second.log") as second,
    ):
        client = client_of(f"ipv4:{first.address},{second.address}", deadline_seconds=5.0)
        await client.facts_of_many([UNKNOWN])
        with first.suspended():
            for _ in range(CALLS):
                await client.facts_of_many([UNKNOWN])
        await client.close()


async def test_a_call_that_nobody_answers_is_made_twice() -> None:
    async with TrackingServer() as server:
        server.tracking.answering.clear()
        client = client_of(f"127.0.0.1:{server.port}", deadline_seconds=1.0)
        with pytest.raises(TrackingUnavailable):
            await client.facts(WhiteboardSessionId(1), None)
        assert len(server.tracking.requests) == MAX_REPLICAS_ASKED
        await client.close()


def client_of(target: str, deadline_seconds: float = DEFAULT_SECONDS_BETWEEN_RESOLUTIONS) -> TrackingClient:
    settings = AttendanceSettings(
        database_url=SecretStr("postgresql://nowhere"), jwt_hs256_secret=SecretStr(SECRET), tracking_address=target
    )
    clock = SystemClock()
    token = ServiceToken(settings, keys=rotating_keys(settings), service="attendance-service", clock=clock)
    return TrackingClient(target, token, deadline_seconds)
