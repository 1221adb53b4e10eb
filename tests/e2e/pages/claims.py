"""Claims about lessons that a tutor marked, for the tests of who raises and who answers them."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

from development.demo.people import person
from development.demo.story import Mark, Story
from tests.e2e.pages.site import Site

TUTOR, OTHER_TUTOR, STUDENT, PARENT, ADMIN = (person(number) for number in (103, 101, 201, 301, 901))
PARENT_OF_TWO = person(302)
#: Both clicks come before any answer does.
CLICK_TWICE = "(button) => { button.click(); button.click(); }"
MARKED = Story(what="Marked", enrolment=5, starts_in=-21, mark=Mark(by=103, tutor="present", student="absent"))


def path(session_id: int) -> str:
    """Return where a session is read."""
    return f"/api/tutor/sessions/{session_id}"


def raised(site: Site, session_id: int, note: str) -> int:
    """Raise a claim as the student, not through the page, and return its number."""
    claim = site.call(STUDENT, "POST", f"{path(session_id)}/claims", claimed_status="late", note=note)
    return int(claim["claim_id"])


def item(page: Page, note: str) -> Locator:
    """Return what the list of what waits shows of the claim with this note."""
    return page.get_by_role("main").get_by_role("listitem").filter(has_text=note)
