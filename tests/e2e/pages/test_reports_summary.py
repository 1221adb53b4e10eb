"""The summary of reports, and the students at risk."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from development.demo.people import Person, person
from testkit.browser import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.messages import alert
from tests.e2e.pages.site import Site
from tests.e2e.pages.test_reports import LONG_AGO, cells, percent

TUTOR, ADMIN = person(101), person(901)
SUMMARY = "#/reports"
AT_RISK = "#/reports/at-risk"
#: Somebody who attended every week, and has not come for four. Their tutor is the third.
AWAY = Person(user_id=20_101, first_name="Hirut", father_name="Assefa", role="student", profile_id=20_101)
WEEKS, WEEKS_AWAY = 12, 4
_ROWS = (
    "INSERT INTO users (id, first_name, father_name) VALUES (20101, 'Hirut', 'Assefa')",
    "INSERT INTO student_profiles (id, user_id, username) VALUES (20101, 20101, 'hirut')",
    "INSERT INTO enrolled_courses (id, tutor_id, students_id) VALUES (20101, 3, ARRAY[20101])",
    """INSERT INTO sessions (id, enrolled_courses_id, session_date, start_time, end_time, status, attendance_source,
                             student_attendance_status)
       SELECT 20100 + week, 20101, current_date - 3 - 7 * week, '06:00', '07:00', 'completed', 'manual',
              CASE WHEN week < 4 THEN 'absent' ELSE 'present' END
       FROM generate_series(0, 10) AS week""",
)


@pytest.fixture(scope="module")
def away(site: Site) -> Person:
    """Return a student who has not come for four lessons."""
    for statement in _ROWS:
        site.execute(statement)
    return AWAY


def tile(page: Page, label: str) -> str:
    """Return what a tile says."""
    return page.locator(".tile").filter(has=page.get_by_text(label, exact=True)).inner_text()


def test_tiles_are_the_sums_of_what_the_api_answers(open_window: OpenWindow, site: Site) -> None:
    outcomes = site.call(TUTOR, "GET", "/api/reports/lesson-outcomes")["outcomes"]
    weeks = site.call(TUTOR, "GET", "/api/reports/attendance-trend")["weeks"]
    page = open_window(TUTOR, f"{SUMMARY}?days=all")
    expect(page.locator(".tile")).to_have_count(4)
    held, lessons = (sum(row[field] for row in outcomes) for field in ("held", "lessons"))
    assert f"{held} of {lessons}" in tile(page, "Held")
    attended, marked = (sum(row[field] for row in weeks) for field in ("attended", "marked"))
    assert percent(attended, marked) in tile(page, "Students attended")
    assert f"{attended} of {marked} marked lessons attended." in tile(page, "Students attended")


def test_every_week_is_a_column_that_says_its_numbers_and_a_row_of_the_table(
    open_window: OpenWindow, site: Site
) -> None:
    weeks = site.call(TUTOR, "GET", "/api/reports/attendance-trend")["weeks"]
    page = open_window(TUTOR, f"{SUMMARY}?days=all")
    for title in ("Students who attended, by week", "Minutes together, by week"):
        columns = page.get_by_role("group", name=title).get_by_role("button")
        expect(columns).to_have_count(len(weeks))
        # The newest is last, and the only one that the keyboard stops at.
        newest = re.compile(rf"Week of {day_and_month(weeks[0]['first_day'])}: ")
        expect(columns.last).to_have_accessible_name(newest)
        expect(columns.last).to_have_attribute("tabindex", "0")
    page.get_by_text("The same as a table").click()
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(len(weeks))
    for row, week in zip(rows.all(), weeks, strict=True):
        _, lessons, _, *counts, together, scheduled = cells(row)
        assert [int(lessons), *map(int, counts)] == [
            week[field] for field in ("lessons", "attended", "late", "absent", "excused", "unmarked")
        ]
        assert abs(float(together.replace(",", "")) - week["overlap_minutes"]) <= 0.5
        assert abs(float(scheduled.replace(",", "")) - week["scheduled_minutes"]) <= 0.5


def test_what_did_not_occur_in_a_week_has_no_part_of_its_column(open_window: OpenWindow, site: Site) -> None:
    weeks = site.call(TUTOR, "GET", "/api/reports/attendance-trend")["weeks"]
    page = open_window(TUTOR, f"{SUMMARY}?days=all")
    columns = page.get_by_role("group", name="Students who attended, by week").get_by_role("button")
    expect(columns).to_have_count(len(weeks))
    for column, week in zip(reversed(columns.all()), weeks, strict=True):
        occurred = [kind for kind in ("present", "late", "absent") if week[kind]]
        assert [part.get_attribute("class") for part in column.locator(".fill").all()] == [
            f"fill {kind}" for kind in occurred
        ]
    page.screenshot(path=PICTURES / "reports-summary-weeks.png", full_page=True)


def day_and_month(date: str) -> str:
    """Return a date as the charts write it."""
    parsed = datetime.fromisoformat(date)
    return f"{parsed:%b} {parsed.day}"


def test_a_student_who_stays_away_is_named_with_the_reason(open_window: OpenWindow, away: Person) -> None:
    page = open_window(ADMIN, SUMMARY)
    line = page.get_by_role("listitem").filter(has_text=away.name)
    expect(line).to_contain_text(f"{WEEKS_AWAY} absences in a row")
    expect(line).to_contain_text("0 % attended lately, 100 % before")
    expect(line).to_contain_text("Dawit Bekele")
    page.screenshot(path=PICTURES / "report-at-risk.png", full_page=True)
    line.get_by_role("link", name=away.name).click()
    expect(page.get_by_role("heading", name=f"Attendance of {away.name}")).to_be_focused()


def test_all_students_at_risk_are_a_table_with_the_numbers_behind_it(open_window: OpenWindow, away: Person) -> None:
    page = open_window(ADMIN, AT_RISK)
    row = page.get_by_role("row").filter(has_text=away.name)
    recent, earlier = (row.locator("td").nth(number) for number in (1, 2))
    expect(recent).to_have_text("0 % (0 of 4)")
    expect(earlier).to_have_text("100 % (7 of 7)")
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download as CSV").click()
    assert away.name in downloading.value.path().read_text(encoding="utf-8-sig")
    page.set_viewport_size({"width": 320, "height": 640})
    edges = "cells => Math.max(...cells.map((cell) => cell.getBoundingClientRect().right))"
    assert page.locator("tbody tr > *").evaluate_all(edges) <= 320
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_weeks_end_with_the_last_day_that_was_chosen(open_window: OpenWindow, away: Person) -> None:
    before = (datetime.now(UTC) - timedelta(days=24)).date()
    page = open_window(ADMIN, f"{AT_RISK}?to={before}")
    expect(page.get_by_role("status").filter(has_text="12 weeks up to")).to_be_visible()
    expect(page.get_by_text(away.name)).to_have_count(0)


def test_tutors_see_only_their_own_students_at_risk(open_window: OpenWindow, away: Person) -> None:
    page = open_window(TUTOR, AT_RISK)
    expect(page.get_by_role("status").filter(has_text="12 weeks up to")).to_be_visible()
    expect(page.get_by_text(away.name)).to_have_count(0)


def test_days_without_lessons_say_so(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, f"{SUMMARY}{LONG_AGO}")
    expect(page.get_by_text("There are no completed lessons")).to_be_visible()
    expect(page.get_by_text("Nobody misses lessons in a row")).to_be_visible()


def test_a_summary_that_could_not_be_loaded_is_loaded_by_trying_again(open_window: OpenWindow) -> None:
    page = open_window(TUTOR)
    page.route("**/api/reports/attendance-trend*", lambda route: route.abort())
    page.evaluate("() => { location.hash = '#/reports'; }")
    expect(alert(page)).to_contain_text("The server can't be reached.")
    expect(page.locator(".tile")).to_have_count(0)
    page.unroute("**/api/reports/attendance-trend*")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".tile")).to_have_count(4)
    expect(alert(page)).to_have_count(0)
