"""Absences that are announced before a lesson."""

from __future__ import annotations

from playwright.sync_api import expect

from development.demo.people import person
from development.demo.story import Story
from testkit.browser import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.lessons import card
from tests.e2e.pages.messages import status
from tests.e2e.pages.reviews import expect_closed, open_review, section
from tests.e2e.pages.site import ZONE, Site

TUTOR, STUDENT, PARENT = person(101), person(201), person(301)
COMING = Story(what="To come", enrolment=1, starts_in=30, status="scheduled")


def test_a_parent_announces_that_their_child_will_not_come(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(COMING)
    page = open_window(PARENT, viewport={"width": 390, "height": 844})
    page.get_by_role("button", name="Announce an absence").first.wait_for()
    review = open_review(page, lesson.session_id)
    review.get_by_role("button", name="Announce an absence of Sara Alemu").click()
    question = page.get_by_role("alertdialog", name="Announce an absence")
    question.get_by_role("button", name="Announce", exact=True).click()
    expect(question).to_contain_text("Write why.")
    expect(question.get_by_label("Why")).to_be_focused()
    question.get_by_label("Why").fill("A visit to the dentist")
    page.screenshot(path=PICTURES / "absence-announce-phone.png")
    question.get_by_role("button", name="Announce", exact=True).click()
    absences = section(review, "Announced absences")
    expect(absences).to_contain_text("Sara Alemu will not come: A visit to the dentist")
    expect(absences.get_by_role("button", name="of Abebe Kebede")).to_have_count(0)
    expect(status(review).last).to_contain_text("It is announced.")
    page.screenshot(path=PICTURES / "absence-announced-phone.png")
    stored = site.get(TUTOR, f"/api/tutor/sessions/{lesson.session_id}")
    assert stored["students"][0]["absence_announced"] == "A visit to the dentist"


def test_the_tutor_sees_it_on_the_card_and_the_student_in_the_lesson(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(COMING)
    path = f"/api/tutor/sessions/{lesson.session_id}/absence-notices"
    site.call(PARENT, "POST", path, student_id=STUDENT.profile_id, reason="A wedding")
    day = lesson.start.astimezone(ZONE).date().isoformat()
    page = open_window(TUTOR, f"#/lessons?from={day}&to={day}")
    expect(card(page, lesson.session_id)).to_contain_text("Sara Alemu will not come: A wedding")
    review = open_review(open_window(STUDENT), lesson.session_id)
    expect(section(review, "Announced absences")).to_contain_text("will not come: A wedding")
    expect(section(review, "Announced absences").get_by_role("button")).to_have_count(0)


def test_a_tutor_takes_their_own_notice_back(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(COMING)
    path = f"/api/tutor/sessions/{lesson.session_id}"
    site.call(TUTOR, "POST", f"{path}/absence-notices", about_tutor=True, reason="A power cut")
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    review.get_by_role("button", name="Will come after all of Abebe Kebede").click()
    expect(review.get_by_role("button", name="Announce an absence of Abebe Kebede")).to_be_visible()
    page.keyboard.press("Escape")
    expect_closed(page)
    assert "tutor_absence_announced" not in site.get(TUTOR, path)


def test_a_notice_that_comes_too_late_is_refused_with_the_reason(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(COMING)
    page = open_window(PARENT)
    review = open_review(page, lesson.session_id)
    site.execute("UPDATE sessions SET session_date = session_date - 30 WHERE id = %s", lesson.session_id)
    review.get_by_role("button", name="Announce an absence of Sara Alemu").click()
    page.get_by_role("alertdialog").get_by_label("Why").fill("Too late")
    page.get_by_role("alertdialog").get_by_role("button", name="Announce", exact=True).click()
    expect(review.get_by_role("alert").last).to_contain_text("The lesson has begun")
