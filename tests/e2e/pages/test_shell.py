"""What is around every view: navigation, search, account, and what is said where something fails."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, ViewportSize, expect

from development.demo.people import Person, person
from testkit.browser import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.messages import alert, status
from tests.e2e.pages.test_accessibility import is_narrow, tab_to, violations

TUTOR, STUDENT, PARENT, ADMIN = person(101), person(201), person(301), person(901)
PHONE, NARROWEST = ViewportSize(width=390, height=844), ViewportSize(width=320, height=640)
#: 1280 by 1024 pixels at 400 %.
ZOOMED = ViewportSize(width=320, height=256)
#: Says something at the bottom of a page that is much longer than the window.
SAY = """async ([kind, message]) => {
    const assets = new URL(".", document.querySelector("script[src*='/application.js']").src);
    const { notices } = await import(new URL("components.js", assets));
    const filler = document.createElement("div");
    filler.style.setProperty("height", "6000px");
    document.getElementById("main").append(filler);
    const notice = notices();
    document.getElementById("notices").replaceChildren(notice.element);
    scrollTo(0, 3000);
    window.ran = 0;
    window.seconds = 0.5;
    window.notice = notice;
    if (kind === "say") notice.say(message, { action: { label: "Undo", run: () => { window.ran += 1; } } });
    else if (kind === "short") {
        notice.say(message, { seconds: 0.5 });
        notice.element.querySelector("button").focus();
    }
    else notice.warn({ message }, () => { window.ran += 1; });
}"""
#: Is called by a button, and takes as long as the test says.
SLOW_BUTTON = """async () => {
    const assets = new URL(".", document.querySelector("script[src*='/application.js']").src);
    const { button } = await import(new URL("components.js", assets));
    window.calls = 0;
    const work = () => { window.calls += 1; return new Promise((resolve) => { window.finish = resolve; }); };
    document.getElementById("main").prepend(button("Work", work));
}"""


def navigation(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Pages")


def expect_in_view(page: Page, message: Locator) -> None:
    """Check that the whole message is in the window, and above the phone's navigation."""
    box, window = message.bounding_box(), page.viewport_size
    assert box
    assert window
    assert box["y"] >= 0
    bar = navigation(page).bounding_box() if window["width"] == PHONE["width"] else None
    assert box["y"] + box["height"] <= (bar["y"] if bar else window["height"])


def test_the_present_page_is_marked_and_named(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, "#/lessons")
    expect(page.get_by_role("heading", level=1)).to_have_text("Lessons")
    expect(page).to_have_title("Lessons · Attendance")
    expect(navigation(page).get_by_role("link", name="Lessons")).to_have_attribute("aria-current", "page")
    expect(navigation(page).get_by_role("link", name="Reports")).not_to_have_attribute("aria-current", re.compile("."))


def test_an_address_that_leads_nowhere_says_so_and_leads_back(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, "#/elsewhere")
    expect(page.get_by_role("main")).to_contain_text("There is no such page.")
    page.get_by_role("link", name="Go to the start").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lessons")


@pytest.mark.parametrize(
    ("who", "address", "sentence"),
    [
        (STUDENT, "#/lessons/12", "This page is for tutors and admins; you are signed in as a student."),
        (TUTOR, "#/record", "This page is for students; you are signed in as a tutor."),
        (PARENT, "#/reports/suggestions", "This page is for admins; you are signed in as a parent."),
    ],
    ids=["tutors", "students", "admins"],
)
def test_a_page_of_another_role_says_whose_it_is(
    open_window: OpenWindow, who: Person, address: str, sentence: str
) -> None:
    page = open_window(who, address)
    expect(page.get_by_role("main")).to_contain_text(sentence)
    expect(page.get_by_role("link", name="Go to the start")).to_be_visible()


def test_a_path_that_leads_nowhere_is_a_page_that_leads_back(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, "lessons/12", viewport=PHONE)
    expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing here")
    assert violations(page) == ""
    page.get_by_role("link", name="Go to the start").click()
    expect(navigation(page).get_by_role("link").first).to_be_visible()


def test_the_header_s_search_leads_to_the_lessons_found(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, "#/reports/tutors")
    page.keyboard.press("/")
    field = page.get_by_role("banner").get_by_role("searchbox")
    expect(field).to_be_focused()
    field.fill("Sara & Yonas")
    field.press("Enter")
    page.wait_for_url("**/#/lessons?search=Sara+%26+Yonas")
    expect(field).to_have_count(0)
    own_search = page.get_by_role("main").get_by_role("searchbox")
    expect(own_search).to_have_value("Sara & Yonas")
    page.keyboard.press("/")
    expect(own_search).to_be_focused()


def test_a_slash_that_is_typed_stays_a_slash(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, "#/lessons")
    field = page.get_by_role("main").get_by_role("searchbox")
    field.fill("1")
    field.press("/")
    expect(field).to_have_value("1/")


def test_who_has_no_list_of_lessons_has_no_search(open_window: OpenWindow) -> None:
    page = open_window(STUDENT)
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_have_count(0)


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("kind", ["say", "warn"])
def test_a_message_is_in_view_wherever_one_has_scrolled(
    open_window: OpenWindow, viewport: ViewportSize | None, kind: str
) -> None:
    page = open_window(TUTOR, "#/elsewhere", viewport=viewport)
    page.evaluate(SAY, [kind, "Something was said."])
    message = (status if kind == "say" else alert)(page)
    expect(message).to_contain_text("Something was said.")
    expect_in_view(page, message)
    assert violations(page) == ""


def test_what_a_message_offers_is_done_once_and_the_message_goes(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, "#/elsewhere")
    page.evaluate(SAY, ["say", "It was saved."])
    page.get_by_role("button", name="Undo").evaluate("(button) => { button.click(); button.click(); }")
    expect(status(page)).to_have_count(0)
    assert page.evaluate("window.ran") == 1


def test_a_message_that_asks_for_nothing_goes_by_itself_but_not_while_one_is_in_it(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, "#/elsewhere")
    page.evaluate(SAY, ["short", "It was saved."])
    close = page.get_by_role("button", name="Hide this message")
    expect(close).to_be_focused()
    page.wait_for_timeout(700)
    expect(status(page)).to_be_visible()
    close.evaluate("(button) => button.blur()")
    expect(status(page)).to_have_count(0)


def test_a_failure_stays_until_it_is_closed(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, "#/elsewhere")
    page.evaluate(SAY, ["warn", "It failed."])
    page.get_by_role("button", name="Hide this message").click()
    expect(alert(page)).to_have_count(0)
    assert page.evaluate("window.ran") == 0


def test_a_button_shows_that_it_works_and_ignores_further_clicks(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, "#/elsewhere")
    page.evaluate(SLOW_BUTTON)
    button = page.get_by_role("button", name="Work")
    button.click()
    expect(button).to_have_attribute("aria-busy", "true")
    button.click()
    page.evaluate("window.finish()")
    expect(button).not_to_have_attribute("aria-busy", "true")
    assert page.evaluate("window.calls") == 1
    button.click()
    assert page.evaluate("window.calls") == 2


def test_a_click_is_answered_at_once_while_the_page_is_still_being_loaded(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, "#/elsewhere", own_context=True)
    held: list[Route] = []
    page.route("**/views/reports/summary.js", lambda route: held.append(route))  # noqa: PLW0108 - Playwright takes no built-in
    link = navigation(page).get_by_role("link", name="Reports")
    link.click()
    expect(link).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("main")).to_have_attribute("aria-busy", "true")
    expect(page).to_have_title(re.compile("· Attendance"))
    for route in held:
        route.continue_()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("main")).not_to_have_attribute("aria-busy", "true")


def test_views_are_loaded_before_they_are_needed(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, "#/elsewhere", own_context=True, loads_when_idle=True)
    page.wait_for_function(
        "() => performance.getEntriesByType('resource').some(({ name }) => name.includes('/reports/'))"
    )


def test_pointing_at_a_link_loads_what_it_leads_to(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, "#/elsewhere", own_context=True)
    with page.expect_request("**/views/reports/summary.js"):
        navigation(page).get_by_role("link", name="Reports").hover()


def test_a_page_that_cannot_be_loaded_offline_is_loaded_when_tried_again(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, "#/elsewhere", own_context=True)
    page.context.set_offline(True)
    navigation(page).get_by_role("link", name="Reports").click()
    expect(page.get_by_role("main")).to_contain_text("The server can't be reached.")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_link_that_was_clicked_offline_works_afterwards(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, "#/elsewhere", own_context=True)
    reports = navigation(page).get_by_role("link", name="Reports")
    page.context.set_offline(True)
    reports.click()
    expect(page.get_by_role("main")).to_contain_text("The server can't be reached.")
    page.context.set_offline(False)
    reports.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_what_a_newer_release_has_taken_away_is_loaded_again_with_the_page(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, "#/elsewhere", own_context=True)
    page.route("**/views/reports/summary.js", lambda route: route.fulfill(status=404))
    navigation(page).get_by_role("link", name="Reports").click()
    expect(page.get_by_role("main")).to_contain_text("This page was renewed in the meantime.")
    page.unroute("**/views/reports/summary.js")
    page.get_by_role("button", name="Load again").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


@pytest.mark.parametrize("viewport", [NARROWEST, ZOOMED], ids=["narrowest", "zoomed"])
def test_everything_around_a_view_fits_and_is_reached_by_keyboard(
    open_window: OpenWindow, viewport: ViewportSize
) -> None:
    page = open_window(ADMIN, "#/elsewhere", viewport=viewport)
    assert is_narrow(page)
    account = page.get_by_role("banner").get_by_role("button", name="account")
    tab_to(page, navigation(page).get_by_role("link").last)
    tab_to(page, account)
    page.keyboard.press("Enter")
    expect(page.locator("#account-menu")).to_be_visible()
    assert is_narrow(page)
    assert violations(page) == ""
    page.screenshot(path=PICTURES / f"frame-{viewport['width']}-{viewport['height']}.png")
    page.keyboard.press("Escape")
    expect(page.locator("#account-menu")).to_be_hidden()
    expect(account).to_be_focused()


def test_the_frame_and_its_menu_meet_the_guidelines_in_dark_colours(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, "#/elsewhere", color_scheme="dark")
    page.get_by_role("banner").get_by_role("button", name="account").click()
    expect(page.locator("#account-menu")).to_be_visible()
    assert violations(page) == ""


def test_chips_and_the_present_page_can_be_told_apart_in_forced_colours(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, "#/lessons", forced_colors="active")
    chip = page.locator(".chip").first
    assert chip.evaluate("(chip) => getComputedStyle(chip).borderTopStyle") == "solid"
    current = navigation(page).locator("[aria-current]")
    assert current.evaluate("(link) => getComputedStyle(link).outlineStyle") == "solid"


def test_a_count_takes_no_room_so_that_none_leaves_no_hole(open_window: OpenWindow) -> None:
    page = open_window(TUTOR)
    entry, count = page.get_by_role("link", name="To mark"), page.locator("#toMark-count")
    expect(count).to_be_visible()
    counted = entry.bounding_box()
    page.evaluate(
        """async () => {
            const application = document.querySelector("script[src*='/application.js']").src;
            const { setCount } = await import(new URL("navigation.js", application));
            setCount("toMark", "");
        }"""
    )
    expect(count).to_be_hidden()
    assert entry.bounding_box() == counted
