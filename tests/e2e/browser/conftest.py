"""One database, one tracking service, one gateway and one browser for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest

from development.postgres import EmbeddedPostgres
from testkit.envoy import Gateway, running_gateway
from testkit.ports import free_port
from testkit.postgres import fresh_database
from testkit.presence_socket_process import PresenceSocketProcess, presence_socket_process
from testkit.service_process import ServiceProcess, tracking_process
from testkit.tokens import SECRET, token
from testkit.whiteboard_sessions import STUDENT, TUTOR, add_whiteboard_session
from tests.e2e.browser import fixtures
from tests.e2e.browser.facts import Facts

browser, playwright = fixtures.browser, fixtures.playwright

HEARTBEAT_SECONDS = 2
#: The shortest that such heartbeats allow.
TIMEOUT_SECONDS = 6
#: One heartbeat interval is what is promised; a second is what a busy machine may be late.
TOLERANCE = timedelta(seconds=HEARTBEAT_SECONDS + 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Platform:
    """Everything that a page meets."""

    database: str
    tracking: ServiceProcess
    socket: PresenceSocketProcess
    gateway: Gateway

    @property
    def url(self) -> str:
        """Where the pages are."""
        return self.gateway.url


@pytest.fixture(scope="package")
def platform(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    directory = tmp_path_factory.mktemp("platform")
    pace = {
        "HEARTBEAT_INTERVAL_SECONDS": str(HEARTBEAT_SECONDS),
        "PRESENCE_TIMEOUT_SECONDS": str(TIMEOUT_SECONDS),
    }
    with (
        fresh_database(postgres_server, template=migrated_template) as database,
        tracking_process(database, directory / "tracking.log", **pace) as tracking,
        presence_socket_process(tracking.address, directory / "socket.log") as socket,
        running_gateway(directory / "gateway", _addresses(tracking, socket.address)) as gateway,
    ):
        gateway.wait_until(lambda: _serves(gateway, add_whiteboard_session(database)))
        yield Platform(database=database, tracking=tracking, socket=socket, gateway=gateway)


@pytest.fixture(scope="package")
def gateway_without_sockets(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Return a gateway through which no socket gets, as behind many a school's proxy."""
    nobody = f"127.0.0.1:{free_port()}"
    with running_gateway(tmp_path_factory.mktemp("gateway"), _addresses(platform.tracking, nobody)) as gateway:
        gateway.wait_until(lambda: _serves(gateway, add_whiteboard_session(platform.database)))
        yield gateway


@pytest.fixture
def session_id(platform: Platform) -> int:
    return add_whiteboard_session(platform.database)


@pytest.fixture
def student(platform: Platform, session_id: int) -> Facts:
    """Return the student's facts."""
    return Facts(platform.database, session_id, STUDENT, tolerance=TOLERANCE)


def _addresses(tracking: ServiceProcess, socket_address: str) -> dict[str, str]:
    # Nothing is asked of the attendance service here.
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
