"""Opening the review of one lesson, whatever view it is opened from."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.e2e.pages.visits import wait_until_quiet

#: Opens the review as views do, and keeps what it reports to them.
_OPEN = """async ([sessionId, hasPlace]) => {
    const assets = new URL(".", document.querySelector("script[src*='/application.js']").src);
    const { openLesson } = await import(new URL("views/lesson/panel.js", assets));
    const { identity } = await import(new URL("identity.js", assets));
    const { loadViewWords } = await import(new URL("words.js", assets));
    await loadViewWords();
    window.view?.abort();
    window.view = new AbortController();
    window.received = { decided: [], changed: [], closed: 0 };
    let place = null;
    if (hasPlace) {
        place = document.getElementById("beside") ?? document.createElement("div");
        place.id = "beside";
        Object.assign(place.style, { width: "25rem", marginInlineStart: "auto" });
        document.getElementById("main").prepend(place);
    }
    await openLesson(sessionId, {
        identity: identity(),
        signal: window.view.signal,
        place,
        onDecided: (session) => window.received.decided.push(session),
        onChanged: (session) => window.received.changed.push(session),
        onClosed: () => { window.received.closed += 1; },
    });
}"""


def begin_to_open(page: Page, session_id: int, *, beside: bool = False) -> None:
    """Open the review, whatever comes of it; `beside` the list, where there is room."""
    expect(page.locator("#main").get_by_text("Loading …", exact=True)).to_have_count(0)
    page.evaluate(_OPEN, [session_id, beside])


def open_review(page: Page, session_id: int, *, beside: bool = False) -> Locator:
    """Open the review and return it, with everything loaded."""
    begin_to_open(page, session_id, beside=beside)
    wait_until_quiet(page)
    review = page.locator(".review")
    expect(review.locator("form.decision")).to_be_attached()
    expect(review.get_by_text("Looking at who was connected")).to_have_count(0)
    return review


def expect_closed(page: Page) -> None:
    """Wait until the review is gone and has reported it to its view."""
    expect(page.locator(".review")).to_have_count(0)
    page.wait_for_function("window.received.closed === 1")


def person(review: Locator, name: str) -> Locator:
    """Return what is said about a person, and the choice."""
    return review.locator("[data-person]").filter(has=review.page.locator("bdi", has_text=name))


def choose(review: Locator, name: str, status: str) -> None:
    """Choose a status for a person."""
    review.get_by_role("radiogroup", name=name).get_by_role("radio", name=status).check()


def decide(review: Locator | Page) -> Locator:
    """Return the one button that says what it will do."""
    return review.locator("button.decide")


def section(review: Locator, heading: str) -> Locator:
    """Return the part of the review under this heading."""
    return review.locator("section, figure").filter(has=review.page.get_by_role("heading", name=heading, exact=True))
