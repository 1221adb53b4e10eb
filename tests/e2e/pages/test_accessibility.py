"""What has to hold on every view: WCAG 2.2 AA, room on small screens, names shown as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect

from development.demo.people import Person, person
from development.demo.story import Story, stay
from testkit.browser import LIMIT_MILLISECONDS
from testkit.tokens import token
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.hard_names import HOSTILE
from tests.e2e.pages.reviews import choose, decide
from tests.e2e.pages.site import Site, token_of
from tests.e2e.pages.visits import (
    COUNT_CALLS,
    OTHER_TUTOR,
    RUNNING,
    TUTOR,
    VISITS,
    Visit,
    settle,
)
from tests.e2e.pages.windows import keep_renderer

PHONE, DESKTOP = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=900)
#: The narrowest that WCAG 1.4.10 asks for: 1280 px at 400 %.
NARROWEST = ViewportSize(width=320, height=640)
#: sessions.id of the demo's lessons (development/demo/stories.py).
CLASS, WITHOUT_FACTS, DECIDED, TOMORROW = 9, 10, 12, 16
STUDENT_OF_DECIDED = person(201)
#: More than there is between the beginning of a page and anything on it.
MAX_STEPS = 100
#: Everything that WCAG 2.0 to 2.2 ask for at levels A and AA.
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
#: What a view shows that was given nothing.
#: Resolves when everything that comes or goes has done so; what is repeated for ever is not awaited.
ANIMATIONS_ENDED = """Promise.allSettled(
    document.getAnimations().filter((one) => one.effect.getTiming().iterations < Infinity).map((one) => one.finished)
)"""
SLIPS = re.compile(r"\b(?:undefined|null|NaN|Invalid Date)\b|\[object ")


@pytest.fixture(scope="module")
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """Return the browser context of all views: the tests change nothing."""
    with browser.new_context(viewport=DESKTOP, reduced_motion="reduce") as context:
        context.set_default_timeout(LIMIT_MILLISECONDS)
        keep_renderer(context, site.url)
        context.add_init_script(COUNT_CALLS)
        yield context


@pytest.fixture(scope="module", params=VISITS, ids=str)
def visited(request: pytest.FixtureRequest, context: BrowserContext, site: Site) -> Iterator[tuple[Visit, Page]]:
    """Return a view that has loaded; all tests of it share the window."""
    visit: Visit = request.param
    page = context.new_page()
    page.add_init_script(f"localStorage.setItem('token', {token_of(visit.who)!r})")
    page.goto(f"{site.url}/{visit.address}")
    settle(page)
    yield visit, page
    page.close()


def violations(page: Page) -> str:
    """Return what axe finds in what can be used at present, which is the dialog where one is open; empty: nothing."""
    # What fades in has too little contrast on its way.
    page.evaluate(ANIMATIONS_ENDED)
    dialog = page.locator("dialog[open]")
    results = Axe().run(page, context="dialog[open]" if dialog.count() else None, options=RULES)
    report: str = results.generate_report() if results.violations_count else ""
    return report


def is_narrow(page: Page) -> bool:
    """Return whether neither the page nor a dialog has to be scrolled sideways in the narrowest window."""
    dialogs = page.evaluate(
        "[...document.querySelectorAll('dialog')].every((one) => one.scrollWidth <= one.clientWidth)"
    )
    return bool(dialogs and page.evaluate("document.documentElement.scrollWidth") <= NARROWEST["width"])


def test_a_view_meets_the_guidelines_on_a_phone_in_light_colours(visited: tuple[Visit, Page]) -> None:
    _, page = visited
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="light")
    assert violations(page) == ""


def test_a_view_meets_the_guidelines_on_a_desktop_in_dark_colours(visited: tuple[Visit, Page]) -> None:
    _, page = visited
    page.set_viewport_size(DESKTOP)
    page.emulate_media(color_scheme="dark")
    assert violations(page) == ""


def test_nothing_has_to_be_scrolled_sideways(visited: tuple[Visit, Page]) -> None:
    _, page = visited
    page.set_viewport_size(NARROWEST)
    assert is_narrow(page)


def test_a_view_shows_no_undefined_values(visited: tuple[Visit, Page]) -> None:
    _, page = visited
    assert SLIPS.findall(page.locator("body").inner_text()) == []


def test_names_are_shown_as_text(visited: tuple[Visit, Page]) -> None:
    visit, page = visited
    expect(page.locator("img")).to_have_count(0)
    if visit.has_hostile_name:
        expect(page.get_by_text(HOSTILE.first_name).first).to_be_visible()


def test_a_decision_that_lacks_something_meets_the_guidelines(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, f"#/lessons/{WITHOUT_FACTS}", viewport=PHONE)
    decide(page).click()
    expect(page.get_by_text("Choose one of these.").first).to_be_visible()
    assert violations(page) == ""


def test_a_form_about_a_class_meets_the_guidelines(open_window: OpenWindow) -> None:
    page = open_window(OTHER_TUTOR, f"#/lessons/{CLASS}", viewport=NARROWEST, color_scheme="dark")
    review = page.locator(".review")
    choose(review, "Samuel Desta", "Absent")
    review.get_by_role("button", name="More about Samuel Desta").click()
    review.get_by_role("checkbox", name="Excused").check()
    expect(review.get_by_role("textbox", name="Note on Samuel Desta")).to_be_visible()
    expect(review.get_by_role("slider", name="When Samuel Desta was connected")).to_be_visible()
    assert violations(page) == ""
    assert is_narrow(page)


@pytest.mark.parametrize(
    ("who", "session", "asks", "needs_something"),
    [
        (TUTOR, DECIDED, "Withdraw", False),
        (STUDENT_OF_DECIDED, DECIDED, "This is not right", True),
        (TUTOR, TOMORROW, "Announce an absence", True),
    ],
    ids=["withdrawal", "claim", "absence"],
)
def test_a_question_over_a_session_meets_the_guidelines(
    open_window: OpenWindow, who: Person, session: int, asks: str, *, needs_something: bool
) -> None:
    start = "#/record" if who is STUDENT_OF_DECIDED else "#/lessons"
    page = open_window(who, f"{start}/{session}", viewport=NARROWEST)
    page.locator(".review").get_by_role("button", name=asks).first.click()
    question = page.get_by_role("alertdialog", name=asks).or_(page.get_by_role("dialog", name=asks))
    if needs_something:
        question.locator("button.primary").click()
        expect(question.locator(".problem").filter(has_text=re.compile("Choose|Write")).first).to_be_visible()
    assert violations(page) == ""
    assert is_narrow(page)


def test_claims_to_settle_meet_the_guidelines(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(Story(what="Claimed", enrolment=2, starts_in=-23))
    claim = {"claimed_status": "present", "note": "I was there"}
    site.call(person(202), "POST", f"/api/tutor/sessions/{lesson.session_id}/claims", **claim)
    page = open_window(TUTOR, "#/claims", viewport=NARROWEST, color_scheme="dark")
    expect(page.get_by_role("button", name="Decline").first).to_be_visible()
    assert violations(page) == ""
    assert is_narrow(page)


def test_a_range_of_days_that_cannot_be_meets_the_guidelines(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, "#/reports/tutors?from=2026-02-02&to=2026-02-01", viewport=PHONE)
    expect(page.locator("[aria-invalid=true]")).to_be_visible()
    assert violations(page) == ""


def test_the_whiteboard_meets_the_guidelines(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, f"whiteboard?session={RUNNING}", color_scheme="dark", viewport=PHONE)
    expect(page.get_by_role("list", name="Who is there")).to_contain_text("You, here since")
    assert violations(page) == ""


def test_what_is_said_of_a_failure_meets_the_guidelines(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, bearer=token(TUTOR.user_id, TUTOR.role, lifetime=timedelta(minutes=-5)))
    expect(page.get_by_role("button", name="Try again").first).to_be_visible()
    assert violations(page) == ""


def test_a_tutor_decides_with_the_keyboard_alone(open_window: OpenWindow, site: Site) -> None:
    punctual = Story(what="Punctual", enrolment=2, starts_in=-2.5, tutor=stay(0, 60), students={202: stay(0, 60)})
    (lesson,) = site.add(punctual)
    page = open_window(TUTOR)
    opener = page.locator(f"[data-session='{lesson.session_id}']")
    expect(opener).to_be_visible()
    tab_to(page, opener)
    page.keyboard.press("Enter")
    expect(decide(page)).to_have_text("Mark you and Yonas present")
    tab_to(page, decide(page))
    page.keyboard.press("Enter")
    expect(page.locator(".review")).to_have_count(0)
    expect(page.locator(".row .undo")).to_be_focused()
    stored = site.call(TUTOR, "GET", f"/api/tutor/sessions/{lesson.session_id}")
    assert stored["attendance_source"] == "whiteboard_auto"


def tab_to(page: Page, place: Locator) -> None:
    """Go there as people without a mouse do."""
    place.wait_for()
    for _ in range(MAX_STEPS):
        if place.evaluate("(place) => place === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{place} can't be reached with the keyboard")
