"""What the pages cost on a slow line: bytes, round trips, and things that move while one reads.

Counts and bytes alone are asserted; how long anything takes is the machine's affair.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urldefrag, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from development.demo.people import person
from development.demo.story import Mark, Story
from testkit.browser import LIMIT_MILLISECONDS
from tests.e2e.pages.site import Site, token_of
from tests.e2e.pages.test_accessibility import DESKTOP, PHONE
from tests.e2e.pages.visits import ADMIN, COUNT_CALLS, SAVE_DATA, STUDENT, TUTOR, Visit, settle

#: What a tutor's first view may transfer, and all views of an admin together.
MAX_BYTES, MAX_BYTES_OF_ALL = 90_000, 250_000
#: The throughput of slow 3G, of which everything else follows: what comes late, comes late here too. Its latency (2 s)
#: would only lengthen the test.
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
#: Records the layout shifts that no click or key caused. Smaller ones are parts of a pixel, by which letters differ.
COUNT_SHIFTS = """
  self.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries()) {
      if (hadRecentInput || value < 0.0005) continue;
      self.shifts.push(`${value.toFixed(4)} ${sources.map(({ node }) => node?.outerHTML?.slice(0, 90))}`);
    }
  }).observe({ type: "layout-shift", buffered: true });
"""
NAMED = """[...document.querySelectorAll("head [href], head [src], body > footer use")].map(
    (named) => new URL(named.getAttribute("href") ?? named.src, location.origin).href.split("#")[0],
)"""
LOADED = "performance.getEntriesByType('resource').map(({ name }) => name)"
#: An admin has the most views.
EVERY_VIEW = (
    "#/lessons/1",
    "#/reports",
    "#/reports/tutors",
    "#/reports/students/28",
    "#/reports/at-risk",
    "#/reports/agreement",
)
READ_SLOWLY = {
    "a tutor's phone": (PHONE, Visit(who=TUTOR, address="#/to-mark")),
    "a tutor's desktop": (DESKTOP, Visit(who=TUTOR, address="#/to-mark")),
    "a student's phone": (PHONE, Visit(who=STUDENT, address="#/record")),
}


def go(page: Page, url: str, visit: Visit) -> None:
    """Sign in and load the page at this address."""
    page.add_init_script(f"localStorage.setItem('token', {token_of(visit.who)!r})")
    page.goto("about:blank")
    page.goto(f"{url}/{visit.address}")
    settle(page)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Return a browser that has cached nothing yet."""
    with browser.new_context() as context:
        context.set_default_timeout(LIMIT_MILLISECONDS)
        context.add_init_script(COUNT_CALLS)
        context.add_init_script(SAVE_DATA)
        yield context


def transfers(page: Page) -> dict[str, int]:
    """Return a dictionary that grows with the bytes of each file and each address that the page reads.

    What is read again counts once: on a slow machine a view looks for news more often before it is left.
    """
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    addresses: dict[str, str] = {}
    sizes: dict[str, int] = {}

    def note_address(sent: dict[str, Any]) -> None:
        addresses[sent["requestId"]] = sent["request"]["url"]

    def note_size(received: dict[str, Any]) -> None:
        sizes.setdefault(addresses[received["requestId"]], received["encodedDataLength"])

    network.on("Network.requestWillBeSent", note_address)
    network.on("Network.loadingFinished", note_size)
    return sizes


def test_a_tutors_first_view_weighs_less_than_is_allowed(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    transferred = transfers(page)
    go(page, site.url, Visit(who=TUTOR, address="#/"))
    assert sum(transferred.values()) < MAX_BYTES


def test_all_views_together_weigh_less_than_is_allowed(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    transferred = transfers(page)
    go(page, site.url, Visit(who=ADMIN, address="#/lessons"))
    for address in EVERY_VIEW:
        page.evaluate("(address) => { self.asked = 1; location.hash = address; }", address)
        settle(page)
    assert sum(transferred.values()) < MAX_BYTES_OF_ALL


def test_the_first_view_needs_no_file_that_the_html_does_not_name(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    # Nothing waits for this tutor's answer: what shows that is loaded only if something does.
    go(page, site.url, Visit(who=person(103), address="#/to-mark"))
    named, loaded = page.evaluate(NAMED), page.evaluate(LOADED)
    files = {urldefrag(file).url for file in loaded if not urlsplit(file).path.startswith("/api/")}
    assert files - set(named) == set()


@pytest.mark.parametrize("window", READ_SLOWLY)
def test_nothing_moves_while_it_loads(context: BrowserContext, site: Site, window: str) -> None:
    size, visit = READ_SLOWLY[window]
    assert shifts(context.new_page(), site.url, size, visit) == []


def test_nothing_moves_when_answers_to_claims_are_shown_above_the_next_lesson(
    context: BrowserContext, site: Site
) -> None:
    mark = Mark(by=103, tutor="present", student="absent")
    (lesson,) = site.add(Story(what="Claimed", enrolment=5, starts_in=-23, mark=mark))
    claim = {"claimed_status": "present", "note": "I was there"}
    sent = site.call(person(201), "POST", f"/api/tutor/sessions/{lesson.session_id}/claims", **claim)
    site.call(ADMIN, "POST", f"/api/claims/{sent['claim_id']}:answer", answer="declined", note="No")
    visit = Visit(who=person(201), address="#/record")
    page = context.new_page()
    assert shifts(page, site.url, PHONE, visit) == []
    expect(page.get_by_role("button", name="answer to your objection")).to_be_visible()


def shifts(page: Page, url: str, size: ViewportSize, visit: Visit) -> list[str]:
    """Load a view over a slow line and return what moved, and by how much."""
    page.set_viewport_size(size)
    page.add_init_script(COUNT_SHIFTS)
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)
    go(page, url, visit)
    found: list[str] = page.evaluate("self.shifts")
    return found
