"""The report on what became of lessons."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from development.demo.people import person
from development.demo.story import Story, stay
from testkit.browser import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.own_course import wait_until_settled
from tests.e2e.pages.site import Site
from tests.e2e.pages.test_reports import cells

TUTOR, ADMIN = person(101), person(901)
COUNTS = ("lessons", "held", "student_no_shows", "tutor_no_shows", "nobody_came", "cancelled", "cannot_know")
MINUTES = ("overlap_minutes", "billable_minutes", "tutor_waited_minutes", "student_waited_minutes")


def is_written(shown: str, value: float) -> bool:
    """Return whether these are the minutes as pages write them: whole ones."""
    return abs(int(shown.replace(",", "")) - value) <= 0.5


def shown_rows(page: Page, fragment: str) -> list[dict[str, Any]]:
    """Go to the report and return the rows that the API answered to the page."""
    with page.expect_response("**/api/reports/lesson-outcomes*") as answer:
        page.evaluate("fragment => { location.hash = fragment; }", fragment)
    rows: list[dict[str, Any]] = answer.value.json()["outcomes"]
    return rows


@pytest.mark.parametrize("group", ["tutor", "student"])
def test_it_has_a_row_per_person_with_everything_that_the_api_answers(
    open_window: OpenWindow, site: Site, group: str
) -> None:
    (lesson,) = site.add(Story(what="No-show", enrolment=1, starts_in=-20, tutor=stay(0, 25), students={201: ()}))
    wait_until_settled(site, lesson.session_id)
    page = open_window(ADMIN, "#/reports/tutors")
    rows = shown_rows(page, f"#/reports/outcomes/{group}?days=all")
    expect(page.locator("tbody tr")).to_have_count(len(rows))
    for line, row in zip(page.locator("tbody tr").all(), rows, strict=True):
        name, *numbers = cells(line)
        counts, minutes = numbers[: len(COUNTS)], numbers[len(COUNTS) :]
        assert name == row[f"{group}_name"]
        assert list(map(int, counts)) == [row[field] for field in COUNTS]
        assert all(is_written(shown, row[field]) for shown, field in zip(minutes, MINUTES, strict=True))
    assert any(row["student_no_shows"] for row in rows)
    page.screenshot(path=PICTURES / f"report-outcomes-{group}.png", full_page=True)


def test_a_tutor_sees_their_own_days_and_takes_them_along(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(Story(what="Held", enrolment=1, starts_in=-20, tutor=stay(0, 60), students={201: stay(0, 60)}))
    wait_until_settled(site, lesson.session_id)
    page = open_window(TUTOR, "#/reports/outcomes?days=all")
    expect(page.get_by_role("link", name="By day")).to_have_attribute("aria-current", "true")
    expect(page.locator("tbody tr").first).to_be_visible()
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download as CSV").click()
    assert downloading.value.suggested_filename == "lesson-outcomes-by-day-all-days.csv"
    rows = list(csv.DictReader(io.StringIO(downloading.value.path().read_text(encoding="utf-8-sig"))))
    assert {"day", "held", "billable_minutes"} <= set(rows[0])


def test_days_without_a_lesson_say_so(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, "#/reports/outcomes?from=2020-01-01&to=2020-01-31")
    expect(page.get_by_role("main")).to_contain_text("No lesson has been judged yet")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_number_is_cut_off(open_window: OpenWindow, width: int) -> None:
    row = {
        "tutor_id": 1,
        "tutor_name": "Abebe Kebede",
        **dict.fromkeys(COUNTS, 1234),
        **dict.fromkeys(MINUTES, 12345.5),
    }
    page = open_window(ADMIN, viewport={"width": width, "height": 800})
    page.route("**/api/reports/lesson-outcomes*", lambda route: route.fulfill(json={"outcomes": [row, row]}))
    page.evaluate("() => { location.hash = '#/reports/outcomes/tutor?days=all'; }")
    expect(page.locator("tbody tr").first).to_be_visible()
    edges = "cells => Math.max(...cells.map((cell) => cell.getBoundingClientRect().right))"
    assert page.locator("tbody tr > *").evaluate_all(edges) <= width
    box = page.locator(".scroll")
    assert box.evaluate("box => box.scrollWidth <= box.clientWidth")
