"""Buttons that are clicked twice act once: "Show more" in every list, and downloads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import pytest
from playwright.sync_api import Page, Route, expect

from development.demo.people import Person, person
from development.demo.story import Story
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.reviews import open_review
from tests.e2e.pages.site import Site
from tests.e2e.pages.veteran import VETERAN

TUTOR, ADMIN = person(101), person(901)
#: Both clicks come before any answer does.
CLICK_TWICE = "(button) => { button.click(); button.click(); }"
CLICK_ALL = "(buttons) => buttons.forEach((button) => button.click())"


@dataclass(frozen=True, kw_only=True, slots=True)
class PagedView:
    """A list of the pages, and how it gets its rows."""

    who: Person
    address: str
    #: Of the calls that read it.
    path: str
    #: The selector of its rows.
    rows: str
    page_size: int = 1
    count_after_more: int = 2

    def __str__(self) -> str:
        return self.address


VIEWS = (
    PagedView(who=ADMIN, address="#/lessons", path="**/api/tutor/sessions?*", rows="li[data-lesson]"),
    PagedView(who=ADMIN, address="#/reports/students", path="**/api/students*", rows=".students li"),
)


class Pager:
    """Has a list come in small pages, counts the calls for further pages, and can fail them."""

    def __init__(self, page_size: int) -> None:
        self.further_pages = 0
        self.is_failing = False
        self._page_size = page_size

    def __call__(self, route: Route) -> None:
        url = urlsplit(route.request.url)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.further_pages += "page_token" in query
        if self.is_failing and "page_token" in query:
            route.abort()
        else:
            query["page_size"] = str(self._page_size)
            route.continue_(url=urlunsplit(url._replace(query=urlencode(query))))


OpenList = Callable[[PagedView], tuple[Page, Pager]]


@pytest.fixture
def open_list(open_window: OpenWindow, veteran: Person) -> OpenList:
    """Return a way to open a view whose list has more than one page."""
    assert veteran == VETERAN

    def open_(view: PagedView) -> tuple[Page, Pager]:
        page, pager = open_window(view.who, "#/elsewhere"), Pager(view.page_size)
        page.route(view.path, pager)
        page.evaluate("(address) => { location.hash = address; }", view.address)
        expect(page.get_by_role("button", name="Show more")).to_be_visible()
        return page, pager

    return open_


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_more_that_is_asked_for_twice_is_read_and_shown_once(open_list: OpenList, view: PagedView) -> None:
    page, pager = open_list(view)
    page.get_by_role("button", name="Show more").evaluate(CLICK_TWICE)
    expect(page.locator(view.rows)).to_have_count(view.count_after_more)
    assert pager.further_pages == 1


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_more_and_trying_again_at_once_show_one_page(open_list: OpenList, view: PagedView) -> None:
    page, pager = open_list(view)
    pager.is_failing = True
    page.get_by_role("button", name="Show more").click()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    pager.is_failing = False
    page.get_by_role("button", name="Show more").or_(page.get_by_role("button", name="Try again")).evaluate_all(
        CLICK_ALL
    )
    expect(page.locator(view.rows)).to_have_count(view.count_after_more)
    assert pager.further_pages == 2


def test_more_decisions_that_are_asked_for_twice_are_read_and_shown_once(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(Story(what="Often decided", enrolment=1, starts_in=-22))
    for status in ("late", "present", "absent"):
        path = f"/api/tutor/sessions/{lesson.session_id}/attendance"
        site.call(TUTOR, "PUT", path, student_attendance_status=status)
    page, pager = open_window(TUTOR), Pager(page_size=1)
    page.route("**/attendance-history*", pager)
    review = open_review(page, lesson.session_id)
    review.get_by_text("History", exact=True).click()
    decisions = review.locator(".decisions > li")
    more = review.get_by_role("button", name="Show more")
    more.evaluate(CLICK_TWICE)
    expect(decisions).to_have_count(2)
    assert pager.further_pages == 1
    pager.is_failing = True
    more.click()
    again = review.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    pager.is_failing = False
    more.or_(again).evaluate_all(CLICK_ALL)
    expect(decisions).to_have_count(3)
    assert pager.further_pages == 3


@pytest.mark.parametrize(
    ("who", "address"), [(ADMIN, "#/reports/tutors"), (VETERAN, "#/record")], ids=["report", "record"]
)
def test_a_file_that_is_asked_for_twice_is_downloaded_once(
    open_window: OpenWindow, veteran: Person, who: Person, address: str
) -> None:
    assert veteran == VETERAN
    page = open_window(who, address)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url) if ".csv" in request.url else None)
    download = page.get_by_role("button", name="Download as CSV")
    with page.expect_download():
        download.evaluate(CLICK_TWICE)
    with page.expect_download():
        download.click()
    assert len(requests) == 2
