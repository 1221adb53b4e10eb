"""Claims in the review of their lesson: raised, answered and taken back there."""

from __future__ import annotations

from dataclasses import replace

from playwright.sync_api import expect

from testkit.browser import PICTURES
from tests.e2e.pages.claims import (
    ADMIN,
    MARKED,
    STUDENT,
    TUTOR,
    path,
    raised,
)
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.messages import alert
from tests.e2e.pages.records import form
from tests.e2e.pages.reviews import open_review, section
from tests.e2e.pages.site import Site


def test_in_the_review_one_objects_in_the_same_form_and_only_to_a_mark(open_window: OpenWindow, site: Site) -> None:
    marked, unmarked = site.add(MARKED, replace(MARKED, mark=None))
    page = open_window(STUDENT)
    review = open_review(page, unmarked.session_id)
    expect(review).to_contain_text("Not marked yet")
    expect(review.get_by_role("button", name="This is not right")).to_have_count(0)
    review = open_review(page, marked.session_id)
    review.get_by_role("button", name="This is not right").click()
    expect(form(page).get_by_role("heading", name="This is not right")).to_be_visible()
    expect(form(page)).to_contain_text("Dawit Bekele or an admin reads this")
    form(page).get_by_role("radio", name="Late").check()
    form(page).get_by_label("What happened (required)").fill("The bell did not ring")
    page.screenshot(path=PICTURES / "claim-in-review.png")
    form(page).get_by_role("button", name="Send").click()
    expect(section(review, "Claims")).to_contain_text("The bell did not ring")
    assert site.get(TUTOR, path(marked.session_id))["open_claims"] == 1


def test_who_declines_says_why_and_the_student_reads_it(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    raised(site, lesson.session_id, "I was there")
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    section(review, "Claims").get_by_role("button", name="Decline").click()
    expect(section(review, "Claims")).to_contain_text("Write why it stays as it is.")
    page.screenshot(path=PICTURES / "claims-in-review.png")
    section(review, "Claims").get_by_role("textbox").fill("The camera was off, and nobody answered")
    section(review, "Claims").get_by_role("button", name="Decline").click()
    expect(section(review, "Claims")).to_contain_text("Declined by Dawit Bekele")
    review = open_review(open_window(STUDENT), lesson.session_id)
    expect(section(review, "Claims")).to_contain_text("The camera was off, and nobody answered")
    assert site.get(TUTOR, path(lesson.session_id))["student_attendance_status"] == "absent"


def test_who_objected_takes_it_back_in_the_lesson(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    raised(site, lesson.session_id, "I was there, I think")
    review = open_review(open_window(STUDENT), lesson.session_id)
    section(review, "Claims").get_by_role("button", name="Take back").click()
    expect(section(review, "Claims")).to_contain_text("Taken back by Sara Alemu")
    expect(review.get_by_role("button", name="This is not right")).to_be_visible()
    assert site.get(TUTOR, path(lesson.session_id))["open_claims"] == 0


def test_a_claim_that_was_answered_in_between_is_shown_in_its_session(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    number = raised(site, lesson.session_id, "In between")
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    claims = section(review, "Claims")
    accept = claims.get_by_role("button", name="Accept")
    expect(accept).to_be_visible()
    site.call(ADMIN, "POST", f"/api/claims/{number}:answer", answer="declined", note="No")
    accept.click()
    expect(alert(review)).to_contain_text("answered")
    expect(claims).to_contain_text("Declined by")
    expect(accept).to_have_count(0)
