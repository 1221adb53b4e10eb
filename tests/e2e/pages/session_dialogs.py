"""Opening the dialog of one session, whatever view it is opened from."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.e2e.pages.visits import wait_until_quiet

#: Opens the dialog as views do, and keeps what it reports to them.
_OPEN = """async (sessionId) => {
    const assets = new URL(".", document.querySelector("script[src*='/application.js']").src);
    const { openLesson } = await import(new URL("views/lesson/panel.js", assets));
    const { identity } = await import(new URL("identity.js", assets));
    window.view = new AbortController();
    window.received = { decided: [], closed: 0 };
    await openLesson(sessionId, {
        identity: identity(),
        signal: window.view.signal,
        onDecided: (session) => window.received.decided.push(session),
        onClosed: () => { window.received.closed += 1; },
    });
}"""


def begin_to_open(page: Page, session_id: int) -> None:
    """Open the dialog, whatever comes of it."""
    expect(page.locator("#main").get_by_text("Loading …", exact=True)).to_have_count(0)
    page.evaluate(_OPEN, session_id)


def open_session(page: Page, session_id: int) -> Locator:
    """Open the dialog and return it, with everything loaded."""
    begin_to_open(page, session_id)
    wait_until_quiet(page)
    dialog = page.locator("dialog.session-dialog")
    expect(dialog.get_by_role("heading", level=3).first).to_be_visible()
    expect(dialog.get_by_text("Looking at the facts")).to_have_count(0)
    return dialog


def expect_closed(page: Page) -> None:
    """Wait until the dialog is gone and has reported it to its view."""
    expect(page.locator("dialog.session-dialog")).to_have_count(0)
    page.wait_for_function("window.received.closed === 1")


def section(dialog: Locator, heading: str) -> Locator:
    """Return the part of the dialog under this heading."""
    return dialog.locator("section, form").filter(has=dialog.page.get_by_role("heading", name=heading, exact=True))


def card_of(dialog: Locator, name: str) -> Locator:
    """Return the card of a person in the suggestion."""
    return (
        section(dialog, "Suggestion").get_by_role("listitem").filter(has=dialog.page.get_by_role("heading", name=name))
    )
