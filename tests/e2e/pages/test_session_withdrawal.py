"""Withdrawing a decision in the dialog of a session."""

from __future__ import annotations

from playwright.sync_api import expect

from development.demo.people import person
from development.demo.story import Mark, Story
from testkit.browser import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.messages import alert, status
from tests.e2e.pages.session_dialogs import expect_closed, open_session, section
from tests.e2e.pages.site import Site

TUTOR, STUDENT, PARENT, ADMIN = person(101), person(201), person(301), person(901)
MARKED = Story(what="Marked", enrolment=1, starts_in=-21, mark=Mark(by=101, tutor="present", student="late"))


def path(session_id: int) -> str:
    return f"/api/tutor/sessions/{session_id}"


def test_what_was_marked_can_be_withdrawn_with_a_reason_and_marked_anew(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    page = open_window(TUTOR)
    dialog = open_session(page, lesson.session_id)
    dialog.get_by_role("button", name="Withdraw the mark").click()
    question = page.get_by_role("alertdialog", name="Withdraw the mark")
    expect(question).to_contain_text("Is the mark of Tutor and Student to be withdrawn?")
    question.get_by_label("Why").fill("The wrong lesson")
    page.screenshot(path=PICTURES / "session-withdraw.png")
    question.get_by_role("button", name="Withdraw").click()
    expect(status(dialog).last).to_contain_text("Withdrawn: it is not marked any more.")
    expect(section(dialog, "Recorded now").locator(".chip")).to_have_text(["Not marked yet", "Not marked yet"])
    expect(dialog.get_by_role("button", name="Withdraw the mark")).to_be_hidden()
    dialog.get_by_text("History of decisions").click()
    expect(dialog.locator(".decisions > li").first).to_contain_text("The wrong lesson")
    dialog.get_by_role("radiogroup", name="Tutor").get_by_label("Present").check()
    dialog.get_by_role("radiogroup", name="Student").get_by_label("Present").check()
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator("dialog.session-dialog")).to_have_count(0)
    assert site.get(TUTOR, path(lesson.session_id))["attendance_source"] == "manual"


def test_nothing_is_withdrawn_by_those_who_change_their_mind(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    page = open_window(TUTOR)
    dialog = open_session(page, lesson.session_id)
    dialog.get_by_role("button", name="Withdraw the mark").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    expect(dialog).to_be_visible()
    assert site.get(TUTOR, path(lesson.session_id))["attendance_source"] == "manual"


def test_a_decision_in_between_is_shown_and_not_withdrawn(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    page = open_window(TUTOR)
    dialog = open_session(page, lesson.session_id)
    site.call(ADMIN, "PUT", f"{path(lesson.session_id)}/attendance", student_attendance_status="absent")
    dialog.get_by_role("button", name="Withdraw the mark").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Withdraw").click()
    expect(alert(dialog)).to_contain_text("Tigist Worku (admin) decided in the meantime: Student Absent.")
    assert site.get(TUTOR, path(lesson.session_id))["student_attendance_status"] == "absent"


def test_parents_withdraw_their_own_report_alone(open_window: OpenWindow, site: Site) -> None:
    reported, marked = site.add(
        Story(what="Reported", enrolment=1, starts_in=-22, mark=Mark(by=301, student="absent")), MARKED
    )
    dialog = open_session(page := open_window(PARENT), marked.session_id)
    expect(dialog.get_by_role("button", name="Withdraw the mark")).to_be_hidden()
    page.keyboard.press("Escape")
    expect_closed(page)
    dialog = open_session(page, reported.session_id)
    dialog.get_by_role("button", name="Withdraw the mark").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Withdraw").click()
    expect(section(dialog, "Recorded now")).to_contain_text("Student○ Not marked yet")
    assert site.get(TUTOR, path(reported.session_id))["student_attendance_source"] == "system_default"


def test_students_are_not_offered_to_withdraw(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    dialog = open_session(open_window(STUDENT), lesson.session_id)
    expect(dialog.get_by_role("button", name="Withdraw the mark")).to_be_hidden()
