"""The list of all lessons: what its lines say and offer, and how it is found one's way in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from development.demo.people import person
from development.demo.stories import STORIES
from development.demo.story import Mark, Story
from testkit.browser import LIMIT_MILLISECONDS, PICTURES
from testkit.tokens import token
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.lessons import address, card, when
from tests.e2e.pages.messages import alert, status
from tests.e2e.pages.reviews import choose, decide
from tests.e2e.pages.site import Site, token_of

TUTOR, COLLEAGUE, ADMIN = person(101), person(102), person(901)
#: Sessions of the demo (sessions.id).
UNMARKED, WITH_REASON, RUNNING, CANCELLED = 1, 12, 15, 17
#: Long ago, so that filters by day find a test's own lessons alone.
LONG_AGO_HOURS = -24 * 1000.0
PAGE_SIZE = 50
UNSEEN = Story(what="Nobody saw it", enrolment=5, starts_in=LONG_AGO_HOURS, has_whiteboard=False)
SCREENS: tuple[tuple[int, int, Literal["light", "dark"]], ...] = (
    (320, 640, "light"),
    (390, 844, "dark"),
    (1280, 900, "light"),
)


@pytest.fixture(scope="module")
def cards(browser: Browser, site: Site) -> Iterator[Page]:
    """Return a tutor's sessions, which no test changes."""
    with browser.new_context() as context:
        context.set_default_timeout(LIMIT_MILLISECONDS)
        context.add_init_script(f"localStorage.setItem('token', {token_of(TUTOR)!r})")
        page = context.new_page()
        page.goto(f"{site.url}/#/lessons")
        yield page


@pytest.fixture
def sessions(open_window: OpenWindow) -> Page:
    """Return a tutor's sessions."""
    return open_window(TUTOR, "#/lessons")


def test_a_line_shows_what_when_who_and_what_is_recorded(cards: Page) -> None:
    shown = card(cards, WITH_REASON)
    expect(shown.get_by_role("heading")).to_contain_text("Mathematics, grade 9")
    for words in ("Sara Alemu", f"No. {WITH_REASON}", "Both present", "Has notes"):
        expect(shown).to_contain_text(words)


def test_only_what_is_over_and_not_marked_is_offered_to_be_marked(cards: Page) -> None:
    for number, word in ((UNMARKED, "Review"), (WITH_REASON, "Change"), (RUNNING, "Details"), (CANCELLED, "Details")):
        opener = card(cards, number).locator(".open")
        expect(opener).to_have_accessible_name(re.compile(rf"^{word} \(Mathematics, grade 9, "))
    expect(card(cards, CANCELLED)).to_contain_text("Cancelled")
    expect(card(cards, CANCELLED).get_by_role("button")).to_have_count(0)


def test_a_lesson_that_was_cancelled_can_be_read_and_not_marked(cards: Page) -> None:
    card(cards, CANCELLED).get_by_role("link", name="Details").click()
    cards.wait_for_url(f"**/#/lessons/{CANCELLED}")
    expect(cards.get_by_text("Cancelled: nothing to mark.")).to_be_visible()
    cards.go_back()


def test_a_lesson_that_goes_on_says_so_and_can_be_joined(cards: Page) -> None:
    whiteboard = sum(story.has_whiteboard for story in STORIES[:RUNNING])
    link = card(cards, RUNNING).get_by_role("link", name="Join")
    expect(link).to_have_attribute("href", f"/whiteboard?session={whiteboard}")
    expect(card(cards, RUNNING).locator(".chip.live")).to_be_visible()


def test_an_admin_sees_all_lessons_and_who_gives_them(open_window: OpenWindow) -> None:
    # Other tests add so many sessions of one tutor that the first page may show no other one.
    for tutor in (TUTOR, COLLEAGUE):
        page = open_window(ADMIN, f"#/lessons?search={quote(tutor.name)}")
        expect(page.locator("li[data-lesson]").filter(has_text=tutor.name).first).to_be_visible()


def test_nothing_is_wider_than_the_window(open_window: OpenWindow) -> None:
    page = open_window(COLLEAGUE, "#/lessons")
    expect(card(page, 14)).to_be_visible()
    for width, height, scheme in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=PICTURES / f"lessons-{width}-{scheme}.png", full_page=True)
        assert page.get_by_role("main").evaluate("main => main.scrollWidth <= main.clientWidth")


def test_show_more_goes_on_where_one_was(open_window: OpenWindow, site: Site) -> None:
    lessons = site.add(
        *(replace(UNSEEN, starts_in=LONG_AGO_HOURS - hours, status="missed") for hours in range(PAGE_SIZE + 3))
    )
    page = open_window(ADMIN, address(*lessons))
    said = status(page.get_by_role("main"))
    expect(said).to_contain_text(f"{PAGE_SIZE} lessons shown; there are older ones.")
    page.get_by_role("button", name="Show more").click()
    expect(said.filter(has_text="lessons")).to_contain_text(f"{PAGE_SIZE + 3} lessons.")
    expect(card(page, lessons[PAGE_SIZE].session_id).locator(".title")).to_be_focused()
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()


def test_a_session_opens_over_the_list_and_closing_it_goes_back_there(sessions: Page) -> None:
    opener = card(sessions, WITH_REASON).get_by_role("link", name="Change")
    opener.click()
    sessions.wait_for_url(f"**/#/lessons/{WITH_REASON}")
    sessions.locator(".review").get_by_role("button", name="Close").first.click()
    sessions.wait_for_url("**/#/lessons")
    expect(sessions.locator(".review")).to_have_count(0)
    expect(opener).to_be_focused()


def test_going_back_closes_the_session(sessions: Page) -> None:
    opener = card(sessions, WITH_REASON).get_by_role("link", name="Change")
    opener.click()
    expect(sessions.locator(".review")).to_be_visible()
    sessions.go_back()
    expect(sessions.locator(".review")).to_have_count(0)
    expect(opener).to_be_focused()


def test_the_address_of_a_session_opens_it_over_the_list(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, f"#/lessons/{WITH_REASON}?attendance=marked")
    page.locator(".review").get_by_role("button", name="Close").first.click()
    page.wait_for_url("**/#/lessons?attendance=marked")
    expect(card(page, WITH_REASON).get_by_role("link", name="Change")).to_be_focused()


def test_without_sessions_the_list_says_so(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, "#/lessons")
    page.evaluate(f"localStorage.setItem('token', {token(999, 'tutor')!r})")
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("There are no lessons yet.")


def test_without_a_connection_the_list_says_so_and_can_be_tried_again(sessions: Page) -> None:
    expect(card(sessions, UNMARKED)).to_be_visible()
    sessions.context.set_offline(True)
    sessions.get_by_role("combobox", name="Lesson").select_option("Cancelled")
    expect(alert(sessions.get_by_role("main"))).to_contain_text("The server can't be reached.")
    sessions.context.set_offline(False)
    sessions.get_by_role("button", name="Try again").click()
    expect(card(sessions, CANCELLED)).to_be_visible()
    expect(card(sessions, UNMARKED)).to_have_count(0)


def test_after_a_decision_that_line_alone_is_renewed(open_window: OpenWindow, site: Site) -> None:
    lesson, _ = site.add(*(replace(UNSEEN, starts_in=LONG_AGO_HOURS - 24 * days) for days in (40, 41)))
    page = open_window(person(103), address(lesson, attendance="unmarked"))
    shown = card(page, lesson.session_id)
    shown.get_by_role("link", name="Mark manually").click()
    review = page.locator(".review")
    choose(review, "You", "Present")
    choose(review, "Sara Alemu", "Late")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    decide(review).click()
    expect(status(page.locator("#notices"))).to_contain_text(
        f"Saved: Amharic for beginners, {when(lesson)}. You: present. Sara: late."
    )
    expect(shown).to_contain_text("Sara late")
    expect(shown.get_by_role("button", name="Undo")).to_be_focused()
    assert not [url for url in asked if "attendance_filter=unmarked" in url]


def test_what_a_parent_reported_leaves_the_tutor_to_be_marked(open_window: OpenWindow, site: Site) -> None:
    reported = replace(UNSEEN, starts_in=LONG_AGO_HOURS - 24 * 30, mark=Mark(by=301, student="absent"))
    (lesson,) = site.add(reported)
    page = open_window(person(103), address(lesson))
    shown = card(page, lesson.session_id)
    for words in ("Reported by a parent", "You not marked", "Sara absent"):
        expect(shown).to_contain_text(words)
    expect(shown.get_by_role("link", name="Review")).to_be_visible()
