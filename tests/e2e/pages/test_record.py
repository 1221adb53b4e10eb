"""A student's view of their own attendance."""

from __future__ import annotations

import csv
import io
import re

from playwright.sync_api import expect

from development.demo.people import Person, person
from testkit.browser import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.veteran import LATE, LESSONS, REPORT

STUDENT = person(205)


def test_students_see_what_was_recorded_about_them_and_by_whom(open_window: OpenWindow, veteran: Person) -> None:
    page = open_window(veteran)
    expect(page.get_by_role("heading", level=1)).to_have_text("My attendance")
    ill = page.get_by_role("listitem").filter(has_text=REPORT)
    expect(ill).to_contain_text("Tutoring session")
    expect(ill).to_contain_text("Absent")
    expect(ill).to_contain_text("Reported by a parent")
    page.screenshot(path=PICTURES / "record.png", full_page=True)


def test_what_nobody_has_marked_is_counted_apart(open_window: OpenWindow, veteran: Person) -> None:
    page = open_window(veteran)
    figures = page.locator(".figures > div")
    expect(figures.filter(has_text="Late")).to_have_text(f"Late{LATE}")
    expect(figures.filter(has_text="Not marked yet")).to_have_text(f"○ Not marked yet{LESSONS - LATE - 1}")
    expect(page.get_by_text(f"Of {LESSONS} finished lessons.")).to_be_visible()


def test_a_student_looks_at_a_lesson_and_comes_back_to_where_they_were(open_window: OpenWindow) -> None:
    page = open_window(STUDENT)
    opener = page.get_by_role("button", name="Look at it: Chemistry, grade 10").first
    opener.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Chemistry, grade 10")).to_be_visible()
    expect(dialog.get_by_role("radio")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()


def test_a_link_to_one_lesson_opens_it(open_window: OpenWindow) -> None:
    page = open_window(STUDENT, "#/record/7")
    expect(page.get_by_role("dialog").get_by_role("heading", name="Chemistry, grade 10")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).to_have_url(re.compile("#/record$"))


def test_the_record_can_be_taken_along_as_a_file(open_window: OpenWindow, veteran: Person) -> None:
    page = open_window(veteran)
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download as CSV").click()
    assert downloading.value.suggested_filename == f"attendance-{veteran.profile_id}.csv"
    rows = list(csv.DictReader(io.StringIO(downloading.value.path().read_text(encoding="utf-8-sig"))))
    assert REPORT in {row["attendance_notes"] for row in rows}


def test_more_lessons_than_fit_a_page_are_shown_on_demand(open_window: OpenWindow, veteran: Person) -> None:
    page = open_window(veteran)
    openers = page.get_by_role("button", name="Look at it")
    expect(openers).to_have_count(20)
    page.get_by_role("button", name="Show more").click()
    expect(openers).to_have_count(LESSONS)
    expect(openers.nth(20)).to_be_focused()
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)


def test_lessons_and_summary_that_cannot_be_loaded_can_each_be_tried_again(open_window: OpenWindow) -> None:
    page = open_window(STUDENT)
    expect(page.get_by_role("button", name="Look at it").first).to_be_visible()
    page.context.set_offline(True)
    page.evaluate("location.hash = '#/elsewhere'")
    expect(page.get_by_role("main")).to_contain_text("There is no such page.")
    page.evaluate("location.hash = '#/record'")
    again = page.get_by_role("button", name="Try again")
    expect(again).to_have_count(2)
    page.context.set_offline(False)
    again.last.click()
    expect(page.get_by_text("finished lessons.")).to_be_visible()
    again.click()
    expect(page.get_by_role("button", name="Look at it").first).to_be_visible()
