"""The presence socket and the tracking service are killed: whoever comes back in time was never away."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from testkit.eventually import eventually
from testkit.postgres import query
from testkit.presence_socket_process import PresenceSocketProcess, presence_socket_process
from testkit.service_process import ServiceProcess, tracking_process
from testkit.tokens import token
from testkit.whiteboard_pages import present
from testkit.whiteboard_sessions import STUDENT, TUTOR, add_whiteboard_session, intervals
from tests.recovery.conftest import PRESENCE_TIMEOUT_SECONDS


@pytest.fixture
def tracking(database: str, tmp_path: Path) -> Iterator[ServiceProcess]:
    settings = {"HEARTBEAT_INTERVAL_SECONDS": "1", "PRESENCE_TIMEOUT_SECONDS": PRESENCE_TIMEOUT_SECONDS}
    with tracking_process(database, tmp_path / "tracking.log", **settings) as process:
        yield process


@pytest.fixture
def socket(tracking: ServiceProcess, tmp_path: Path) -> Iterator[PresenceSocketProcess]:
    with presence_socket_process(tracking.address, tmp_path / "socket.log") as process:
        yield process


@pytest.fixture
def session_id(database: str) -> int:
    return add_whiteboard_session(database)


async def test_a_presence_socket_that_is_killed_ends_nobody_s_presence(
    socket: PresenceSocketProcess, database: str, session_id: int
) -> None:
    student = token(STUDENT, "student")
    async with present(socket.port, session_id, student) as page:
        socket.kill()
        code, _ = await page.closed()
        assert code == 1006
    await asyncio.to_thread(socket.start)
    async with present(socket.port, session_id, student):
        assert [reason for _, _, reason in intervals(database, session_id)] == [None]


async def test_a_tracking_service_that_is_killed_loses_no_sign_of_life_of_those_who_stay(
    tracking: ServiceProcess, socket: PresenceSocketProcess, database: str, session_id: int
) -> None:
    moved = "SELECT FROM presence_intervals WHERE last_sign_at > (SELECT max(occurred_at) FROM connection_events)"
    async with (
        present(socket.port, session_id, token(STUDENT, "student")) as student,
        present(socket.port, session_id, token(TUTOR, "tutor")) as tutor,
    ):
        tracking.kill()
        await student.do("draw")
        await tutor.do("type")
        await asyncio.to_thread(tracking.start)
        await student.acknowledged(1)
        await tutor.acknowledged(1)
        await eventually(lambda: len(query(database, moved)) == 2)
        assert [reason for _, _, reason in intervals(database, session_id)] == [None, None]
    assert query(database, "SELECT activity_type, occurrences FROM activity_periods ORDER BY 1") == [
        ("draw", 1),
        ("type", 1),
    ]


async def test_sigterm_commits_the_disconnects_before_the_end(
    socket: PresenceSocketProcess, database: str, session_id: int
) -> None:
    async with present(socket.port, session_id, token(STUDENT, "student")) as page:
        ending = asyncio.create_task(asyncio.to_thread(socket.terminate))
        assert await page.closed() == (1012, "RESTARTING")
        assert await ending == 0
    assert [reason for _, _, reason in intervals(database, session_id)] == ["closed"]


async def test_sigterm_while_the_tracking_service_is_away_ends_the_process_all_the_same(
    tracking: ServiceProcess, socket: PresenceSocketProcess, session_id: int
) -> None:
    async with present(socket.port, session_id, token(STUDENT, "student")) as page:
        tracking.kill()
        ending = asyncio.create_task(asyncio.to_thread(socket.terminate))
        await page.closed()
        assert await ending == 0
    assert "has not answered" in socket.log()
