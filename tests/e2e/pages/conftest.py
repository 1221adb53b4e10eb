"""One site and one browser for all tests of this folder. Tests that change something add lessons of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from development.demo.people import Person
from development.demo.stories import STORIES
from development.demo.timetable import timetable
from development.postgres import EmbeddedPostgres
from testkit.envoy import running_gateway
from testkit.postgres import fresh_database
from testkit.presence_socket_process import presence_socket_process
from testkit.service_process import attendance_process, tracking_process
from testkit.tokens import SECRET
from tests.e2e.browser import fixtures
from tests.e2e.browser.windows import LIMIT_MILLISECONDS
from tests.e2e.pages.hard_names import insert_hard_names
from tests.e2e.pages.site import ZONE, Site, token_of
from tests.e2e.pages.veteran import VETERAN, add_veteran

browser, playwright = fixtures.browser, fixtures.playwright

OpenWindow = Callable[..., Page]


@pytest.fixture(scope="package")
def site(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Return the product with the demo's data, which tests only read."""
    directory = tmp_path_factory.mktemp("site")
    with (
        fresh_database(postgres_server, template=migrated_template) as database,
        tracking_process(database, directory / "tracking.log") as tracking,
        attendance_process(database, tracking.address, directory / "attendance.log") as attendance,
        presence_socket_process(tracking.address, directory / "socket.log") as socket,
    ):
        addresses = {
            "JWT_HS256_SECRET": SECRET,
            "TRACKING_ADDRESS": tracking.address,
            "ATTENDANCE_ADDRESS": attendance.address,
            "SOCKET_ADDRESS": socket.address,
        }
        with running_gateway(directory / "gateway", addresses) as gateway:
            site = Site(database=database, tracking=tracking, attendance=attendance, gateway=gateway)
            now = datetime.now(UTC)
            insert_hard_names(site)
            site.tell(timetable(STORIES, now, zone=ZONE), now)
            gateway.wait_until_healthy()
            yield site


@pytest.fixture(scope="package")
def veteran(site: Site) -> Person:
    """Return a student whose lessons no other test changes."""
    add_veteran(site)
    return VETERAN


@pytest.fixture
def open_window(browser: Browser, site: Site) -> Iterator[OpenWindow]:
    """Return a way to open a page as somebody: `open_window(person, "#/sessions", **context options)`.

    `bearer` is another token than the person's fresh one, `url` another gateway than the site's. A page that throws an
    error or that the content security policy stops fails the test.
    """
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_(
        person: Person, fragment: str = "#/", *, bearer: str | None = None, url: str | None = None, **options: object
    ) -> Page:
        token = token_of(person) if bearer is None else bearer
        context = browser.new_context(**options)  # type: ignore[arg-type] # passed on as they are
        contexts.append(context)
        context.set_default_timeout(LIMIT_MILLISECONDS)
        context.add_init_script(f"localStorage.getItem('token') ?? localStorage.setItem('token', {token!r})")
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda line: problems.append(line.text) if "Content Security" in line.text else None)
        page.goto(f"{url or site.url}/{fragment}")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert problems == []
