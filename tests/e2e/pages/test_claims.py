"""Claims: a student or parent objects to what is recorded, and the tutor or an admin answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from development.demo.people import person
from development.demo.story import Mark, Story
from testkit.browser import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.lessons import address, card
from tests.e2e.pages.messages import alert, status
from tests.e2e.pages.reviews import decide, open_review, section
from tests.e2e.pages.site import Site

TUTOR, OTHER_TUTOR, STUDENT, PARENT, ADMIN = (person(number) for number in (103, 101, 201, 301, 901))
PARENT_OF_TWO = person(302)
#: Both clicks come before any answer does.
CLICK_TWICE = "(button) => { button.click(); button.click(); }"
MARKED = Story(what="Marked", enrolment=5, starts_in=-21, mark=Mark(by=103, tutor="present", student="absent"))


def path(session_id: int) -> str:
    return f"/api/tutor/sessions/{session_id}"


def raised(site: Site, session_id: int, note: str) -> int:
    """Raise a claim as the student, not through the page, and return its number."""
    claim = site.call(STUDENT, "POST", f"{path(session_id)}/claims", claimed_status="late", note=note)
    return int(claim["claim_id"])


def item(page: Page, note: str) -> Locator:
    """Return what the inbox shows of the claim with this note."""
    return page.get_by_role("main").get_by_role("listitem").filter(has_text=note)


def test_a_student_objects_and_sees_that_it_waits(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    page = open_window(STUDENT, viewport={"width": 390, "height": 844})
    review = open_review(page, lesson.session_id)
    review.get_by_role("button", name="This is not right").click()
    question = page.get_by_role("alertdialog", name="This is not right")
    question.get_by_role("button", name="Send").click()
    expect(question).to_contain_text("Choose one of these.")
    question.get_by_role("radio", name="Late").check()
    question.get_by_role("button", name="Send").click()
    expect(question).to_contain_text("Write why.")
    question.get_by_label("What happened").fill("I came after the power cut")
    page.screenshot(path=PICTURES / "claim-raise-phone.png")
    question.get_by_role("button", name="Send").click()
    claims = section(review, "Claims")
    expect(claims).to_contain_text("Sara Alemu was: Late.")
    expect(claims).to_contain_text("I came after the power cut")
    expect(status(review).last).to_contain_text("It was sent")
    expect(review.get_by_role("button", name="This is not right")).to_have_count(0)
    page.screenshot(path=PICTURES / "claim-raised-phone.png")
    assert site.get(TUTOR, path(lesson.session_id))["open_claims"] == 1


def test_the_tutor_accepts_in_the_inbox_and_the_mark_changes(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    raised(site, lesson.session_id, "The bus broke down")
    page = open_window(TUTOR, "#/inbox")
    badge = page.locator("#inbox-count")
    expect(badge).to_be_visible()
    waiting = int(badge.inner_text())
    page.screenshot(path=PICTURES / "inbox.png", full_page=True)
    item(page, "The bus broke down").get_by_role("button", name="Accept").click()
    expect(item(page, "The bus broke down")).to_contain_text("Accepted by Dawit Bekele")
    expect(badge).to_have_text("" if waiting == 1 else str(waiting - 1))
    student = site.get(TUTOR, path(lesson.session_id))["students"][0]
    assert (student["attendance_status"], student["attendance_source"]) == ("late", "manual")


def test_who_declines_says_why_and_the_student_reads_it(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    raised(site, lesson.session_id, "I was there")
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    section(review, "Claims").get_by_role("button", name="Decline").click()
    question = page.get_by_role("alertdialog", name="Decline")
    question.get_by_role("button", name="Decline").click()
    expect(question).to_contain_text("Write why.")
    question.get_by_label("Why").fill("The camera was off, and nobody answered")
    question.get_by_role("button", name="Decline").click()
    expect(section(review, "Claims")).to_contain_text("Declined by Dawit Bekele")
    review = open_review(open_window(STUDENT), lesson.session_id)
    expect(section(review, "Claims")).to_contain_text("The camera was off, and nobody answered")
    assert site.get(TUTOR, path(lesson.session_id))["student_attendance_status"] == "absent"


def test_who_objected_takes_it_back(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    raised(site, lesson.session_id, "I was there, I think")
    review = open_review(open_window(STUDENT), lesson.session_id)
    section(review, "Claims").get_by_role("button", name="Take back").click()
    expect(section(review, "Claims")).to_contain_text("Taken back by Sara Alemu")
    expect(review.get_by_role("button", name="This is not right")).to_be_visible()
    assert site.get(TUTOR, path(lesson.session_id))["open_claims"] == 0


def test_a_claim_that_was_answered_in_between_says_so(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    number = raised(site, lesson.session_id, "In between")
    page = open_window(TUTOR, "#/inbox")
    accept = item(page, "In between").get_by_role("button", name="Accept")
    expect(accept).to_be_visible()
    site.call(ADMIN, "POST", f"/api/claims/{number}:answer", answer="declined", note="No")
    accept.click()
    expect(alert(page)).to_contain_text("answered")
    expect(item(page, "In between")).to_contain_text("Declined by")
    expect(item(page, "In between")).to_be_focused()
    expect(accept).to_have_count(0)


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


def test_a_claim_that_is_accepted_with_a_double_click_is_answered_once(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    raised(site, lesson.session_id, "Twice")
    page = open_window(TUTOR, "#/inbox")
    answers: list[str] = []
    page.on("request", lambda request: answers.append(request.url) if request.url.endswith(":answer") else None)
    item(page, "Twice").get_by_role("button", name="Accept").evaluate(CLICK_TWICE)
    expect(item(page, "Twice")).to_contain_text("Accepted by Dawit Bekele")
    expect(item(page, "Twice")).to_be_focused()
    assert len(answers) == 1


def test_the_inbox_asks_in_a_form_as_wide_as_that_of_a_session(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    raised(site, lesson.session_id, "Wide")
    page = open_window(TUTOR, "#/inbox")
    item(page, "Wide").get_by_role("button", name="Decline").click()
    field, label = page.get_by_label("Why").bounding_box(), page.get_by_text("Why", exact=True).bounding_box()
    assert field
    assert label
    assert label["y"] + label["height"] <= field["y"] + 1
    assert field["width"] > 300


def test_a_card_shows_open_claims_and_a_parents_word(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    raised(site, lesson.session_id, "On the card")
    site.call(PARENT, "PUT", f"{path(lesson.session_id)}/attendance", student_attendance_status="late")
    page = open_window(TUTOR, address(lesson, search=str(lesson.session_id)))
    expect(card(page, lesson.session_id)).to_contain_text("1 open claim")
    expect(card(page, lesson.session_id)).to_contain_text("A parent changed the mark")
    page.evaluate("location.hash = '#/inbox'")
    word = "Almaz Tesema reported Sara Alemu as Late; before, it was Absent."
    expect(page.get_by_role("main").get_by_role("listitem").filter(has_text=word).first).to_be_visible()


def test_the_inbox_says_that_a_parent_withdrew_a_word_that_replaced_a_mark(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    site.call(PARENT, "PUT", f"{path(lesson.session_id)}/attendance", student_attendance_status="late")
    site.call(PARENT, "POST", f"{path(lesson.session_id)}/attendance:withdraw", notes="By mistake")
    page = open_window(TUTOR, "#/inbox")
    word = "Almaz Tesema withdrew what a parent had reported about Sara Alemu, who is not marked now"
    expect(page.get_by_role("main").get_by_role("listitem").filter(has_text=word)).to_be_visible()


def test_others_have_nothing_in_their_inbox(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    raised(site, lesson.session_id, "Not for others")
    page = open_window(OTHER_TUTOR, "#/inbox")
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()
    expect(item(page, "Not for others")).to_have_count(0)


@pytest.fixture
def parents_only_claim(site: Site) -> Iterator[int]:
    """Have a parent's word become a claim in one course, and return it; other tests use other courses."""
    policies, course = "/api/admin/attendance-policies", 6
    site.call(ADMIN, "POST", policies, course_id=course, limits={"parent_word_becomes_claim": True}, note="")
    yield course
    site.call(ADMIN, "POST", policies, course_id=course, withdrawn=True, note="")


def test_a_parents_word_that_becomes_a_claim_says_so(
    open_window: OpenWindow, site: Site, parents_only_claim: int
) -> None:
    decided = Mark(by=103, tutor="present", student="absent")
    (lesson,) = site.add(Story(what="Decided", enrolment=parents_only_claim, starts_in=-21, mark=decided))
    page = open_window(PARENT_OF_TWO)
    review = open_review(page, lesson.session_id)
    review.get_by_role("button", name="Change").click()
    review.get_by_role("radiogroup").get_by_role("radio", name="Late").check()
    review.get_by_role("textbox").fill("She came at ten past")
    decide(review).click()
    expect(status(review).last).to_contain_text("what you say was sent as a claim")
    expect(section(review, "Claims")).to_contain_text("She came at ten past")
    stored = site.get(TUTOR, path(lesson.session_id))
    assert (stored["student_attendance_status"], stored["open_claims"]) == ("absent", 1)
    review.get_by_role("button", name="Close").click()
    expect(review).to_have_count(0)
