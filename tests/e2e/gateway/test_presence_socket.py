"""The presence socket through a real Envoy, to the real tracking service and a real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from development.postgres import EmbeddedPostgres
from gateway.presence_socket.legacy_sockets import MAX_LEGACY_SOCKETS_PER_ADDRESS
from testkit.envoy import Gateway, running_gateway
from testkit.eventually import eventually
from testkit.postgres import fresh_database, query
from testkit.presence_socket_process import PresenceSocketProcess, presence_socket_process
from testkit.service_process import tracking_process
from testkit.tokens import SECRET, token
from testkit.whiteboard_pages import SUBPROTOCOL, connected_page, open_page, open_socket
from testkit.whiteboard_sessions import STUDENT, TUTOR, add_whiteboard_session, intervals

UNKNOWN_SESSION = 999_999
SETTINGS = {"HEARTBEAT_INTERVAL_SECONDS": "1", "PRESENCE_TIMEOUT_SECONDS": "30"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Stack:
    """Everything that a page's socket passes."""

    gateway: Gateway
    socket: PresenceSocketProcess
    database: str
    logs: Path

    @property
    def port(self) -> int:
        return self.gateway.port


@pytest.fixture(scope="module")
def stack(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    logs = tmp_path_factory.mktemp("stack")
    with (
        fresh_database(postgres_server, template=migrated_template) as database,
        tracking_process(database, logs / "tracking.log", **SETTINGS) as tracking,
        presence_socket_process(tracking.address, logs / "socket.log") as socket,
        running_gateway(
            logs / "gateway",
            {"JWT_HS256_SECRET": SECRET, "TRACKING_ADDRESS": tracking.address, "SOCKET_ADDRESS": socket.address},
        ) as gateway,
    ):
        gateway.wait_until_sockets_are_accepted()
        yield Stack(gateway=gateway, socket=socket, database=database, logs=logs)


@pytest.fixture
def session_id(stack: Stack) -> int:
    return add_whiteboard_session(stack.database)


async def test_a_page_is_present_as_long_as_its_socket_lives(stack: Stack, session_id: int) -> None:
    async with connected_page(stack.port, session_id, token(STUDENT, "student")) as page:
        await page.send_activity("draw")
        await page.wait_for_ack(1)
        assert [reason for _, _, reason in intervals(stack.database, session_id)] == [None]
    await eventually(lambda: intervals(stack.database, session_id)[0][2] == "closed")


async def test_pings_and_pongs_pass_the_gateway(stack: Stack, session_id: int) -> None:
    moved = f"SELECT FROM presence_intervals WHERE whiteboard_session_id = {session_id} AND last_sign_at > started_at"
    async with connected_page(stack.port, session_id, token(STUDENT, "student")):
        await eventually(lambda: query(stack.database, moved))


async def test_a_killed_browser_is_seen_through_the_gateway(stack: Stack, session_id: int) -> None:
    async with connected_page(stack.port, session_id, token(STUDENT, "student")) as page:
        page.reset()
    await eventually(lambda: intervals(stack.database, session_id)[0][2] == "timed_out")


async def test_close_codes_and_reasons_pass_the_gateway(stack: Stack, session_id: int) -> None:
    async with open_page(stack.port, UNKNOWN_SESSION, token(STUDENT, "student")) as page:
        assert await page.wait_closed() == (4404, "WHITEBOARD_SESSION_NOT_FOUND")
    async with open_socket(stack.port, f"/ws/whiteboard/{session_id}", SUBPROTOCOL, "bearer.x") as page:
        assert await page.wait_closed() == (4401, "TOKEN_INVALID")


async def test_a_restart_of_the_presence_socket_interrupts_no_presence(stack: Stack, session_id: int) -> None:
    student = token(STUDENT, "student")
    async with connected_page(stack.port, session_id, student) as page:
        ending = asyncio.create_task(asyncio.to_thread(stack.socket.terminate))
        assert (await page.receive_type("draining"))["reconnect_after_seconds"] >= 1
        assert await page.wait_closed() == (1012, "RESTARTING")
        assert await ending == 0
    stack.socket.start()
    stack.gateway.wait_until_sockets_are_accepted()
    async with connected_page(stack.port, session_id, student):
        assert [reason for _, _, reason in intervals(stack.database, session_id)] == [None]


async def test_nothing_else_may_become_a_socket(stack: Stack, session_id: int) -> None:
    for path in ("/ws/whiteboard/x", f"/api/whiteboard/sessions/{session_id}/connection-status"):
        with pytest.raises(InvalidStatus) as refused:
            async with open_socket(stack.port, path, SUBPROTOCOL, f"bearer.{token(TUTOR, 'tutor')}"):
                pass
        assert refused.value.response.status_code in {401, 403}


async def test_a_client_can_not_name_another_address_to_have_more_legacy_sockets(stack: Stack, session_id: int) -> None:
    async with AsyncExitStack() as opened:
        pages = [
            await opened.enter_async_context(
                open_socket(stack.port, f"/ws/whiteboard/{session_id}", client_address=f"203.0.113.{number}")
            )
            for number in range(MAX_LEGACY_SOCKETS_PER_ADDRESS + 1)
        ]
        assert await pages[-1].wait_closed() == (1013, "TRY_AGAIN_LATER")
        for page in pages[:-1]:
            # Quicker than a closing handshake.
            page.reset()


async def test_the_token_reaches_no_log(stack: Stack, session_id: int) -> None:
    student = token(STUDENT, "student")
    async with connected_page(stack.port, session_id, student):
        pass
    await eventually(lambda: b"/ws/whiteboard/" in stack.gateway.access_log.read_bytes())
    for log in (stack.gateway.access_log, stack.logs / "gateway" / "envoy.log", stack.logs / "socket.log"):
        assert student not in log.read_text()


async def test_without_a_presence_socket_a_page_gets_503(stack: Stack, session_id: int) -> None:
    stack.socket.kill()
    with pytest.raises(InvalidStatus) as refused:
        async with open_page(stack.port, session_id, token(STUDENT, "student")):
            pass
    assert refused.value.response.status_code == 503
    stack.socket.start()
    stack.gateway.wait_until_sockets_are_accepted()
