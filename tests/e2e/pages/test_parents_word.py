"""A parent's word about a mark: where it objects, where it is recorded, and what the tutor sees of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from development.demo.story import Mark, Story
from testkit.browser import PICTURES
from tests.e2e.pages.claims import (
    ADMIN,
    MARKED,
    PARENT,
    PARENT_OF_TWO,
    TUTOR,
    item,
    path,
    raised,
)
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.lessons import address, card
from tests.e2e.pages.messages import alert
from tests.e2e.pages.records import form, part, row
from tests.e2e.pages.reviews import decide, expect_closed, open_review, section
from tests.e2e.pages.site import Site


@pytest.fixture
def parents_only_claim(site: Site) -> Iterator[int]:
    """Have a parent's word become a claim in one course, and return it; other tests use other courses."""
    policies, course = "/api/admin/attendance-policies", 6
    site.call(ADMIN, "POST", policies, course_id=course, limits={"parent_word_becomes_claim": True}, note="")
    yield course
    site.call(ADMIN, "POST", policies, course_id=course, withdrawn=True, note="")


@pytest.fixture
def parents_decide(site: Site) -> Iterator[int]:
    """Have no claims in one course, so that a parent's word decides there, and return it."""
    policies, course = "/api/admin/attendance-policies", 6
    site.call(ADMIN, "POST", policies, course_id=course, limits={"claim_within_days": 0}, note="")
    yield course
    site.call(ADMIN, "POST", policies, course_id=course, withdrawn=True, note="")


def test_where_a_parent_s_word_is_a_claim_it_is_asked_for_as_one(
    open_window: OpenWindow, site: Site, parents_only_claim: int
) -> None:
    decided = Mark(by=103, tutor="present", student="absent")
    (lesson,) = site.add(Story(what="Decided", enrolment=parents_only_claim, starts_in=-21, mark=decided))
    page = open_window(PARENT_OF_TWO, "#/children/34")
    row(page, lesson.session_id).get_by_role("button", name="This is not right").click()
    expect(form(page)).to_contain_text("Until then nothing changes.")
    form(page).get_by_role("radio", name="Late").check()
    form(page).get_by_label("What happened").fill("She came at ten past")
    form(page).get_by_role("button", name="Send").click()
    expect(row(page, lesson.session_id)).to_contain_text("You asked for: Late. It waits for an answer.")
    stored = site.get(TUTOR, path(lesson.session_id))
    assert (stored["student_attendance_status"], stored["open_claims"]) == ("absent", 1)


def test_a_parent_objects_to_a_tutor_s_mark_whatever_the_policy_says(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    page = open_window(PARENT)
    row(page, lesson.session_id).get_by_role("button", name="This is not right").click()
    expect(form(page)).to_contain_text("Until then nothing changes.")
    form(page).get_by_role("radio", name="Late").check()
    form(page).get_by_label("What happened").fill("The power came back at ten past")
    form(page).get_by_role("button", name="Send").click()
    expect(row(page, lesson.session_id)).to_contain_text("You asked for: Late. It waits for an answer.")
    stored = site.get(TUTOR, path(lesson.session_id))
    assert (stored["student_attendance_status"], stored["student_attendance_source"]) == ("absent", "manual")
    assert stored["open_claims"] == 1


def test_in_the_review_a_parent_objects_to_a_tutor_s_mark_and_changes_nothing(
    open_window: OpenWindow, site: Site
) -> None:
    (lesson,) = site.add(MARKED)
    page = open_window(PARENT)
    review = open_review(page, lesson.session_id)
    expect(review).to_contain_text("This is marked. If it is wrong, say so with “This is not right”: Dawit Bekele or")
    expect(review.locator(".foot button:visible")).to_have_count(0)
    review.get_by_role("button", name="This is not right").click()
    form(page).get_by_role("radio", name="Late").check()
    form(page).get_by_label("What happened").fill("She came at ten past")
    form(page).get_by_role("button", name="Send").click()
    expect(section(review, "Claims")).to_contain_text("She came at ten past")
    stored = site.get(TUTOR, path(lesson.session_id))
    assert (stored["student_attendance_status"], stored["open_claims"]) == ("absent", 1)


def test_in_the_review_of_their_own_report_a_parent_changes_it_and_objects_to_nothing(
    open_window: OpenWindow, site: Site
) -> None:
    (lesson,) = site.add(replace(MARKED, mark=Mark(by=301, student="absent")))
    page = open_window(PARENT)
    review = open_review(page, lesson.session_id)
    expect(review.get_by_role("button", name="This is not right")).to_have_count(0)
    review.get_by_role("button", name="Change").click()
    review.get_by_role("radiogroup").get_by_role("radio", name="Late").check()
    decide(review).click()
    expect_closed(page)
    page.reload()
    expect(row(page, lesson.session_id).get_by_role("button", name="Change your report")).to_be_visible()
    assert site.get(TUTOR, path(lesson.session_id))["student_attendance_status"] == "late"


def test_where_nobody_may_object_a_parent_s_word_replaces_the_mark_and_is_called_so(
    open_window: OpenWindow, site: Site, parents_decide: int
) -> None:
    (lesson,) = site.add(replace(MARKED, enrolment=parents_decide))
    page = open_window(PARENT_OF_TWO, "#/children/34")
    row(page, lesson.session_id).get_by_role("button", name="Replace the mark").click()
    expect(form(page)).to_contain_text("It is recorded at once in the place of the present mark.")
    form(page).get_by_role("radio", name="Late").check()
    form(page).get_by_role("button", name="Record it").click()
    expect(row(page, lesson.session_id)).to_contain_text("Reported by a parent")
    review = open_review(page, lesson.session_id)
    expect(review.get_by_role("button", name="Change")).to_be_visible()


def test_a_word_on_what_the_tutor_marked_meanwhile_replaces_nothing_and_can_be_an_objection(
    open_window: OpenWindow, site: Site
) -> None:
    (lesson,) = site.add(replace(MARKED, mark=None))
    page = open_window(PARENT)
    review = open_review(page, lesson.session_id)
    review.get_by_role("radiogroup").get_by_role("radio", name="Late").check()
    review.get_by_role("textbox").fill("She came at ten past")
    site.call(TUTOR, "PUT", f"{path(lesson.session_id)}/attendance", student_attendance_status="absent")
    decide(review).click()
    expect(alert(review)).to_contain_text("decided in the meantime")
    expect(decide(review)).to_be_hidden()
    expect(review.get_by_role("button", name="This is not right")).to_be_visible()
    stored = site.get(TUTOR, path(lesson.session_id))
    assert (stored["student_attendance_status"], stored["open_claims"]) == ("absent", 0)


def test_a_report_on_what_the_tutor_marked_meanwhile_is_refused_and_the_mark_is_shown(
    open_window: OpenWindow, site: Site
) -> None:
    (lesson,) = site.add(replace(MARKED, mark=None))
    page = open_window(PARENT)
    expect(part(page, "Waiting to be marked")).to_be_visible()
    if not row(page, lesson.session_id).is_visible():
        page.get_by_role("button", name="Show all").first.click()
    row(page, lesson.session_id).get_by_role("button", name="Was Sara there?").click()
    form(page).get_by_role("radio", name="Present").check()
    site.call(TUTOR, "PUT", f"{path(lesson.session_id)}/attendance", student_attendance_status="absent")
    form(page).get_by_role("button", name="Record it").click()
    expect(form(page).get_by_role("alert")).to_contain_text("Another decision was made in the meantime")
    form(page).get_by_role("button", name="Cancel").click()
    expect(row(page, lesson.session_id).get_by_role("button", name="This is not right")).to_be_visible()
    assert site.get(TUTOR, path(lesson.session_id))["student_attendance_source"] == "manual"


def test_a_parent_s_word_stands_beside_the_tutor_s_notes_and_can_be_kept(open_window: OpenWindow, site: Site) -> None:
    noted = replace(MARKED, mark=Mark(by=103, tutor="present", student="absent", notes="Never connected"))
    (lesson,) = site.add(noted)
    words = {"student_attendance_status": "late", "attendance_notes": "The power was cut"}
    site.call(PARENT, "PUT", f"{path(lesson.session_id)}/attendance", **words)
    page = open_window(TUTOR, "#/claims")
    word = item(page, "The power was cut")
    expect(word).to_contain_text("Sara Alemu")
    expect(word).to_contain_text("Never connected")
    word.get_by_role("button", name="Keep Late").click()
    expect(page.get_by_role("listitem").filter(has_text="is marked: Late.")).to_have_count(1)
    student = site.get(TUTOR, path(lesson.session_id))["students"][0]
    assert (student["attendance_status"], student["attendance_source"]) == ("late", "manual")


def test_a_card_shows_open_claims_and_a_parents_word(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    raised(site, lesson.session_id, "On the card")
    site.call(PARENT, "PUT", f"{path(lesson.session_id)}/attendance", student_attendance_status="late")
    page = open_window(TUTOR, address(lesson, search=str(lesson.session_id)))
    expect(card(page, lesson.session_id)).to_contain_text("1 open claim")
    expect(card(page, lesson.session_id)).to_contain_text("A parent changed the mark")


def test_a_parents_word_that_was_withdrawn_can_be_marked_as_it_was_before(open_window: OpenWindow, site: Site) -> None:
    noted = replace(MARKED, mark=Mark(by=103, tutor="present", student="absent", notes="Was withdrawn"))
    (lesson,) = site.add(noted)
    site.call(PARENT, "PUT", f"{path(lesson.session_id)}/attendance", student_attendance_status="late")
    site.call(PARENT, "POST", f"{path(lesson.session_id)}/attendance:withdraw", notes="By mistake")
    page = open_window(TUTOR, "#/claims")
    took_back = "took back the report: nothing is marked now. Before: Absent."
    word = page.locator(".waiting-item.parents_word").filter(has_text=took_back).first
    expect(word.get_by_role("button", name="Review")).to_be_visible()
    page.screenshot(path=PICTURES / "claims-took-back.png")
    word.get_by_role("button", name="Back to Absent").click()
    expect(page.get_by_role("listitem").filter(has_text="is marked: Absent.")).to_have_count(1)
