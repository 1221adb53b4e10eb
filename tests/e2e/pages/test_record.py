"""A student's own lessons."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

from playwright.sync_api import expect

from development.demo.people import Person, person
from development.demo.story import Mark, Story, stay
from testkit.browser import PICTURES
from tests.e2e.pages.claims import CLICK_TWICE
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.records import changed_elsewhere, part, row
from tests.e2e.pages.site import Site, token_of
from tests.e2e.pages.veteran import LATE, LESSONS, REPORT, add_many_lessons

STUDENT, TUTOR = person(205), person(103)
MARKED = Story(what="Marked", enrolment=6, starts_in=-21, mark=Mark(by=103, tutor="present", student="absent"))


def test_students_see_what_was_recorded_about_them_and_by_whom(open_window: OpenWindow, veteran: Person) -> None:
    page = open_window(veteran)
    expect(page.get_by_role("heading", level=1)).to_have_text("My lessons")
    ill = page.get_by_role("listitem").filter(has_text=REPORT)
    expect(ill).to_contain_text("Tutoring session")
    expect(ill).to_contain_text("Absent")
    expect(ill).to_contain_text("Reported by a parent")
    page.screenshot(path=PICTURES / "record.png", full_page=True)


def test_what_nobody_has_marked_waits_apart_and_counts_for_nothing(open_window: OpenWindow, veteran: Person) -> None:
    page = open_window(veteran)
    attended = page.locator(".tile.present")
    expect(attended).to_contain_text("80 %")
    expect(attended).to_contain_text(f"{LATE} of {LATE + 1} marked lessons")
    expect(page.get_by_text(f"{LESSONS} finished lessons, Tue, Jan 2, 2001 to Fri, Jan 26, 2001")).to_be_visible()
    waiting = part(page, "Waiting to be marked")
    expect(waiting.get_by_role("listitem")).to_have_count(3)
    waiting.get_by_role("button", name=f"Show all {LESSONS - LATE - 1} lessons").click()
    expect(waiting.get_by_role("listitem")).to_have_count(LESSONS - LATE - 1)
    expect(waiting.get_by_role("link").first).to_be_focused()
    expect(waiting).not_to_contain_text("Present")


def test_a_student_looks_at_a_lesson_and_comes_back_to_where_they_were(open_window: OpenWindow) -> None:
    page = open_window(STUDENT)
    opener = page.get_by_role("link", name="Chemistry, grade 10").first
    opener.click()
    review = page.get_by_role("heading", level=2, name="Chemistry, grade 10")
    expect(review).to_be_visible()
    expect(page.get_by_role("radio", name="Present")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(review).to_have_count(0)
    expect(opener).to_be_focused()


def test_a_link_to_one_lesson_opens_it(open_window: OpenWindow) -> None:
    page = open_window(STUDENT, "#/record/7")
    review = page.get_by_role("heading", level=2, name="Chemistry, grade 10")
    expect(review).to_be_visible()
    page.keyboard.press("Escape")
    expect(review).to_have_count(0)
    expect(page).to_have_url(re.compile("#/record$"))


def test_back_closes_a_lesson_and_stays_on_the_record(open_window: OpenWindow) -> None:
    page = open_window(STUDENT, "#/elsewhere")
    page.evaluate("location.hash = '#/record'")
    opener = page.get_by_role("link", name="Chemistry, grade 10").first
    review = page.get_by_role("heading", level=2, name="Chemistry, grade 10")
    expect(opener).to_be_visible()
    shown = page.locator(".lists").element_handle()
    opener.click()
    expect(review).to_be_visible()
    expect(page).to_have_url(re.compile(r"#/record/\d+$"))
    page.go_back()
    expect(review).to_have_count(0)
    expect(page).to_have_url(re.compile("#/record$"))
    expect(opener).to_be_focused()
    opener.click()
    page.get_by_role("button", name="Close").click()
    expect(page).to_have_url(re.compile("#/record$"))
    expect(review).to_have_count(0)
    assert shown.evaluate("list => list.isConnected")
    page.go_back()
    expect(page).to_have_url(re.compile("#/elsewhere$"))


def test_on_a_wide_window_a_lesson_stands_beside_all_of_the_record(open_window: OpenWindow) -> None:
    page = open_window(STUDENT, viewport={"width": 1280, "height": 900})
    page.get_by_role("link", name="Chemistry, grade 10").first.click()
    review = page.get_by_role("complementary").filter(has=page.get_by_role("heading", name="Recorded"))
    expect(review).to_be_visible()
    panel, first = review.bounding_box(), page.locator(".next").bounding_box()
    months = page.locator(".by-month").bounding_box()
    assert panel
    assert first
    assert months
    assert panel["y"] == first["y"]
    assert panel["x"] >= first["x"] + first["width"]
    assert months["y"] >= panel["y"] + panel["height"]


def test_the_record_can_be_taken_along_as_a_file(open_window: OpenWindow, veteran: Person) -> None:
    page = open_window(veteran)
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download as CSV").click()
    assert downloading.value.suggested_filename.endswith(".csv")
    rows = list(csv.DictReader(io.StringIO(downloading.value.path().read_text(encoding="utf-8-sig"))))
    assert REPORT in {row["attendance_notes"] for row in rows}
    assert {row["course_name"] for row in rows} == {"Tutoring session"}


def test_all_of_three_hundred_lessons_count_and_are_shown_twenty_at_a_time(open_window: OpenWindow, site: Site) -> None:
    many = add_many_lessons(site)
    page = open_window(many)
    expect(page.get_by_text("300 finished lessons")).to_be_visible()
    expect(page.locator(".tile.present")).to_contain_text("240 of 300 marked lessons")
    past = part(page, "Past lessons").get_by_role("listitem")
    expect(past).to_have_count(20)
    for shown in (20, 40, 60):
        page.get_by_role("button", name="Show more").evaluate(CLICK_TWICE)
        expect(past).to_have_count(shown + 20)
        expect(past.nth(shown).get_by_role("link")).to_be_focused()
    months = page.locator(".trend li")
    expect(months).to_have_count(10)
    expect(months.last).to_contain_text("October 2001: 24 of 30 marked lessons attended, 3 late, 6 absent")
    page.get_by_role("radio", name="Last 3 months").check()
    expect(page.get_by_text("No finished lesson")).to_be_visible()


def test_each_course_and_tutor_is_counted_apart(open_window: OpenWindow) -> None:
    page = open_window(STUDENT)
    course = part(page, "By course").get_by_role("listitem").filter(has_text="Chemistry, grade 10")
    expect(course).to_contain_text("Hanna Tesfaye")
    expect(course).to_contain_text(re.compile(r"\d+ of \d+ marked lesson"))


def test_the_next_lesson_has_a_way_in_from_ten_minutes_before_it_starts(open_window: OpenWindow, site: Site) -> None:
    soon, later = site.add(
        Story(what="Soon", enrolment=7, starts_in=0.1, status="scheduled"),
        Story(what="Later", enrolment=7, starts_in=3, status="scheduled"),
    )
    begins = "session_date = (now() AT TIME ZONE 'Africa/Addis_Ababa' + interval '8 minutes')::date"
    times = ", ".join(
        f"{name} = (now() AT TIME ZONE 'Africa/Addis_Ababa' + interval '{minutes} minutes')::time"
        for name, minutes in (("start_time", 8), ("end_time", 68))
    )
    site.execute(f"UPDATE sessions SET {begins}, {times} WHERE id = %s", soon.session_id)  # noqa: S608 - constants
    page = open_window(person(208))
    coming = row(page, soon.session_id)
    expect(coming).to_contain_text(re.compile(r"in [78] minutes"))
    expect(coming).to_contain_text("Dawit Bekele")
    expect(coming.get_by_role("link", name="Join")).to_have_attribute(
        "href", f"/whiteboard?session={soon.whiteboard_id}"
    )
    expect(row(page, later.session_id).get_by_role("link", name="Join")).to_have_count(0)
    site.execute("UPDATE sessions SET status = 'cancelled' WHERE id = %s", soon.session_id)
    changed_elsewhere(page, soon.session_id)
    expect(page.get_by_role("link", name="Join")).to_have_count(0)


def test_a_running_lesson_can_be_joined(open_window: OpenWindow, site: Site) -> None:
    running, later = site.add(
        Story(what="Running", enrolment=7, starts_in=0, status="in-progress", tutor=stay(0, 60)),
        Story(what="Later", enrolment=7, starts_in=20, status="scheduled"),
    )
    page = open_window(person(208), viewport={"width": 390, "height": 844})
    expect(row(page, running.session_id).get_by_role("heading", name="Now")).to_be_visible()
    expect(row(page, running.session_id).get_by_role("link", name="Join")).to_be_visible()
    expect(row(page, later.session_id)).to_be_visible()
    expect(page.get_by_role("heading", name="Next lesson")).to_have_count(1)
    page.screenshot(path=PICTURES / "record-phone.png")
    for one in (running, later):
        site.execute("UPDATE sessions SET status = 'cancelled' WHERE id = %s", one.session_id)


def test_a_cancelled_lesson_is_called_cancelled_and_nothing_else(open_window: OpenWindow, site: Site) -> None:
    (cancelled,) = site.add(replace(MARKED, mark=None, enrolment=7, status="cancelled"))
    page = open_window(person(208))
    lesson = row(page, cancelled.session_id)
    expect(lesson).to_contain_text("Cancelled")
    for word in ("Absent", "Present", "Not marked yet"):
        expect(lesson).not_to_contain_text(word)
    expect(lesson.get_by_role("button")).to_have_count(0)


def test_what_another_tab_changed_is_shown_without_a_reload(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(replace(MARKED, mark=None, enrolment=7))
    page = open_window(person(208))
    waiting = part(page, "Waiting to be marked").locator(f"[data-session='{lesson.session_id}']")
    if not waiting.is_visible():
        page.get_by_role("button", name="Show all").first.click()
    expect(waiting).to_be_visible()
    path = f"/api/tutor/sessions/{lesson.session_id}/attendance"
    site.call(TUTOR, "PUT", path, tutor_attendance_status="present", student_attendance_status="late")
    changed_elsewhere(page, lesson.session_id)
    past = part(page, "Past lessons").locator(f"[data-session='{lesson.session_id}']")
    expect(past).to_contain_text("Late")
    expect(waiting).to_have_count(0)


def test_a_token_without_a_profile_leads_to_the_same_record(open_window: OpenWindow, veteran: Person) -> None:
    page = open_window(veteran, bearer=token_of(replace(veteran, profile_id=None)))
    expect(page.get_by_text(f"{LESSONS} finished lessons")).to_be_visible()


def test_an_account_without_a_student_profile_reads_what_to_do(open_window: OpenWindow, site: Site) -> None:
    number = 20_009
    site.execute("INSERT INTO users (id, first_name, father_name) VALUES (%s, 'Selam', 'Tolosa')", number)
    nobody = Person(user_id=number, first_name="Selam", father_name="Tolosa", role="student", profile_id=None)
    page = open_window(nobody)
    expect(page.get_by_role("main")).to_contain_text("ask the platform to connect your account")
    expect(page.get_by_role("main")).to_contain_text("There are no lessons yet.")


def test_lessons_and_totals_that_cannot_be_loaded_are_loaded_when_tried_again(open_window: OpenWindow) -> None:
    page = open_window(STUDENT)
    expect(page.get_by_role("link", name="Chemistry").first).to_be_visible()
    page.context.set_offline(True)
    page.evaluate("location.hash = '#/elsewhere'")
    expect(page.get_by_role("main")).to_contain_text("There is no such page.")
    page.evaluate("location.hash = '#/record'")
    again = page.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    page.context.set_offline(False)
    again.click()
    expect(page.get_by_role("link", name="Chemistry").first).to_be_visible()
    expect(page.get_by_text("finished lessons")).to_be_visible()
