"""One database, one tracking service, one gateway and one browser for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from development.postgres import EmbeddedPostgres
from tests.e2e.browser.windows import running_browser
from tests.e2e.envoy import ROOT, Gateway, running_gateway
from tests.postgres import fresh_database
from tests.service_process import ServiceProcess, tracking_process
from tests.tokens import SECRET, token
from tests.whiteboards import TUTOR, add_whiteboard_session

HEARTBEAT_SECONDS = 1
#: Short enough to wait for, long enough for a busy machine to beat in time.
TIMEOUT_SECONDS = 6
#: For people to look at after the run.
PICTURES = ROOT / ".screenshots"


@dataclass(frozen=True, kw_only=True, slots=True)
class Platform:
    """Everything that a page meets."""

    database: str
    tracking: ServiceProcess
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
        running_gateway(directory / "gateway", _addresses(tracking)) as gateway,
    ):
        _wait_until_served(gateway, add_whiteboard_session(database))
        yield Platform(database=database, tracking=tracking, gateway=gateway)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def session_id(platform: Platform) -> int:
    return add_whiteboard_session(platform.database)


@pytest.fixture
def pictures() -> Path:
    return PICTURES


def _addresses(tracking: ServiceProcess) -> dict[str, str]:
    # Nothing is asked of the attendance service here.
    return {
        "JWT_HS256_SECRET": SECRET,
        "TRACKING_ADDRESS": tracking.address,
        "ATTENDANCE_ADDRESS": tracking.address,
    }


def _wait_until_served(gateway: Gateway, session_id: int) -> None:
    path = f"{gateway.url}/api/whiteboard/sessions/{session_id}/connection-status"
    headers = {"authorization": f"Bearer {token(TUTOR, 'tutor')}"}
    gateway.wait_until(lambda: httpx.get(path, headers=headers).status_code == httpx.codes.OK)
