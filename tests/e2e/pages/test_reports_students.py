"""The choice of a student, and a student's report."""

from __future__ import annotations

from playwright.sync_api import expect

from development.demo.people import person
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.hard_names import HOSTILE
from tests.e2e.pages.messages import alert
from tests.e2e.pages.site import Site

TUTOR, OTHER_TUTOR, ADMIN = person(101), person(102), person(901)
SARA = person(201)
STUDENTS = "#/reports/students"
REPORT = f"{STUDENTS}/{SARA.profile_id}?days=all"


def test_a_tutor_chooses_among_their_own_students(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, STUDENTS)
    expect(page.get_by_role("main").get_by_role("link", name=SARA.name)).to_be_visible()
    expect(page.get_by_role("link", name=HOSTILE.name)).to_have_count(0)


def test_a_student_is_found_by_name_and_the_focus_goes_to_their_report(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, STUDENTS)
    page.get_by_role("searchbox", name="Name of the student").fill("sara")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("1 student. Choose whose report to see.")).to_be_visible()
    page.get_by_role("link", name=SARA.name).click()
    heading = page.get_by_role("heading", name=f"Attendance of {SARA.name}")
    expect(heading).to_be_focused()
    page.go_back()
    expect(page.get_by_role("searchbox", name="Name of the student")).to_have_value("sara")


def test_a_search_without_results_says_so(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, f"{STUDENTS}?search=nobody")
    expect(page.get_by_text('Nobody\'s name matches "nobody".')).to_be_visible()


def test_a_name_that_is_markup_is_shown_as_it_is(open_window: OpenWindow) -> None:
    page = open_window(OTHER_TUTOR, STUDENTS)
    page.get_by_role("link", name=HOSTILE.name).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Attendance of {HOSTILE.name}")


def test_a_students_sessions_are_shown_with_source_minutes_and_notes(open_window: OpenWindow, site: Site) -> None:
    sessions = site.call(ADMIN, "GET", f"/api/reports/students/{SARA.profile_id}/attendance")["sessions"]
    page = open_window(ADMIN, REPORT)
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(len(sessions))
    for row, session in zip(rows.all(), sessions, strict=True):
        minutes = row.locator("td.number").inner_text()
        if "active_minutes" in session:
            assert abs(int(minutes) - session["active_minutes"]) <= 0.5
        else:
            assert minutes == "no whiteboard"
        expect(row).to_contain_text(session["course_name"])
        expect(row).to_contain_text(session["tutor_name"])
        expect(row.get_by_role("link")).to_have_attribute("href", f"#/lessons/{session['session_id']}")
    reported = rows.filter(has_text="Sara had a fever")
    expect(reported).to_contain_text("Absent")
    expect(reported).to_contain_text("Reported by a parent")


def test_what_nobody_has_marked_is_counted_apart_and_never_as_present(open_window: OpenWindow, site: Site) -> None:
    sessions = site.call(ADMIN, "GET", f"/api/reports/students/{SARA.profile_id}/attendance")["sessions"]
    statuses = [session.get("student_attendance_status") for session in sessions]
    page = open_window(ADMIN, REPORT)
    summary = page.get_by_role("main").get_by_role("listitem")
    expect(summary.filter(has_text="Not marked yet:")).to_have_text(f"Not marked yet: {statuses.count(None)}")
    expect(summary.filter(has_text="Present:")).to_have_text(f"Present: {statuses.count('present')}")


def test_the_report_of_another_tutors_student_is_refused_in_words(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, f"{STUDENTS}/{HOSTILE.profile_id}")
    expect(alert(page)).to_contain_text("There is no such student, or you may not see them")
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)
