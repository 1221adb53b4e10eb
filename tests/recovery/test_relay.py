"""Whatever happens to the service's process, a relay delivers every event exactly once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count

import pytest

from heartbeat_relay import HeartbeatRelay
from testkit.postgres import execute
from testkit.pytest_plugins.thorough import thoroughly
from testkit.relays import draw, make_relay, stream_count, strokes
from testkit.service_process import ServiceProcess
from testkit.whiteboard_sessions import add_whiteboard_session

STUDENTS = range(200, 220)
#: Each with a session of its own.
STREAMS = 3
KILLS = thoroughly(2, thorough=20)
TERMINATIONS = thoroughly(5, thorough=50)
#: How many strokes are kept while the service is down.
CAPACITY = 5_000
TERMINATE = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'tracking_service' AND datname = current_database()"""


class Board:
    """A whiteboard server on which students draw all the time, in several sessions."""

    def __init__(self, relay: HeartbeatRelay, sessions: Sequence[int]) -> None:
        self._relay = relay
        self._sessions = sessions
        self.drawn = 0

    async def draw_until_cancelled(self) -> None:
        for number in count():
            await self._relay.room()
            session_id = self._sessions[number % len(self._sessions)]
            draw(self._relay, session_id, number / 10, user_id=STUDENTS[number % len(STUDENTS)])
            self.drawn += 1
            await asyncio.sleep(0)

    async def acknowledged(self, more: int) -> None:
        """Wait until this many more strokes are acknowledged."""
        goal = self._relay.statistics.acknowledged + more
        while self._relay.statistics.acknowledged < goal:
            await self._relay.flushed()
            await asyncio.sleep(0)


@asynccontextmanager
async def busy_board(address: str, database: str) -> AsyncIterator[Board]:
    sessions = [add_whiteboard_session(database, students=STUDENTS) for _ in range(STREAMS)]
    async with make_relay(address, streams=STREAMS, capacity=CAPACITY) as relay:
        board = Board(relay, sessions)
        drawing = asyncio.create_task(board.draw_until_cancelled())
        try:
            yield board
        finally:
            drawing.cancel()
            await asyncio.gather(drawing, return_exceptions=True)


@pytest.mark.timeout(300)
async def test_after_kill_9_and_restart_every_stroke_is_counted_once(
    tracking_service: ServiceProcess, database: str
) -> None:
    choice = random.Random(11)
    async with busy_board(tracking_service.address, database) as board:
        for _ in range(KILLS):
            await board.acknowledged(choice.randint(1, 1_500))
            tracking_service.kill()
            await asyncio.to_thread(tracking_service.start)
        await board.acknowledged(1)
    assert strokes(database) == board.drawn
    assert stream_count(database) == STREAMS


async def test_after_an_orderly_restart_every_stroke_is_counted_once(
    tracking_service: ServiceProcess, database: str
) -> None:
    async with busy_board(tracking_service.address, database) as board:
        await board.acknowledged(500)
        status = await asyncio.to_thread(tracking_service.terminate)
        await asyncio.to_thread(tracking_service.start)
        await board.acknowledged(1)
    assert status == 0
    assert strokes(database) == board.drawn


async def test_after_terminated_database_connections_every_stroke_is_counted_once(
    tracking_service: ServiceProcess, database: str
) -> None:
    async with busy_board(tracking_service.address, database) as board:
        for _ in range(TERMINATIONS):
            await board.acknowledged(200)
            await asyncio.to_thread(execute, database, TERMINATE)
        await board.acknowledged(1)
    assert strokes(database) == board.drawn
