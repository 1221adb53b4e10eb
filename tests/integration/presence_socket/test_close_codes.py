"""Every close code, and what the page is told before it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from testkit.postgres import query
from testkit.tokens import token
from testkit.whiteboard_pages import SUBPROTOCOL, Page, opened, page_of, present
from testkit.whiteboard_sessions import RELAY, STUDENT
from tests.integration.presence_socket.conftest import Socket

UNKNOWN_SESSION = 999_999
STRANGER = 31_337
#: Ended longer ago than the grace of 30 s.
EXPIRED = timedelta(minutes=-5)
#: Ends in a second and a half, grace included.
ABOUT_TO_EXPIRE = timedelta(seconds=-28.5)


async def why(page: Page) -> tuple[int | None, str]:
    """Return the close code and the reason, which the page is told twice."""
    error = await page.heard("error")
    code, reason = await page.closed()
    assert reason == error["reason"]
    assert error["message"]
    return code, error["reason"]


@pytest.mark.parametrize("message", ["draw", b'{"type": "activity", "activity_type": "draw"}'])
async def test_a_message_that_is_none_of_the_protocol_closes_with_4400(
    socket: Socket, session_id: int, student_token: str, message: str | bytes
) -> None:
    async with present(socket.port, session_id, student_token) as page:
        await page.connection.send(message)
        assert await why(page) == (4400, "MESSAGE_INVALID")


async def test_a_user_type_that_is_none_closes_with_4400(socket: Socket, session_id: int, student_token: str) -> None:
    async with page_of(socket.port, session_id, student_token, user_type="parent") as page:
        assert await why(page) == (4400, "USER_TYPE_INVALID")


@pytest.mark.parametrize(
    ("offered", "reason"), [((), "BEARER_MISSING"), (("bearer.",), "BEARER_MISSING"), (("bearer.x",), "TOKEN_INVALID")]
)
async def test_a_token_that_is_missing_or_not_valid_closes_with_4401(
    socket: Socket, session_id: int, offered: tuple[str, ...], reason: str
) -> None:
    async with opened(socket.port, f"/ws/whiteboard/{session_id}", SUBPROTOCOL, *offered) as page:
        assert await why(page) == (4401, reason)


@pytest.mark.parametrize(
    ("bearer", "user_type", "reason"),
    [
        (token(STRANGER, "student"), "student", "NOT_A_PARTICIPANT"),
        (token(STUDENT, "student"), "tutor", "IDENTITY_MISMATCH"),
        (token(RELAY, "service"), "student", "NOT_A_PERSON"),
    ],
    ids=["a stranger", "in another role", "a service"],
)
async def test_whoever_takes_no_part_in_the_session_is_closed_with_4403(
    socket: Socket, session_id: int, bearer: str, user_type: str, reason: str
) -> None:
    async with page_of(socket.port, session_id, bearer, user_type=user_type) as page:
        assert await why(page) == (4403, reason)


async def test_whoever_was_refused_leaves_no_trace(socket: Socket, database: str, session_id: int) -> None:
    async with page_of(socket.port, session_id, token(STRANGER, "student")) as page:
        await page.closed()
    assert query(database, "SELECT FROM presence_intervals") == []


async def test_a_session_that_does_not_exist_closes_with_4404(socket: Socket, student_token: str) -> None:
    async with page_of(socket.port, UNKNOWN_SESSION, student_token) as page:
        assert await why(page) == (4404, "WHITEBOARD_SESSION_NOT_FOUND")


async def test_a_token_that_has_expired_closes_with_4408(socket: Socket, session_id: int) -> None:
    async with page_of(socket.port, session_id, token(STUDENT, "student", lifetime=EXPIRED)) as page:
        assert await why(page) == (4408, "TOKEN_EXPIRED")


async def test_a_token_that_expires_closes_the_socket_with_4408(socket: Socket, session_id: int) -> None:
    async with page_of(socket.port, session_id, token(STUDENT, "student", lifetime=ABOUT_TO_EXPIRE)) as page:
        await page.heard("connected")
        assert await why(page) == (4408, "TOKEN_EXPIRED")


async def test_a_message_that_is_too_long_closes_with_1009(socket: Socket, session_id: int, student_token: str) -> None:
    async with present(socket.port, session_id, student_token) as page:
        await page.connection.send("x" * 1_025)
        code, _ = await page.closed()
        assert code == 1009
