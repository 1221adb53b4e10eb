"""The API's documentation, with and without a pasted token."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from development.demo.people import person
from testkit.browser import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.site import Site, token_of

TUTOR = person(101)
PHONE = {"width": 390, "height": 844}
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}


class Documentation:
    """The page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def call(self, name: str) -> Locator:
        return self.page.locator(f"[id$='-{name}']")

    def authorize(self, token: str) -> None:
        self.page.get_by_role("button", name="Authorize").first.click()
        self.page.get_by_label("auth-bearer-value").fill(token)
        self.page.get_by_role("button", name="Apply credentials").click()
        self.page.get_by_role("button", name="Close", exact=True).last.click()

    def execute(self, name: str) -> Locator:
        """Run a call's example; return what was answered."""
        call = self.call(name)
        call.locator(".opblock-summary-control").click()
        call.get_by_role("button", name="Try it out").click()
        call.get_by_role("button", name="Execute").click()
        return call.locator(".live-responses-table tbody")


@pytest.fixture
def documentation(open_window: OpenWindow) -> Documentation:
    return Documentation(open_window(TUTOR, "docs"))


def test_both_parts_of_the_api_are_shown_and_an_example_runs_with_a_pasted_token(
    documentation: Documentation, site: Site
) -> None:
    page = documentation.page
    complaints, hosts = _watched(page)
    page.reload()
    expect(page.locator("[data-tag='whiteboard-tracking']")).to_be_visible()
    expect(page.locator("[data-tag='attendance']")).to_be_visible()
    documentation.authorize(token_of(TUTOR))
    answered = documentation.execute("ListSessions")
    expect(answered).to_contain_text("200")
    expect(answered).to_contain_text('"tutor_name": "Abebe Kebede"')
    answered.scroll_into_view_if_needed()
    page.screenshot(path=PICTURES / "documentation.png")
    assert complaints == []
    assert hosts == {urlsplit(site.url).netloc}


def test_of_a_stream_without_an_end_the_first_event_is_shown(documentation: Documentation) -> None:
    documentation.authorize(token_of(TUTOR))
    expect(documentation.execute("WatchConnectionStatus")).to_contain_text('"tutor_connected"')


def test_without_a_pasted_token_the_answer_says_so(documentation: Documentation) -> None:
    expect(documentation.execute("ListSessions")).to_contain_text("BEARER_MISSING")


def test_the_document_can_be_read_and_used_on_a_phone(open_window: OpenWindow) -> None:
    documentation = Documentation(open_window(TUTOR, "docs", viewport=PHONE))
    expect(documentation.execute("Connect")).to_contain_text("401")
    documentation.page.screenshot(path=PICTURES / "documentation-phone.png")
    assert Axe().run(documentation.page, options=WCAG).response["violations"] == []
    documentation.page.get_by_role("button", name="Authorize").first.click()
    assert Axe().run(documentation.page, context=".dialog-ux", options=WCAG).response["violations"] == []


def _watched(page: Page) -> tuple[list[str], set[str]]:
    """Return what the page will complain of in its console, and whom it will ask for something."""
    complaints: list[str] = []
    hosts: set[str] = set()
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    return complaints, hosts
