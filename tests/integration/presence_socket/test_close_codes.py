"""Every close code, and the error message before it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.presence_socket import handler, registry
from servicekit.clock import seconds
from testkit.facts import query_facts
from testkit.postgres import execute
from testkit.tokens import token
from testkit.tracking_app import Service
from testkit.whiteboard_pages import SUBPROTOCOL, Page, connected_page, open_page, open_socket
from testkit.whiteboard_sessions import RELAY, STUDENT, TUTOR
from tests.integration.presence_socket.conftest import Socket
from tracking_service import housekeeping

UNKNOWN_SESSION = 999_999
STRANGER = 31_337
#: Ended longer ago than the grace of 30 s.
EXPIRED = timedelta(minutes=-5)


async def close_reason(page: Page) -> tuple[int | None, str]:
    """Return the close code and the reason, which the error message and the close frame have in common."""
    error = await page.receive_type("error")
    code, reason = await page.wait_closed()
    assert reason == error["reason"]
    assert error["message"]
    return code, error["reason"]


@pytest.mark.parametrize("message", ["draw", b'{"type": "activity", "activity_type": "draw"}'])
async def test_a_message_that_is_not_of_the_protocol_closes_with_4400(
    socket: Socket, session_id: int, student_token: str, message: str | bytes
) -> None:
    async with connected_page(socket.port, session_id, student_token) as page:
        await page.connection.send(message)
        assert await close_reason(page) == (4400, "MESSAGE_INVALID")


async def test_a_user_with_too_many_sockets_is_closed_with_4429_until_one_is_closed(
    socket: Socket, session_id: int, student_token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await socket.stop()
    monkeypatch.setenv("MAX_SOCKETS_PER_USER", "1")
    monkeypatch.setattr(handler, "SLOW_REFUSAL_SECONDS", 0.1)
    await socket.start()
    for _ in range(2):
        async with connected_page(socket.port, session_id, student_token):
            async with open_page(socket.port, session_id, student_token) as page:
                assert await close_reason(page) == (4429, "TOO_MANY_SOCKETS")
            async with connected_page(socket.port, session_id, token(TUTOR, "tutor")):
                pass


async def test_an_unknown_user_type_closes_with_4400(socket: Socket, session_id: int, student_token: str) -> None:
    async with open_page(socket.port, session_id, student_token, user_type="parent") as page:
        assert await close_reason(page) == (4400, "USER_TYPE_INVALID")


@pytest.mark.parametrize(
    ("offered", "reason"), [((), "BEARER_MISSING"), (("bearer.",), "BEARER_MISSING"), (("bearer.x",), "TOKEN_INVALID")]
)
async def test_a_missing_or_invalid_token_closes_with_4401(
    socket: Socket, session_id: int, offered: tuple[str, ...], reason: str
) -> None:
    async with open_socket(socket.port, f"/ws/whiteboard/{session_id}", SUBPROTOCOL, *offered) as page:
        assert await close_reason(page) == (4401, reason)


@pytest.mark.parametrize(
    ("bearer", "user_type", "reason"),
    [
        (token(STRANGER, "student"), "student", "NOT_A_PARTICIPANT"),
        (token(STUDENT, "student"), "tutor", "IDENTITY_MISMATCH"),
        (token(RELAY, "service"), "student", "NOT_A_PERSON"),
    ],
    ids=["a stranger", "in another role", "a service"],
)
async def test_a_user_who_does_not_take_part_in_the_session_is_closed_with_4403(
    socket: Socket, session_id: int, bearer: str, user_type: str, reason: str
) -> None:
    async with open_page(socket.port, session_id, bearer, user_type=user_type) as page:
        assert await close_reason(page) == (4403, reason)


@pytest.fixture
async def frequent_checks(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tracking service check again and again who takes part."""
    await service.stop()
    monkeypatch.setattr(housekeeping, "MEMBERSHIP_INTERVAL_SECONDS", 0.1)
    await service.start()


@pytest.mark.usefixtures("frequent_checks")
async def test_a_user_who_is_taken_off_the_whiteboard_is_closed_with_4403(
    socket: Socket, database: str, session_id: int, student_token: str
) -> None:
    async with connected_page(socket.port, session_id, student_token) as page:
        execute(database, f"UPDATE whiteboard_sessions SET student_id = '{{{STRANGER}}}'")  # noqa: S608
        assert await close_reason(page) == (4403, "NOT_A_PARTICIPANT")
    assert query_facts(database, "SELECT end_reason FROM presence_intervals") == [("timed_out",)]


async def test_a_rejected_user_leaves_no_trace(socket: Socket, database: str, session_id: int) -> None:
    async with open_page(socket.port, session_id, token(STRANGER, "student")) as page:
        await page.wait_closed()
    assert query_facts(database, "SELECT FROM presence_intervals") == []


async def test_an_unknown_session_closes_with_4404(socket: Socket, student_token: str) -> None:
    async with open_page(socket.port, UNKNOWN_SESSION, student_token) as page:
        assert await close_reason(page) == (4404, "WHITEBOARD_SESSION_NOT_FOUND")


async def test_an_expired_token_closes_with_4408(socket: Socket, session_id: int) -> None:
    async with open_page(socket.port, session_id, token(STUDENT, "student", lifetime=EXPIRED)) as page:
        assert await close_reason(page) == (4408, "TOKEN_EXPIRED")


async def test_a_token_that_expires_closes_its_open_socket_with_4408(
    socket: Socket, session_id: int, student_token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connected_page(socket.port, session_id, student_token) as page:
        # As if two hours had passed.
        monkeypatch.setattr(registry, "TOKEN_EXPIRY_GRACE", seconds(-2 * 3600))
        assert await close_reason(page) == (4408, "TOKEN_EXPIRED")


async def test_too_long_a_message_closes_with_1009(socket: Socket, session_id: int, student_token: str) -> None:
    async with connected_page(socket.port, session_id, student_token) as page:
        await page.connection.send("x" * 1_025)
        code, _ = await page.wait_closed()
        assert code == 1009
