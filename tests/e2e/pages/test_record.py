"""A student's view of their own attendance."""

from __future__ import annotations

import csv
import io

import pytest
from playwright.sync_api import expect

from development.demo.people import Person, person
from tests.e2e.browser.windows import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.site import Site

STUDENT = person(201)
#: Has lessons that no other test knows of, long ago.
VETERAN = Person(user_id=20_001, first_name="Kidist", father_name="Mulu", role="student", profile_id=20_001)
LESSONS, LATE = 25, 4


@pytest.fixture(scope="module")
def veteran(site: Site) -> Person:
    """Return a student with 25 finished lessons: late at four of them, the others not marked."""
    number = VETERAN.user_id
    site.execute("INSERT INTO users (id, first_name, father_name) VALUES (%s, 'Kidist', 'Mulu')", number)
    site.execute("INSERT INTO student_profiles (id, user_id, username) VALUES (%s, %s, 'kidist')", number, number)
    site.execute("INSERT INTO enrolled_courses (id, tutor_id, students_id) VALUES (%s, 3, ARRAY[%s])", number, number)
    site.execute(
        "INSERT INTO sessions (enrolled_courses_id, session_date, start_time, end_time, status) "
        "SELECT %s, date '2020-01-01' + day, '10:00', '11:00', 'completed' FROM generate_series(1, %s) AS day",
        number,
        LESSONS,
    )
    site.execute(
        "UPDATE sessions SET student_attendance_status = 'late', attendance_source = 'manual' "
        "WHERE enrolled_courses_id = %s AND session_date <= date '2020-01-01' + %s",
        number,
        LATE,
    )
    return VETERAN


def test_students_see_what_was_recorded_about_them_and_by_whom(open_window: OpenWindow) -> None:
    page = open_window(STUDENT)
    expect(page.get_by_role("heading", level=1)).to_have_text("My attendance")
    ill = page.get_by_role("listitem").filter(has_text="Sara had a fever")
    expect(ill).to_contain_text("Amharic for beginners")
    expect(ill).to_contain_text("Absent")
    expect(ill).to_contain_text("Reported by a parent")
    page.screenshot(path=PICTURES / "record.png", full_page=True)


def test_what_nobody_has_marked_is_counted_apart(open_window: OpenWindow, veteran: Person) -> None:
    page = open_window(veteran)
    figures = page.locator(".figures > div")
    expect(figures.filter(has_text="Late")).to_have_text(f"⏰ Late{LATE}")
    expect(figures.filter(has_text="Not marked yet")).to_have_text(f"○ Not marked yet{LESSONS - LATE}")
    expect(page.get_by_text(f"Of {LESSONS} finished lessons.")).to_be_visible()


def test_a_student_looks_at_a_lesson_and_comes_back_to_where_they_were(open_window: OpenWindow) -> None:
    page = open_window(STUDENT)
    opener = page.get_by_role("button", name="Look at it: Amharic for beginners").first
    opener.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Amharic for beginners")).to_be_visible()
    expect(dialog.get_by_role("radio")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()


def test_a_link_to_one_lesson_opens_it(open_window: OpenWindow) -> None:
    page = open_window(STUDENT, "#/record/13")
    expect(page.get_by_role("dialog").get_by_role("heading", name="Amharic for beginners")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate("location.hash") == "#/record"


def test_the_record_can_be_taken_along_as_a_file(open_window: OpenWindow) -> None:
    page = open_window(STUDENT)
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download as CSV").click()
    assert downloading.value.suggested_filename == "attendance-28.csv"
    rows = list(csv.DictReader(io.StringIO(downloading.value.path().read_text())))
    assert "Sara had a fever" in {row["attendance_notes"] for row in rows}


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
