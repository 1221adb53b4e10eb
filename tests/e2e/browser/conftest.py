"""One database, one tracking service, one gateway and one browser for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext

from development.postgres import EmbeddedPostgres
from testkit import browser as fixtures
from testkit.browser import window
from testkit.envoy import Gateway, running_gateway
from testkit.ports import free_port
from testkit.postgres import fresh_database
from testkit.presence_socket_process import PresenceSocketProcess, presence_socket_process
from testkit.service_process import ServiceProcess, tracking_process
from testkit.tokens import SECRET, token
from testkit.whiteboard_sessions import STUDENT, TUTOR, add_whiteboard_session
from tests.e2e.browser.facts import Facts
from tests.e2e.browser.network import Network, interruptible_network
from tests.e2e.browser.whiteboard import Whiteboard

browser, playwright = fixtures.browser, fixtures.playwright

HEARTBEAT_SECONDS = 0.2
#: No test reaches it, however slow the machine is.
TIMEOUT_SECONDS = 60
#: One heartbeat interval is promised; a busy machine may be this late.
TOLERANCE = timedelta(seconds=3)


@dataclass(frozen=True, kw_only=True, slots=True)
class Platform:
    """Everything that a page talks to."""

    database: str
    tracking: ServiceProcess
    socket: PresenceSocketProcess
    gateway: Gateway

    @property
    def url(self) -> str:
        """The address of the pages."""
        return self.gateway.url

    def wait_until_serving(self) -> None:
        """Return when the gateway forwards calls to the tracking service."""
        session_id = add_whiteboard_session(self.database)
        self.gateway.wait_until(lambda: _serves(self.gateway, session_id))


@pytest.fixture(scope="package")
def platform(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    directory = tmp_path_factory.mktemp("platform")
    timing = {
        "HEARTBEAT_INTERVAL_SECONDS": str(HEARTBEAT_SECONDS),
        "PRESENCE_TIMEOUT_SECONDS": str(TIMEOUT_SECONDS),
    }
    with (
        fresh_database(postgres_server, template=migrated_template) as database,
        tracking_process(database, directory / "tracking.log", **timing) as tracking,
        presence_socket_process(tracking.address, directory / "socket.log") as socket,
        running_gateway(directory / "gateway", _addresses(tracking, socket.address)) as gateway,
    ):
        platform = Platform(database=database, tracking=tracking, socket=socket, gateway=gateway)
        platform.wait_until_serving()
        yield platform


@pytest.fixture(scope="package")
def gateway_without_sockets(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Return a gateway without WebSockets, like the proxies of some schools."""
    unused_address = f"127.0.0.1:{free_port()}"
    with running_gateway(tmp_path_factory.mktemp("gateway"), _addresses(platform.tracking, unused_address)) as gateway:
        gateway.wait_until(lambda: _serves(gateway, add_whiteboard_session(platform.database)))
        yield gateway


@pytest.fixture
def session_id(platform: Platform) -> int:
    return add_whiteboard_session(platform.database)


@pytest.fixture
def student(platform: Platform, session_id: int) -> Facts:
    """Return the student's facts."""
    return Facts(platform.database, session_id, STUDENT, tolerance=TOLERANCE)


@pytest.fixture
def student_window(browser: Browser) -> Iterator[BrowserContext]:
    """Open the student's window."""
    with window(browser, STUDENT, "student") as context:
        yield context


@pytest.fixture
def board(student_window: BrowserContext, platform: Platform, session_id: int) -> Whiteboard:
    """Open the student's whiteboard and wait until the student is present."""
    board = Whiteboard(student_window, platform.url, session_id)
    board.is_present("socket")
    return board


@pytest.fixture
def network(platform: Platform) -> Iterator[Network]:
    with interruptible_network(platform.gateway.port) as network:
        yield network


def _addresses(tracking: ServiceProcess, socket_address: str) -> dict[str, str]:
    # No test here calls the attendance service.
    return {
        "JWT_HS256_SECRET": SECRET,
        "TRACKING_ADDRESS": tracking.address,
        "ATTENDANCE_ADDRESS": tracking.address,
        "SOCKET_ADDRESS": socket_address,
    }


def _serves(gateway: Gateway, session_id: int) -> bool:
    path = f"{gateway.url}/api/whiteboard/sessions/{session_id}/connection-status"
    headers = {"authorization": f"Bearer {token(TUTOR, 'tutor')}"}
    return httpx.get(path, headers=headers).status_code == httpx.codes.OK
