"""The presence socket or the tracking service is killed, and pages that reconnect in time continue their intervals."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest
from grpc import aio

from astegni.tracking.v1 import tracking_pb2 as pb
from astegni.tracking.v1 import tracking_pb2_grpc
from development.postgres import EmbeddedPostgres
from heartbeat_relay.standstill import MAX_STANDSTILL_SECONDS
from servicekit.clock import MICROSECONDS_PER_SECOND
from testkit.eventually import eventually
from testkit.facts import query_facts
from testkit.postgres import fresh_database, query
from testkit.presence_socket_process import PresenceSocketProcess, presence_socket_process
from testkit.service_process import ServiceProcess, tracking_process
from testkit.tokens import metadata, token
from testkit.whiteboard_pages import connected_page
from testkit.whiteboard_sessions import RELAY, STUDENT, TUTOR, add_whiteboard_session, intervals
from tests.recovery.conftest import PRESENCE_TIMEOUT_SECONDS
from tracking_service.domain.relay_coverage import MAX_UNRECORDED


@pytest.fixture(scope="module")
def database(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[str]:
    with fresh_database(postgres_server, template=migrated_template) as url:
        yield url


@pytest.fixture(scope="module")
def tracking_of_module(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    settings = {"HEARTBEAT_INTERVAL_SECONDS": "0.1", "PRESENCE_TIMEOUT_SECONDS": PRESENCE_TIMEOUT_SECONDS}
    with tracking_process(database, tmp_path_factory.mktemp("tracking") / "log", **settings) as process:
        yield process


@pytest.fixture(scope="module")
def socket_of_module(
    tracking_of_module: ServiceProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PresenceSocketProcess]:
    with presence_socket_process(tracking_of_module.address, tmp_path_factory.mktemp("socket") / "log") as process:
        yield process


@pytest.fixture
def tracking(tracking_of_module: ServiceProcess) -> ServiceProcess:
    return running(tracking_of_module)


@pytest.fixture
def socket(tracking: ServiceProcess, socket_of_module: PresenceSocketProcess) -> PresenceSocketProcess:
    assert tracking.is_running
    return running(socket_of_module)


_ProcessT = TypeVar("_ProcessT", bound=ServiceProcess)


def running(process: _ProcessT) -> _ProcessT:
    """Start the process again if an earlier test has ended it."""
    if not process.is_running:
        process.start()
    return process


@pytest.fixture
def session_id(database: str) -> int:
    return add_whiteboard_session(database)


async def test_killing_the_presence_socket_ends_no_presence(
    socket: PresenceSocketProcess, database: str, session_id: int
) -> None:
    student = token(STUDENT, "student")
    async with connected_page(socket.port, session_id, student) as page:
        socket.kill()
        code, _ = await page.wait_closed()
        assert code == 1006
    await asyncio.to_thread(socket.start)
    async with connected_page(socket.port, session_id, student):
        assert [reason for _, _, reason in intervals(database, session_id)] == [None]


async def test_while_the_presence_socket_alone_is_down_nobody_is_absent(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path: Path
) -> None:
    # A page has this long to come back. The outage lasts longer, or its presence would go on without a gap.
    rhythm = {"HEARTBEAT_INTERVAL_SECONDS": "0.5", "PRESENCE_TIMEOUT_SECONDS": "7"}
    with (
        # In the database of the module another presence socket may run.
        fresh_database(postgres_server, template=migrated_template) as database,
        tracking_process(database, tmp_path / "tracking.log", **rhythm) as tracking,
        presence_socket_process(tracking.address, tmp_path / "socket.log") as socket,
    ):
        session_id, by_rest_alone = (add_whiteboard_session(database) for _ in range(2))
        for end in (socket.kill, socket.terminate):
            began = datetime.now(UTC)
            async with (
                connected_page(socket.port, session_id, token(TUTOR, "tutor")),
                connected_page(socket.port, session_id, token(STUDENT, "student")),
            ):
                await asyncio.to_thread(end)
                down = datetime.now(UTC)
            await asyncio.sleep(MAX_UNRECORDED / MICROSECONDS_PER_SECOND)
            up = datetime.now(UTC)
            await asyncio.to_thread(socket.start)
            async with connected_page(socket.port, session_id, token(TUTOR, "tutor")):
                found = await measured(tracking, session_id, began)
                others = await measured(tracking, by_rest_alone, began)
            tutor, student = found.participants
            (gap,) = found.observation_gaps
            assert gap.started_at.ToDatetime(UTC) <= down
            assert gap.ended_at.ToDatetime(UTC) >= up
            assert ([one.assumed for one in tutor.intervals][-2:], tutor.reconnect_count) == ([True, False], 0)
            # What is recorded lags behind, so the gap began before they came; they may have been seen since.
            assert student.unknown[-1].ended_at == gap.ended_at
            assert list(others.observation_gaps) == []


async def measured(tracking: ServiceProcess, session_id: int, since: datetime) -> pb.GetConnectionMetricsResponse:
    request = pb.GetConnectionMetricsRequest(session_id=session_id)
    request.window_start.FromDatetime(since)
    request.window_end.FromDatetime(datetime.now(UTC))
    async with aio.insecure_channel(tracking.address) as channel:
        facts = tracking_pb2_grpc.PresenceQueryServiceStub(channel)
        answer: pb.GetConnectionMetricsResponse = await facts.GetConnectionMetrics(
            request, metadata=metadata(token(RELAY, "service"))
        )
    return answer


async def test_killing_the_tracking_service_loses_no_sign_of_life_of_connected_pages(
    tracking: ServiceProcess, socket: PresenceSocketProcess, database: str, session_id: int
) -> None:
    where = f"WHERE whiteboard_session_id = {session_id}"
    moved = f"""
        SELECT FROM presence_intervals {where}
        AND last_sign_at > (SELECT max(occurred_at) FROM connection_events {where})"""  # noqa: S608
    async with (
        connected_page(socket.port, session_id, token(STUDENT, "student")) as student,
        connected_page(socket.port, session_id, token(TUTOR, "tutor")) as tutor,
    ):
        tracking.kill()
        await student.send_activity("draw")
        await tutor.send_activity("type")
        await asyncio.to_thread(tracking.start)
        await student.wait_for_ack(1)
        await tutor.wait_for_ack(1)
        await eventually(lambda: len(query(database, moved)) == 2)
        assert [reason for _, _, reason in intervals(database, session_id)] == [None, None]
    counts = f"SELECT activity_type, occurrences FROM activity_periods {where} ORDER BY 1"  # noqa: S608
    assert query_facts(database, counts) == [
        ("draw", 1),
        ("type", 1),
    ]


async def test_sigterm_is_no_disconnect(socket: PresenceSocketProcess, database: str, session_id: int) -> None:
    async with connected_page(socket.port, session_id, token(STUDENT, "student")) as page:
        ending = asyncio.create_task(asyncio.to_thread(socket.terminate))
        assert await page.wait_closed() == (1012, "RESTARTING")
        assert await ending == 0
    recorded = f"SELECT event FROM connection_events WHERE whiteboard_session_id = {session_id}"  # noqa: S608
    assert query_facts(database, recorded) == [("connect",)]
    assert [reason for _, _, reason in intervals(database, session_id)] == [None]


async def test_a_presence_socket_that_was_stopped_and_continued_reports_that_it_was_blind(
    socket: PresenceSocketProcess, database: str, session_id: int
) -> None:
    gaps = f"SELECT 1 FROM relay_observation_gaps WHERE whiteboard_session_ids @> '{{{session_id}}}'"  # noqa: S608
    async with connected_page(socket.port, session_id, token(STUDENT, "student")) as page:
        with socket.suspended():
            stopped = datetime.now(UTC)
            await asyncio.sleep(MAX_STANDSTILL_SECONDS + 1)
            continued = datetime.now(UTC)
        await eventually(lambda: query(database, gaps))
        page.reset()
    assert query(database, f"{gaps} AND started_at < '{stopped}' AND ended_at > '{continued}'") == [(1,)]


async def test_sigterm_ends_the_process_also_while_the_tracking_service_is_down(
    tracking: ServiceProcess, socket: PresenceSocketProcess, session_id: int
) -> None:
    async with connected_page(socket.port, session_id, token(STUDENT, "student")) as page:
        tracking.kill()
        await page.send_activity("draw")
        await page.wait_until_read()
        ending = asyncio.create_task(asyncio.to_thread(socket.terminate))
        await page.wait_closed()
        assert await ending == 0
    assert "has not answered" in socket.log()
