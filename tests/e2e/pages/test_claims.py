"""Claims: a student or parent objects to what is recorded, and the tutor or an admin answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, expect

from development.demo.people import person
from development.demo.story import Mark, Story, stay
from testkit.browser import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.lessons import address, card
from tests.e2e.pages.messages import alert, status
from tests.e2e.pages.own_course import wait_until_settled
from tests.e2e.pages.records import changed_elsewhere, form, row
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
    """Return what the list of what waits shows of the claim with this note."""
    return page.get_by_role("main").get_by_role("listitem").filter(has_text=note)


def test_a_student_objects_sees_that_it_waits_and_takes_it_back(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    page = open_window(STUDENT, viewport={"width": 390, "height": 844})
    row(page, lesson.session_id).get_by_role("button", name="This is not right").click()
    form(page).get_by_role("button", name="Send").click()
    expect(form(page)).to_contain_text("Choose one of these.")
    expect(form(page).get_by_role("radio", name="Absent")).to_have_count(0)
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


def test_an_admin_settles_any_lesson_s_claims_those_that_wait_longest_first(
    open_window: OpenWindow, site: Site
) -> None:
    lessons = site.add(MARKED, MARKED)
    for lesson, note in zip(lessons, ("The bus broke down", "The second one"), strict=True):
        raised(site, lesson.session_id, note)
    page = open_window(ADMIN, "#/inbox")
    badge = page.locator("#claims-count")
    expect(badge).not_to_have_text("")
    waiting = int(badge.inner_text())
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"^\d+ claims to settle$"))
    items = page.get_by_role("main").get_by_role("listitem")
    texts = items.all_inner_texts()
    first, second = (next(n for n, text in enumerate(texts) if note in text) for note in ("broke down", "second one"))
    assert first < second
    page.screenshot(path=PICTURES / "claims.png", full_page=True)
    item(page, "The bus broke down").get_by_role("button", name="Accept: Late").click()
    expect(item(page, "The second one")).to_be_focused()
    expect(items.filter(has_text="Accepted by Tigist Worku")).to_have_count(1)
    expect(badge).to_have_text(str(waiting - 1))
    student = site.get(TUTOR, path(lessons[0].session_id))["students"][0]
    assert (student["attendance_status"], student["attendance_source"]) == ("late", "admin_override")


def test_a_claim_shows_what_was_recorded_and_leads_to_the_tutor_s_own_open_mark(
    open_window: OpenWindow, site: Site
) -> None:
    seen = Story(what="Seen", enrolment=5, starts_in=-21, tutor=stay(0, 60), students={201: stay(0, 60)})
    (lesson,) = site.add(seen)
    wait_until_settled(site, lesson.session_id)
    raised(site, lesson.session_id, "I was there the whole hour")
    page = open_window(TUTOR, "#/claims", viewport={"width": 1280, "height": 900})
    claim = item(page, "I was there the whole hour")
    expect(claim).to_contain_text("Recorded: 60 of 60 min, on time")
    claim.get_by_role("button", name="Accept: Late").click()
    answered = page.get_by_role("listitem").filter(has_text="Your own mark is still open.")
    page.screenshot(path=PICTURES / "claim-accepted.png")
    answered.get_by_role("button", name="Review").click()
    expect(decide(page.locator(".review-panel"))).to_be_in_viewport(ratio=1)
    page.screenshot(path=PICTURES / "claim-own-mark.png")
    page.mouse.wheel(0, 600)
    expect(page.locator(".review-panel").get_by_role("button", name="Close")).to_be_in_viewport(ratio=1)
    expect(decide(page.locator(".review-panel"))).to_be_in_viewport(ratio=1)


def test_who_declines_says_why_and_keeps_the_mark(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    raised(site, lesson.session_id, "I was there, honestly")
    page = open_window(ADMIN, "#/claims", viewport={"width": 390, "height": 844})
    claim = item(page, "I was there, honestly")
    claim.get_by_role("button", name="Decline").click()
    expect(claim).to_contain_text("Write why it stays as it is.")
    expect(claim.get_by_role("textbox")).to_be_focused()
    page.screenshot(path=PICTURES / "claims-phone.png", full_page=True)
    claim.get_by_role("textbox").fill("The camera was off, and nobody answered")
    claim.get_by_role("button", name="Decline").click()
    expect(page.get_by_role("listitem").filter(has_text="The camera was off")).to_contain_text(
        "Declined by Tigist Worku"
    )
    assert site.get(TUTOR, path(lesson.session_id))["student_attendance_status"] == "absent"


def test_the_last_claim_that_is_answered_leaves_the_focus_on_its_answer(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    number = raised(site, lesson.session_id, "Alone")
    for other in site.get(ADMIN, "/api/claims", state="open", page_size="200")["claims"]:
        if other["claim_id"] != number:
            site.call(ADMIN, "POST", f"/api/claims/{other['claim_id']}:answer", answer="declined", note="No")
    page = open_window(TUTOR, "#/claims")
    item(page, "Alone").get_by_role("button", name="Accept").click()
    expect(page.locator(".waiting-item:focus")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Accepted by Dawit Bekele")).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_text("0 claims to settle")


def test_a_claim_that_was_answered_in_between_says_so(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    number = raised(site, lesson.session_id, "In between")
    page = open_window(TUTOR, "#/claims")
    accept = item(page, "In between").get_by_role("button", name="Accept")
    expect(accept).to_be_visible()
    site.call(ADMIN, "POST", f"/api/claims/{number}:answer", answer="declined", note="Not this time")
    accept.click()
    expect(alert(page)).to_contain_text("answered")
    expect(page.get_by_role("listitem").filter(has_text="Not this time")).to_contain_text("Declined by")
    expect(accept).to_have_count(0)


def test_a_claim_that_is_accepted_with_a_double_click_is_answered_once(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    raised(site, lesson.session_id, "Twice")
    page = open_window(TUTOR, "#/claims")
    answers: list[str] = []
    page.on("request", lambda request: answers.append(request.url) if request.url.endswith(":answer") else None)
    item(page, "Twice").get_by_role("button", name="Accept").evaluate(CLICK_TWICE)
    expect(page.get_by_role("listitem").filter(has_text="Accepted by Dawit Bekele")).to_have_count(1)
    assert len(answers) == 1


def test_what_another_tab_settled_is_shown_as_settled(open_window: OpenWindow, site: Site) -> None:
    claimed, worded = site.add(MARKED, MARKED)
    number = raised(site, claimed.session_id, "Answered in another tab")
    words = {"student_attendance_status": "late", "attendance_notes": "Marked in another tab"}
    site.call(PARENT, "PUT", f"{path(worded.session_id)}/attendance", **words)
    page = open_window(TUTOR, "#/claims")
    expect(item(page, "Answered in another tab")).to_be_visible()
    expect(item(page, "Marked in another tab")).to_be_visible()
    site.call(ADMIN, "POST", f"/api/claims/{number}:answer", answer="declined", note="Seen on the recording")
    site.call(ADMIN, "PUT", f"{path(worded.session_id)}/attendance", student_attendance_status="absent")
    for lesson in (claimed, worded):
        changed_elsewhere(page, lesson.session_id)
    expect(item(page, "Seen on the recording")).to_contain_text("Declined by Tigist Worku")
    expect(item(page, "Marked in another tab")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_claim_s_lesson_is_shown_beside_it_with_all_its_facts(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    raised(site, lesson.session_id, "Look at the details")
    page = open_window(TUTOR, "#/claims")
    details = item(page, "Look at the details").get_by_role("button", name="Details")
    details.click()
    review = page.locator(".review-panel")
    expect(review.get_by_role("heading", level=2)).to_have_text("Amharic for beginners")
    page.keyboard.press("Escape")
    expect(review).to_have_count(0)
    expect(details).to_be_focused()


def test_an_answer_that_could_not_be_sent_keeps_what_was_typed(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    raised(site, lesson.session_id, "While offline")
    page = open_window(TUTOR, "#/claims")
    claim = item(page, "While offline")
    claim.get_by_role("textbox").fill("The lesson was recorded")
    page.context.set_offline(True)
    claim.get_by_role("button", name="Decline").click()
    expect(alert(page)).to_contain_text("The server can't be reached.")
    expect(claim.get_by_role("textbox")).to_have_value("The lesson was recorded")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("listitem").filter(has_text="The lesson was recorded")).to_contain_text("Declined by")


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


def test_others_have_nothing_to_settle(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    raised(site, lesson.session_id, "Not for others")
    page = open_window(OTHER_TUTOR, "#/claims")
    expect(page.get_by_role("heading", level=1)).to_contain_text("to settle")
    expect(item(page, "Not for others")).to_have_count(0)


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


@pytest.fixture
def parents_only_claim(site: Site) -> Iterator[int]:
    """Have a parent's word become a claim in one course, and return it; other tests use other courses."""
    policies, course = "/api/admin/attendance-policies", 6
    site.call(ADMIN, "POST", policies, course_id=course, limits={"parent_word_becomes_claim": True}, note="")
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


def test_in_the_review_a_parents_word_that_becomes_a_claim_says_so(
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
