"""As long as a socket lives, its user is present."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from websockets.frames import CloseCode

from testkit.eventually import eventually
from testkit.facts import query_facts
from testkit.relays import strokes
from testkit.tokens import token
from testkit.whiteboard_pages import connected_page, open_page
from testkit.whiteboard_sessions import STUDENT, TUTOR, columns, intervals
from tests.integration.presence_socket.conftest import HEARTBEAT_INTERVAL_SECONDS, Socket

#: Far more than a page may send in a second.
FLOOD = 600


def last_interval(database: str) -> tuple[Any, ...]:
    """Return (started_at, last_sign_at, ended_at, end_reason) of the only interval."""
    (row,) = query_facts(database, "SELECT started_at, last_sign_at, ended_at, end_reason FROM presence_intervals")
    return row


def has_sign_after(database: str, time: datetime) -> bool:
    return bool(last_interval(database)[1] > time)


def has_ended(database: str) -> bool:
    return last_interval(database)[3] is not None


async def test_connected_is_sent_when_the_connect_is_in_the_database(
    socket: Socket, database: str, session_id: int, student_token: str, presence_timeout_seconds: float
) -> None:
    async with open_page(socket.port, session_id, student_token) as page:
        message = await page.receive()
        (connected_at,) = columns(database, session_id, "student_connected_at")
    assert message.pop("connection_id")
    assert datetime.fromisoformat(message.pop("connected_at")) == connected_at
    assert message == {
        "type": "connected",
        "session_id": session_id,
        "user_id": STUDENT,
        "user_type": "student",
        "heartbeat_interval_seconds": HEARTBEAT_INTERVAL_SECONDS,
        "presence_timeout_seconds": presence_timeout_seconds,
    }


async def test_a_pong_is_a_heartbeat_at_the_time_at_which_it_arrived(
    socket: Socket, database: str, session_id: int, student_token: str
) -> None:
    async with connected_page(socket.port, session_id, student_token) as page:
        connected = datetime.now(UTC)
        await eventually(partial(has_sign_after, database, connected))
        arrived = last_interval(database)[1]
        page.reset()
    assert connected < arrived < datetime.now(UTC)


async def test_activity_is_recorded_and_acknowledged(
    socket: Socket, database: str, session_id: int, student_token: str
) -> None:
    async with connected_page(socket.port, session_id, student_token) as page:
        for activity_type in ("draw", "type", "erase", "laser_pointer2"):
            await page.send_activity(activity_type)
        await page.wait_for_ack(4)
        recorded = query_facts(database, "SELECT activity_type FROM activity_periods ORDER BY activity_type")
    assert recorded == [("draw",), ("erase",), ("laser_pointer2",), ("type",)]


async def test_many_messages_of_one_type_in_a_second_become_few_events(
    socket: Socket, database: str, session_id: int, student_token: str
) -> None:
    async with connected_page(socket.port, session_id, student_token) as page:
        first_second = int(time.monotonic())
        for _ in range(30):
            await page.send_activity("draw")
        await page.wait_for_ack(30)
        last_second = int(time.monotonic())
    assert 1 <= strokes(database) <= last_second - first_second + 1


async def test_a_flood_of_messages_is_stamped_when_it_arrives(
    socket: Socket, database: str, session_id: int, student_token: str
) -> None:
    async with connected_page(socket.port, session_id, student_token) as page:
        for _ in range(FLOOD):
            await page.send_activity("draw")
    closed = datetime.now(UTC)
    await eventually(partial(has_ended, database))
    _, last_sign_at, ended_at, end_reason = last_interval(database)
    assert end_reason == "closed"
    assert last_sign_at <= ended_at < closed


async def test_a_flood_that_ends_with_a_reset_lets_presence_end_at_its_last_message(
    socket: Socket, database: str, session_id: int, student_token: str
) -> None:
    async with connected_page(socket.port, session_id, student_token) as page:
        for _ in range(FLOOD):
            await page.send_activity("draw")
        await page.wait_for_ack(FLOOD)
        reset = datetime.now(UTC)
        page.reset()
    await eventually(partial(has_ended, database))
    assert last_interval(database)[2] < reset


async def test_presence_ends_when_the_page_closes_its_socket(
    socket: Socket, database: str, session_id: int, student_token: str
) -> None:
    async with connected_page(socket.port, session_id, student_token):
        before = datetime.now(UTC)
    await eventually(partial(has_ended, database))
    _, last_sign_at, ended_at, end_reason = last_interval(database)
    assert end_reason == "closed"
    assert last_sign_at < before < ended_at


async def test_presence_ends_at_the_last_sign_of_life_when_the_connection_is_reset(
    socket: Socket, database: str, session_id: int, student_token: str
) -> None:
    async with connected_page(socket.port, session_id, student_token) as page:
        await eventually(partial(has_sign_after, database, datetime.now(UTC)))
        page.reset()
    await eventually(partial(has_ended, database))
    _, last_sign_at, ended_at, end_reason = last_interval(database)
    # The page may have been gone for long when its connection ended, so this proves no departure.
    assert (end_reason, ended_at) == ("timed_out", last_sign_at)


@pytest.mark.parametrize("presence_timeout_seconds", [0.5])
async def test_presence_ends_at_the_last_sign_of_life_when_a_page_answers_no_ping_for_the_presence_timeout(
    socket: Socket, database: str, session_id: int, student_token: str
) -> None:
    async with connected_page(socket.port, session_id, student_token) as page:
        page.stop_reading()
        await eventually(partial(has_ended, database))
        page.resume_reading()
        assert await page.wait_closed() == (CloseCode.ABNORMAL_CLOSURE, "")
    _, last_sign_at, ended_at, end_reason = last_interval(database)
    assert (end_reason, ended_at) == ("timed_out", last_sign_at)


async def test_a_page_that_reconnects_within_the_timeout_continues_its_interval(
    socket: Socket, database: str, session_id: int, student_token: str
) -> None:
    async with connected_page(socket.port, session_id, student_token):
        pass
    async with connected_page(socket.port, session_id, student_token) as page:
        assert len(intervals(database, session_id)) == 1
        page.reset()


async def test_presence_goes_on_when_one_of_two_tabs_is_closed(
    socket: Socket, database: str, session_id: int, student_token: str
) -> None:
    closed = "SELECT FROM connection_events WHERE event = 'disconnect'"
    async with connected_page(socket.port, session_id, student_token) as first:
        async with connected_page(socket.port, session_id, student_token):
            pass
        await eventually(lambda: query_facts(database, closed))
        assert not has_ended(database)
        first.reset()


async def test_each_socket_has_its_own_connection_id(socket: Socket, session_id: int, student_token: str) -> None:
    async with (
        open_page(socket.port, session_id, student_token) as one,
        open_page(socket.port, session_id, student_token) as other,
    ):
        assert (await one.receive())["connection_id"] != (await other.receive())["connection_id"]


async def test_without_user_type_the_role_is_that_of_the_token(socket: Socket, session_id: int) -> None:
    async with open_page(socket.port, session_id, token(TUTOR, "tutor")) as page:
        assert (await page.receive())["user_type"] == "tutor"


async def test_the_handshake_response_contains_the_protocol_and_not_the_token(
    socket: Socket, session_id: int, student_token: str
) -> None:
    async with open_page(socket.port, session_id, student_token) as page:
        response = page.connection.response
        assert response is not None
        assert response.headers["sec-websocket-protocol"] == "astegni.presence.v1"
        assert student_token not in str(response.headers)
