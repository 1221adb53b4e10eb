"""Withdrawing a decision in the review of a lesson."""

from __future__ import annotations

from playwright.sync_api import expect

from development.demo.people import person
from development.demo.story import Mark, Story
from testkit.browser import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.messages import alert, status
from tests.e2e.pages.reviews import choose, decide, expect_closed, open_review, section
from tests.e2e.pages.site import Site

TUTOR, STUDENT, PARENT, ADMIN = person(101), person(201), person(301), person(901)
MARKED = Story(what="Marked", enrolment=1, starts_in=-21, mark=Mark(by=101, tutor="present", student="late"))


def path(session_id: int) -> str:
    return f"/api/tutor/sessions/{session_id}"


def test_what_was_marked_can_be_withdrawn_with_a_reason_and_marked_anew(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    review.get_by_role("button", name="Withdraw").click()
    question = page.get_by_role("alertdialog", name="Withdraw the mark")
    expect(question).to_contain_text("Withdraw what is recorded about you and Sara Alemu?")
    question.get_by_label("Why").fill("The wrong lesson")
    page.screenshot(path=PICTURES / "lesson-withdraw.png")
    question.get_by_role("button", name="Withdraw").click()
    expect(status(review).last).to_contain_text("Withdrawn: it is not marked any more.")
    expect(section(review, "Recorded")).to_be_hidden()
    expect(review.get_by_role("button", name="Withdraw")).to_be_hidden()
    review.get_by_text("History", exact=True).click()
    expect(review.locator(".decisions > li").first).to_contain_text("The wrong lesson")
    choose(review, "You", "Present")
    choose(review, "Sara Alemu", "Present")
    decide(review).click()
    expect(review).to_have_count(0)
    assert site.get(TUTOR, path(lesson.session_id))["attendance_source"] == "manual"


def test_nothing_is_withdrawn_by_those_who_change_their_mind(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    review.get_by_role("button", name="Withdraw").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    expect(review).to_be_visible()
    assert site.get(TUTOR, path(lesson.session_id))["attendance_source"] == "manual"


def test_a_decision_in_between_is_shown_and_not_withdrawn(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    site.call(ADMIN, "PUT", f"{path(lesson.session_id)}/attendance", student_attendance_status="absent")
    review.get_by_role("button", name="Withdraw").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Withdraw").click()
    expect(alert(review)).to_contain_text("Tigist Worku (admin) decided in the meantime: Sara Alemu Absent.")
    assert site.get(TUTOR, path(lesson.session_id))["student_attendance_status"] == "absent"


def test_parents_withdraw_their_own_report_alone(open_window: OpenWindow, site: Site) -> None:
    reported, marked = site.add(
        Story(what="Reported", enrolment=1, starts_in=-22, mark=Mark(by=301, student="absent")), MARKED
    )
    review = open_review(page := open_window(PARENT), marked.session_id)
    expect(review.get_by_role("button", name="Take back")).to_be_hidden()
    page.keyboard.press("Escape")
    expect_closed(page)
    review = open_review(page, reported.session_id)
    review.get_by_role("button", name="Take back").click()
    expect(page.get_by_role("alertdialog")).to_contain_text("Then nothing is marked.")
    page.get_by_role("alertdialog").get_by_role("button", name="Take back").click()
    expect(section(review, "Recorded")).to_be_hidden()
    assert site.get(TUTOR, path(reported.session_id))["student_attendance_source"] == "system_default"


def test_students_are_not_offered_to_withdraw(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    review = open_review(open_window(STUDENT), lesson.session_id)
    expect(review.get_by_role("button", name="Withdraw")).to_be_hidden()
