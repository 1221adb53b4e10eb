"""What has to hold on every view: WCAG 2.2 AA, room on small screens, names shown as text."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.e2e.browser.windows import LIMIT_MILLISECONDS
from tests.e2e.pages.site import Site, token_of
from tests.e2e.pages.visits import COUNT_CALLS, VISITS, Visit, settle

PHONE, DESKTOP = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=900)
#: The narrowest that WCAG 1.4.10 asks for: 1280 px at 400 %.
NARROWEST = ViewportSize(width=320, height=640)
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
#: What a view shows that was given nothing.
SLIPS = re.compile(r"\b(?:undefined|null|NaN|Invalid Date)\b|\[object ")
HOSTILE_NAME = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module", params=VISITS, ids=str)
def visited(request: pytest.FixtureRequest, browser: Browser, site: Site) -> Iterator[tuple[Visit, Page]]:
    """Return a view that has loaded; all tests of it share the window."""
    visit: Visit = request.param
    with browser.new_context(viewport=DESKTOP) as context:
        context.set_default_timeout(LIMIT_MILLISECONDS)
        context.add_init_script(f"localStorage.setItem('token', {token_of(visit.who)!r})")
        context.add_init_script(COUNT_CALLS)
        page = context.new_page()
        page.goto(f"{site.url}/{visit.address}")
        settle(page)
        yield visit, page


def violations(page: Page) -> str:
    """Return what axe finds; empty: nothing."""
    results = Axe().run(page, options=RULES)
    report: str = results.generate_report() if results.violations_count else ""
    return report


def test_it_meets_the_guidelines_on_a_phone_in_the_light(visited: tuple[Visit, Page]) -> None:
    _, page = visited
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="light")
    assert violations(page) == ""


def test_it_meets_the_guidelines_on_a_desktop_in_the_dark(visited: tuple[Visit, Page]) -> None:
    _, page = visited
    page.set_viewport_size(DESKTOP)
    page.emulate_media(color_scheme="dark")
    assert violations(page) == ""


def test_nothing_has_to_be_scrolled_sideways(visited: tuple[Visit, Page]) -> None:
    _, page = visited
    page.set_viewport_size(NARROWEST)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROWEST["width"]
    assert page.evaluate("[...document.querySelectorAll('dialog')].every((one) => one.scrollWidth <= one.clientWidth)")


def test_it_says_nothing_that_is_not_meant_for_people(visited: tuple[Visit, Page]) -> None:
    _, page = visited
    assert SLIPS.findall(page.locator("body").inner_text()) == []


def test_names_are_shown_as_they_stand(visited: tuple[Visit, Page]) -> None:
    visit, page = visited
    expect(page.locator("img")).to_have_count(0)
    if visit.has_hostile_name:
        expect(page.get_by_text(HOSTILE_NAME).first).to_be_visible()
