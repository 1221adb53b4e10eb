"""Search and filters of the lessons, all of them in the address."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from development.demo.people import person
from development.demo.story import Mark, Story
from development.demo.timetable import Lesson
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.lessons import address, card
from tests.e2e.pages.messages import alert
from tests.e2e.pages.site import Site

ADMIN, TUTOR = person(901), person(103)
#: Nothing else happened on these days.
HOURS_AGO = -24 * 2000.0
OpenDays = Callable[..., Page]


@pytest.fixture(scope="module")
def lessons(site: Site) -> tuple[Lesson, ...]:
    """Return three lessons of days of their own: late, not marked, cancelled."""
    return site.add(
        Story(
            what="Marked",
            enrolment=5,
            starts_in=HOURS_AGO,
            has_whiteboard=False,
            mark=Mark(by=103, tutor="present", student="late"),
        ),
        Story(what="Not marked", enrolment=3, starts_in=HOURS_AGO + 24, has_whiteboard=False),
        Story(what="Cancelled", enrolment=3, starts_in=HOURS_AGO + 48, has_whiteboard=False, status="cancelled"),
    )


@pytest.fixture
def open_days(open_window: OpenWindow, lessons: tuple[Lesson, ...]) -> OpenDays:
    """Return a way to open those days with more filters."""

    def open_(**filters: str) -> Page:
        return open_window(ADMIN, address(*lessons, **filters))

    return open_


def shows(page: Page, *expected: Lesson) -> None:
    """Wait until these lessons are shown, and no other."""
    expect(page.locator("li[data-lesson]")).to_have_count(len(expected))
    for lesson in expected:
        expect(card(page, lesson.session_id)).to_be_visible()


def test_filters_are_in_the_address_and_last_over_a_reload(open_days: OpenDays, lessons: tuple[Lesson, ...]) -> None:
    page = open_days()
    shows(page, *lessons)
    page.get_by_role("combobox", name="Attendance").select_option("Not marked yet")
    shows(page, lessons[1])
    page.get_by_role("combobox", name="Lesson").select_option("Finished")
    shows(page, lessons[1])
    expect(page).to_have_url(re.compile("status=completed&attendance=unmarked&from="))
    page.reload()
    shows(page, lessons[1])
    expect(page.get_by_role("combobox", name="Lesson")).to_have_value("completed")


def test_going_back_takes_a_filter_back(open_days: OpenDays, lessons: tuple[Lesson, ...]) -> None:
    page = open_days()
    page.get_by_role("combobox", name="Attendance").select_option("Somebody late")
    shows(page, lessons[0])
    page.go_back()
    shows(page, *lessons)
    expect(page.get_by_role("combobox", name="Attendance")).to_have_value("")


def test_the_number_of_filters_is_shown_and_all_are_cleared_at_once(open_days: OpenDays) -> None:
    page = open_days(attendance="absent")
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    expect(page.get_by_text("Filters (3 in use)")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("No lesson fits these filters.")
    page.get_by_role("search").get_by_role("button", name="Clear filters").click()
    page.wait_for_url("**/#/lessons")
    expect(page.locator("li[data-lesson]").first).to_be_visible()
    expect(page.get_by_role("button", name="Clear filters")).to_have_count(0)
    expect(page.get_by_label("Search by")).to_be_focused()


def test_a_last_day_before_the_first_one_is_reported_without_a_call(open_days: OpenDays) -> None:
    page = open_days(to="2001-01-01")
    expect(alert(page.get_by_role("search"))).to_contain_text("The last day lies before the first one")
    expect(page.get_by_label("To", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(page.locator("li[data-lesson]")).to_have_count(0)


def test_search_finds_by_course_people_and_number(open_days: OpenDays, lessons: tuple[Lesson, ...]) -> None:
    page = open_days()
    search = page.get_by_label("Search by")
    for words in ("dawit AMHARIC", "sara alemu", f"#{lessons[0].session_id}"):
        search.fill("")
        # Enter ends the pause in which more might be typed.
        search.press("Enter")
        shows(page, *lessons)
        search.fill(words)
        search.press("Enter")
        shows(page, lessons[0])


def test_typing_a_search_keeps_the_focus_and_adds_no_step_to_the_history(
    open_days: OpenDays, lessons: tuple[Lesson, ...]
) -> None:
    page = open_days()
    shows(page, *lessons)
    length = page.evaluate("history.length")
    page.get_by_label("Search by").press_sequentially("amharic")
    shows(page, lessons[0])
    expect(page.get_by_label("Search by")).to_be_focused()
    assert page.evaluate("history.length") == length


def test_what_an_address_says_wrongly_is_left_out(open_window: OpenWindow, lessons: tuple[Lesson, ...]) -> None:
    page = open_window(TUTOR, address(lessons[0], status="nonsense"))
    expect(card(page, lessons[0].session_id)).to_be_visible()
