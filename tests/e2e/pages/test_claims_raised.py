"""A student or parent objects to what is recorded, and sees what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from development.demo.people import person
from development.demo.story import Mark, Story
from testkit.browser import PICTURES
from tests.e2e.pages.claims import (
    ADMIN,
    CLICK_TWICE,
    MARKED,
    PARENT_OF_TWO,
    STUDENT,
    TUTOR,
    path,
    raised,
)
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.messages import status
from tests.e2e.pages.records import changed_elsewhere, form, row
from tests.e2e.pages.site import Site


def test_a_student_objects_sees_that_it_waits_and_takes_it_back(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    page = open_window(STUDENT, viewport={"width": 390, "height": 844})
    row(page, lesson.session_id).get_by_role("button", name="This is not right").click()
    form(page).get_by_role("button", name="Send").click()
    expect(form(page)).to_contain_text("Choose one of these.")
    expect(form(page).get_by_role("radio", name="Absent")).to_have_count(0)
    expect(form(page)).to_contain_text("Recorded: Absent")
    expect(form(page).get_by_role("radio", name="Late")).to_have_css("opacity", "1")
    expect(form(page)).to_contain_text("Write a few words.")
    form(page).get_by_role("radio", name="Late").check()
    form(page).get_by_label("What happened").fill("I came after the power cut")
    page.screenshot(path=PICTURES / "claim-raise-phone.png")
    form(page).get_by_role("button", name="Send").evaluate(CLICK_TWICE)
    expect(row(page, lesson.session_id)).to_contain_text("You asked for: Late. It waits for an answer.")
    expect(status(page)).to_contain_text("It is sent: Dawit Bekele or an admin answers.")
    expect(row(page, lesson.session_id).get_by_role("button", name="This is not right")).to_have_count(0)
    page.screenshot(path=PICTURES / "claim-raised-phone.png")
    path_of_lesson = path(lesson.session_id)
    assert site.get(TUTOR, path_of_lesson)["open_claims"] == 1
    row(page, lesson.session_id).get_by_role("button", name="Take back").click()
    expect(row(page, lesson.session_id).get_by_role("button", name="This is not right")).to_be_visible()
    assert site.get(TUTOR, path_of_lesson)["open_claims"] == 0


def test_what_became_of_a_claim_stands_on_its_lesson(open_window: OpenWindow, site: Site) -> None:
    accepted, declined = site.add(MARKED, MARKED)
    numbers = [raised(site, lesson.session_id, "I was there") for lesson in (accepted, declined)]
    page = open_window(STUDENT)
    expect(row(page, accepted.session_id)).to_contain_text("It waits for an answer.")
    site.call(TUTOR, "POST", f"/api/claims/{numbers[0]}:answer", answer="accepted", note="Sorry")
    site.call(TUTOR, "POST", f"/api/claims/{numbers[1]}:answer", answer="declined", note="The camera was off")
    for lesson in (accepted, declined):
        changed_elsewhere(page, lesson.session_id)
    expect(row(page, accepted.session_id)).to_contain_text("Changed to Late by Dawit Bekele: Sorry")
    expect(row(page, declined.session_id)).to_contain_text("Dawit Bekele kept it as it is: The camera was off")


def test_answers_that_were_not_seen_are_told_and_lead_to_their_lesson(open_window: OpenWindow, site: Site) -> None:
    student, tutor = person(205), person(102)
    marked = Story(what="Marked", enrolment=4, starts_in=-21, mark=Mark(by=102, tutor="present", student="absent"))
    lesson, waiting = site.add(marked, replace(marked, starts_in=-44))
    body = {"claimed_status": "late", "note": "I was there"}
    site.call(student, "POST", f"{path(lesson.session_id)}/claims", **body)
    number = site.call(student, "POST", f"{path(waiting.session_id)}/claims", **body)["claim_id"]
    page = open_window(student)
    expect(row(page, waiting.session_id)).to_contain_text("It waits for an answer.")
    told = page.get_by_role("button", name="answer to your objection")
    expect(told).to_have_count(0)
    site.call(tutor, "POST", f"/api/claims/{number}:answer", answer="declined", note="No")
    page.reload()
    expect(told).to_have_text("1 answer to your objection")
    page.screenshot(path=PICTURES / "claim-answered.png")
    told.click()
    expect(row(page, waiting.session_id).locator("a:focus")).to_have_count(1)
    expect(told).to_be_hidden()
    page.reload()
    expect(row(page, waiting.session_id)).to_contain_text("kept it as it is: No")
    expect(told).to_be_hidden()


def test_a_parent_sees_about_which_child_there_are_answers(open_window: OpenWindow, site: Site) -> None:
    decided = Mark(by=103, tutor="present", student="absent")
    (lesson,) = site.add(Story(what="Marked", enrolment=6, starts_in=-21, mark=decided))
    body = {"student_id": 34, "claimed_status": "late", "note": "She was there"}
    number = site.call(PARENT_OF_TWO, "POST", f"{path(lesson.session_id)}/claims", **body)["claim_id"]
    site.call(TUTOR, "POST", f"/api/claims/{number}:answer", answer="declined", note="No")
    page = open_window(PARENT_OF_TWO, "#/children/30")
    children = page.get_by_role("navigation", name="Your children").get_by_role("link")
    told = children.filter(has_text="1 answer to your objection")
    expect(told).to_have_count(1)
    expect(told).to_have_attribute("href", "#/children/34")
    page.screenshot(path=PICTURES / "children-answers.png")
    told.click()
    page.get_by_role("button", name="answer to your objection").click()
    expect(row(page, lesson.session_id).locator("a:focus")).to_have_count(1)
    expect(children).to_have_count(2)
    expect(told).to_have_count(0)


@pytest.fixture
def no_claims(site: Site) -> Iterator[int]:
    """Have no time for claims in one course, and return it; other tests use other courses."""
    policies, course = "/api/admin/attendance-policies", 7
    site.call(ADMIN, "POST", policies, course_id=course, limits={"claim_within_days": 0}, note="")
    yield course
    site.call(ADMIN, "POST", policies, course_id=course, withdrawn=True, note="")


def test_a_claim_that_would_come_too_late_is_not_offered(open_window: OpenWindow, site: Site, no_claims: int) -> None:
    (lesson,) = site.add(replace(MARKED, enrolment=no_claims))
    page = open_window(person(208))
    expect(row(page, lesson.session_id)).to_contain_text("Absent")
    expect(row(page, lesson.session_id).get_by_role("button")).to_have_count(0)
