"""The records of students, as the pages show them."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

#: Announces a change as another tab does; the answers come from the real services.
_ANNOUNCE = """(sessionId) => {
    const channel = new BroadcastChannel("attendance");
    channel.postMessage(sessionId);
    channel.close();
}"""


def row(page: Page, session_id: int) -> Locator:
    """Return what the page shows of a lesson: its row, or its card if it comes next."""
    return page.get_by_role("main").locator(f"[data-session='{session_id}']")


def part(page: Page, heading: str) -> Locator:
    """Return the part of a record under this heading."""
    return page.get_by_role("main").locator("section").filter(has=page.get_by_role("heading", name=heading))


def form(page: Page) -> Locator:
    """Return the form about one lesson that is open."""
    return page.locator("dialog.word-form")


def changed_elsewhere(page: Page, session_id: int) -> None:
    """Tell the page that another tab has written something about a lesson."""
    page.evaluate(_ANNOUNCE, session_id)
