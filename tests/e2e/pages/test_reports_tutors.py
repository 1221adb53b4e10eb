"""The reports with a row per tutor."""

from __future__ import annotations

from playwright.sync_api import Route, expect

from development.demo.people import person
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.site import Site
from tests.e2e.pages.test_reports import cells, follow, percent

ADMIN = person(901)
ALL_DAYS = "#/reports/tutors?days=all"
WHITEBOARD = "#/reports/tutors/whiteboard?days=all"


def test_an_admin_sees_the_attendance_of_every_tutor_with_what_is_not_marked_apart(
    open_window: OpenWindow, site: Site
) -> None:
    tutors = site.call(ADMIN, "GET", "/api/reports/tutor-attendance")["tutors"]
    page = open_window(ADMIN, ALL_DAYS)
    expect(page.locator("tbody tr")).to_have_count(len(tutors))
    for row, tutor in zip(page.locator("tbody tr").all(), tutors, strict=True):
        name, attended, _, present, late, absent, unmarked, excused, lessons, on_time = cells(row)
        marked = tutor["total_sessions"] - tutor["unmarked"]
        assert name == tutor["tutor_name"]
        # Who is late attended; the guide's rate is of those who were on time.
        assert attended == (percent(tutor["present"] + tutor["late"], marked) if marked else "none marked")
        assert on_time == (percent(tutor["present"], marked) if marked else "none marked")
        assert [int(count) for count in (present, late, absent, unmarked, excused, lessons)] == [
            tutor[field] for field in ("present", "late", "absent", "unmarked", "excused", "total_sessions")
        ]


def test_the_total_counts_lessons_and_averages_no_averages(open_window: OpenWindow, site: Site) -> None:
    tutors = site.call(ADMIN, "GET", "/api/reports/tutor-attendance")["tutors"]
    marked = sum(tutor["total_sessions"] - tutor["unmarked"] for tutor in tutors)
    attended = sum(tutor["present"] + tutor["late"] for tutor in tutors)
    page = open_window(ADMIN, ALL_DAYS)
    total = page.get_by_role("row", name="In all")
    expect(total.locator("td").first).to_have_text(percent(attended, marked))
    expect(page.get_by_text(f"{attended} of {marked} marked lessons attended.")).to_be_visible()


def test_in_all_is_in_all_however_many_pages_the_api_makes_of_it(open_window: OpenWindow, site: Site) -> None:
    tutors = site.call(ADMIN, "GET", "/api/reports/tutor-attendance")["tutors"]
    asked: list[str] = []

    def one_at_a_time(route: Route) -> None:
        asked.append(route.request.url)
        route.continue_(url=route.request.url.replace("page_size=200", "page_size=1"))

    page = open_window(ADMIN)
    page.route("**/api/reports/tutor-attendance*", one_at_a_time)
    follow(page, ALL_DAYS)
    expect(page.locator("tbody tr")).to_have_count(len(tutors))
    assert len(asked) == len(tutors)
    lessons = sum(tutor["total_sessions"] for tutor in tutors)
    assert cells(page.get_by_role("row", name="In all"))[-2] == str(lessons)
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)


def test_time_at_the_whiteboard_is_shown_as_the_api_answers_in_whole_minutes(
    open_window: OpenWindow, site: Site
) -> None:
    tutors = site.call(ADMIN, "GET", "/api/reports/whiteboard-engagement")["tutors"]
    page = open_window(ADMIN, WHITEBOARD)
    expect(page.locator("tbody tr")).to_have_count(len(tutors))
    for row, tutor in zip(page.locator("tbody tr").all(), tutors, strict=True):
        name, share, _, *minutes, lessons = cells(row)
        assert (name, lessons) == (tutor["tutor_name"], str(tutor["whiteboard_sessions"]))
        assert abs(int(share.removesuffix(" %")) - tutor["avg_student_engagement_pct"]) <= 0.5
        for shown, field in zip(minutes, ("avg_student_active_minutes", "avg_tutor_active_minutes"), strict=True):
            assert abs(int(shown) - tutor[field]) <= 0.5


def test_one_report_leads_to_the_other_and_keeps_days_and_focus(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, ALL_DAYS)
    page.get_by_role("link", name="At the whiteboard").click()
    current = page.get_by_role("link", name="At the whiteboard")
    expect(current).to_have_attribute("aria-current", "true")
    expect(current).to_be_focused()
    assert page.url.endswith(WHITEBOARD)
    expect(page.get_by_role("columnheader", name="Students there")).to_be_visible()


def test_on_a_phone_each_row_is_a_card_that_says_what_its_numbers_are(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, ALL_DAYS, viewport={"width": 390, "height": 844})
    row = page.locator("tbody tr").first
    expect(row).to_be_visible()
    assert row.evaluate("row => row.getBoundingClientRect().right") <= 390
    lessons = row.locator("td").filter(has_not_text="%").last
    assert lessons.evaluate("cell => getComputedStyle(cell, '::before').content") in {'"Lessons"', '"On time"'}
    # To screen readers it is a table as before.
    expect(page.get_by_role("table").get_by_role("rowheader").first).to_be_visible()
