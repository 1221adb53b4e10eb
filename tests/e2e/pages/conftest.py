"""A site for each file of this folder, so that no test meets what another file wrote.

Its services and its database are its own. The gateway in front of them and the browser go on from file to file: they
keep nothing of what a test does, and starting them, with a cache that is empty, would double the time of a set-up.

The tests of a file share its site: those that change something add lessons of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from development.demo.people import Person
from development.demo.stories import STORIES
from development.demo.timetable import timetable
from development.postgres import EmbeddedPostgres
from testkit import browser as fixtures
from testkit.browser import LIMIT_MILLISECONDS, launch
from testkit.envoy import Gateway, running_gateway
from testkit.ports import HOST, free_port
from testkit.postgres import fresh_database
from testkit.presence_socket_process import presence_socket_process
from testkit.service_process import attendance_process, tracking_process
from testkit.tokens import SECRET
from tests.e2e.pages.hard_names import insert_hard_names
from tests.e2e.pages.site import ZONE, Site
from tests.e2e.pages.veteran import VETERAN, add_veteran
from tests.e2e.pages.windows import Windows, keep_renderer

playwright = fixtures.playwright

#: Seconds. Looking more often takes processor time from all tests that run meanwhile.
SETTLES_SOON = "0.5"

OpenWindow = Callable[..., Page]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ports:
    """Where the gateway finds the services."""

    tracking: int
    attendance: int
    socket: int


@pytest.fixture(scope="package")
def ports() -> Ports:
    """Return where the services of each file listen, one file after the other."""
    return Ports(tracking=free_port(), attendance=free_port(), socket=free_port())


@pytest.fixture(scope="package")
def gateway(ports: Ports, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Return an Envoy in front of the services of every file: it keeps nothing that a test could change."""
    settings = {
        "JWT_HS256_SECRET": SECRET,
        "TRACKING_ADDRESS": f"{HOST}:{ports.tracking}",
        "ATTENDANCE_ADDRESS": f"{HOST}:{ports.attendance}",
        "SOCKET_ADDRESS": f"{HOST}:{ports.socket}",
    }
    with running_gateway(tmp_path_factory.mktemp("gateway"), settings) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def site(
    postgres_server: EmbeddedPostgres,
    migrated_template: str,
    ports: Ports,
    gateway: Gateway,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """Return the product with the demo's data, which tests leave as it is."""
    directory = tmp_path_factory.mktemp("site")
    with (
        fresh_database(postgres_server, template=migrated_template) as database,
        tracking_process(database, directory / "tracking.log", TRACKING_PORT=str(ports.tracking)) as tracking,
        attendance_process(
            database,
            tracking.address,
            directory / "attendance.log",
            ATTENDANCE_PORT=str(ports.attendance),
            SETTLING_INTERVAL_SECONDS=SETTLES_SOON,
        ) as attendance,
        presence_socket_process(tracking.address, directory / "socket.log", SOCKET_PORT=str(ports.socket)),
    ):
        site = Site(database=database, tracking=tracking, attendance=attendance, gateway=gateway)
        now = datetime.now(UTC)
        insert_hard_names(site)
        site.record(timetable(STORIES, now, zone=ZONE), now)
        gateway.wait_until_healthy()
        gateway.wait_until_sockets_are_accepted()
        yield site


@pytest.fixture(scope="module")
def veteran(site: Site) -> Person:
    """Return a student whose lessons no other test changes."""
    add_veteran(site)
    return VETERAN


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Return a browser that starts no renderer for each page: that would take half of these tests' processor time."""
    browser = launch(playwright, "--renderer-process-limit=1")
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def shared_context(browser: Browser, gateway: Gateway) -> Iterator[BrowserContext]:
    """Return a context whose cache tests share: else each window would load every script again."""
    with browser.new_context() as context:
        context.set_default_timeout(LIMIT_MILLISECONDS)
        keep_renderer(context, gateway.url)
        yield context


@pytest.fixture
def open_window(browser: Browser, shared_context: BrowserContext, site: Site) -> Iterator[OpenWindow]:
    """Return a way to open a page as a person: `Windows.open`. A page's error fails the test."""
    windows = Windows(browser, shared_context, site.url)
    yield windows.open
    windows.close()
    assert windows.problems == []
