"""The life of a socket is the presence of its user."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

from websockets.frames import CloseCode

from testkit.eventually import eventually
from testkit.postgres import query
from testkit.relays import strokes
from testkit.tokens import token
from testkit.whiteboard_pages import page_of, present
from testkit.whiteboard_sessions import STUDENT, TUTOR, columns, intervals
from tests.integration.presence_socket.conftest import Socket


def last_interval(database: str) -> tuple[Any, ...]:
    """Return (started_at, last_sign_at, ended_at, end_reason) of the only interval."""
    (row,) = query(database, "SELECT started_at, last_sign_at, ended_at, end_reason FROM presence_intervals")
    return row


def is_heard_after(database: str, moment: datetime) -> bool:
    return bool(last_interval(database)[1] > moment)


def has_ended(database: str) -> bool:
    return last_interval(database)[3] is not None


async def test_connected_is_said_when_the_connect_is_in_the_database(
    socket: Socket, database: str, session_id: int, student_token: str
) -> None:
    async with page_of(socket.port, session_id, student_token) as page:
        said = await page.message()
        (connected_at,) = columns(database, session_id, "student_connected_at")
    assert said.pop("connection_id")
    assert datetime.fromisoformat(said.pop("connected_at")) == connected_at
    assert said == {
        "type": "connected",
        "session_id": session_id,
        "user_id": STUDENT,
        "user_type": "student",
        "heartbeat_interval_seconds": 1,
        "presence_timeout_seconds": 3,
    }


async def test_a_pong_is_a_heartbeat_at_the_time_at_which_it_arrived(
    socket: Socket, database: str, session_id: int, student_token: str
) -> None:
    async with present(socket.port, session_id, student_token) as page:
        connected = datetime.now(UTC)
        await eventually(partial(is_heard_after, database, connected))
        arrived = last_interval(database)[1]
        page.reset()
    assert connected < arrived < datetime.now(UTC)


async def test_activity_is_recorded_and_acknowledged(
    socket: Socket, database: str, session_id: int, student_token: str
) -> None:
    async with present(socket.port, session_id, student_token) as page:
        for word in ("draw", "type", "erase", "laser_pointer2"):
            await page.do(word)
        await page.acknowledged(4)
        recorded = query(database, "SELECT activity_type FROM activity_periods ORDER BY activity_type")
    assert recorded == [("draw",), ("erase",), ("laser_pointer2",), ("type",)]


async def test_the_same_word_many_times_in_a_second_becomes_few_events(
    socket: Socket, database: str, session_id: int, student_token: str
) -> None:
    async with present(socket.port, session_id, student_token) as page:
        for _ in range(30):
            await page.do("draw")
        await page.acknowledged(30)
    assert 1 <= strokes(database) <= 3


async def test_a_socket_that_is_closed_ends_the_presence_at_the_close(
    socket: Socket, database: str, session_id: int, student_token: str
) -> None:
    async with present(socket.port, session_id, student_token):
        before = datetime.now(UTC)
    await eventually(partial(has_ended, database))
    _, last_sign_at, ended_at, end_reason = last_interval(database)
    assert end_reason == "closed"
    assert last_sign_at < before < ended_at


async def test_a_socket_that_is_reset_ends_the_presence_at_the_last_sign_of_life(
    socket: Socket, database: str, session_id: int, student_token: str
) -> None:
    async with present(socket.port, session_id, student_token) as page:
        await eventually(partial(is_heard_after, database, datetime.now(UTC)))
        page.reset()
    await eventually(partial(has_ended, database))
    _, last_sign_at, ended_at, end_reason = last_interval(database)
    assert (end_reason, ended_at) == ("closed", last_sign_at)


async def test_a_page_that_answers_no_ping_for_the_presence_timeout_is_gone_since_its_last_sign_of_life(
    socket: Socket, database: str, session_id: int, student_token: str
) -> None:
    async with present(socket.port, session_id, student_token) as page:
        page.stop_reading()
        await eventually(partial(has_ended, database))
        page.read_on()
        assert await page.closed() == (CloseCode.ABNORMAL_CLOSURE, "")
    _, last_sign_at, ended_at, end_reason = last_interval(database)
    assert (end_reason, ended_at) == ("timed_out", last_sign_at)


async def test_whoever_comes_back_within_the_timeout_was_never_away(
    socket: Socket, database: str, session_id: int, student_token: str
) -> None:
    async with present(socket.port, session_id, student_token):
        pass
    async with present(socket.port, session_id, student_token) as page:
        assert len(intervals(database, session_id)) == 1
        page.reset()


async def test_closing_one_of_two_tabs_ends_nothing(
    socket: Socket, database: str, session_id: int, student_token: str
) -> None:
    closed = "SELECT FROM connection_events WHERE event = 'disconnect'"
    async with present(socket.port, session_id, student_token) as first:
        async with present(socket.port, session_id, student_token):
            pass
        await eventually(lambda: query(database, closed))
        assert not has_ended(database)
        first.reset()


async def test_each_socket_has_a_connection_of_its_own(socket: Socket, session_id: int, student_token: str) -> None:
    async with (
        page_of(socket.port, session_id, student_token) as one,
        page_of(socket.port, session_id, student_token) as other,
    ):
        assert (await one.message())["connection_id"] != (await other.message())["connection_id"]


async def test_the_role_may_be_left_to_the_token(socket: Socket, session_id: int) -> None:
    async with page_of(socket.port, session_id, token(TUTOR, "tutor")) as page:
        assert (await page.message())["user_type"] == "tutor"


async def test_the_answer_names_the_protocol_and_not_the_token(
    socket: Socket, session_id: int, student_token: str
) -> None:
    async with page_of(socket.port, session_id, student_token) as page:
        response = page.connection.response
        assert response is not None
        assert response.headers["sec-websocket-protocol"] == "astegni.presence.v1"
        assert student_token not in str(response.headers)
