"""Claims to settle: the list of those who answer them."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from development.demo.story import Story, stay
from testkit.browser import PICTURES
from tests.e2e.pages.claims import (
    ADMIN,
    CLICK_TWICE,
    MARKED,
    OTHER_TUTOR,
    PARENT,
    STUDENT,
    TUTOR,
    item,
    path,
    raised,
)
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.messages import alert
from tests.e2e.pages.own_course import wait_until_settled
from tests.e2e.pages.records import changed_elsewhere, row
from tests.e2e.pages.reviews import decide
from tests.e2e.pages.site import Site


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
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{waiting} to settle")
    expect(item(page, "The second one")).to_be_visible()
    items = page.get_by_role("main").get_by_role("listitem")
    texts = items.all_inner_texts()
    first, second = (next(n for n, text in enumerate(texts) if note in text) for note in ("broke down", "second one"))
    assert first < second
    page.screenshot(path=PICTURES / "claims.png", full_page=True)
    item(page, "The bus broke down").get_by_role("button", name="Accept: Late").click()
    expect(item(page, "The second one")).to_be_focused()
    expect(items.filter(has_text="Accepted by Tigist Worku")).to_have_count(1)
    expect(badge).to_have_text(str(waiting - 1))
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{waiting - 1} to settle")
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
    declined = item(page, "The camera was off")
    expect(declined).to_contain_text("Declined by Tigist Worku")
    expect(declined).to_contain_text(re.compile("Amharic for beginners.* with Dawit Bekele"))
    expect(declined.get_by_role("button", name="Details")).to_be_visible()
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
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"^\d+ to settle$"))


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


def test_what_arrives_meanwhile_is_offered_and_shown_without_moving_what_is_read(
    open_window: OpenWindow, site: Site
) -> None:
    claimed, later, worded = site.add(MARKED, MARKED, MARKED)
    raised(site, claimed.session_id, "There before")
    page = open_window(ADMIN, "#/claims")
    typing = item(page, "There before").get_by_role("textbox")
    typing.fill("Half a sentence")
    place = typing.bounding_box()
    raised(site, later.session_id, "Came meanwhile")
    words = {"student_attendance_status": "late", "attendance_notes": "Said meanwhile"}
    site.call(PARENT, "PUT", f"{path(worded.session_id)}/attendance", **words)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    offer = page.get_by_role("button", name="2 new: show them")
    expect(offer).to_be_visible()
    page.screenshot(path=PICTURES / "claims-new.png")
    assert typing.bounding_box() == place
    expect(item(page, "Came meanwhile")).to_have_count(0)
    offer.click()
    expect(item(page, "Came meanwhile")).to_be_focused()
    expect(item(page, "Said meanwhile")).to_be_visible()
    expect(offer).to_have_count(0)
    expect(typing).to_have_value("Half a sentence")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{page.locator('#claims-count').inner_text()} to settle")
    expect(offer).to_have_count(0)


def test_what_others_settle_is_shown_as_settled_without_moving_what_is_read(
    open_window: OpenWindow, site: Site
) -> None:
    answered, read = site.add(MARKED, MARKED)
    number = raised(site, answered.session_id, "Answered on another device")
    raised(site, read.session_id, "Read meanwhile")
    page = open_window(ADMIN, "#/claims")
    expect(item(page, "Answered on another device").get_by_role("button", name="Accept")).to_be_visible()
    typing = item(page, "Read meanwhile").get_by_role("textbox")
    typing.fill("Half a sentence")
    expect(page.locator(".recorded-facts").filter(has_text="Loading")).to_have_count(0)
    place = typing.bounding_box()
    site.call(TUTOR, "POST", f"/api/claims/{number}:answer", answer="declined", note="Seen by the tutor")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    settled = item(page, "Seen by the tutor")
    expect(settled).to_contain_text("Declined by Dawit Bekele")
    expect(settled.get_by_role("button", name="Accept")).to_have_count(0)
    assert typing.bounding_box() == place
    expect(typing).to_have_value("Half a sentence")
    expect(typing).to_be_focused()
    page.screenshot(path=PICTURES / "claims-settled-elsewhere.png")


def test_a_claim_for_what_is_marked_by_now_says_that_it_agrees(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    raised(site, lesson.session_id, "It was marked meanwhile")
    site.call(TUTOR, "PUT", f"{path(lesson.session_id)}/attendance", student_attendance_status="late")
    page = open_window(ADMIN, "#/claims")
    expect(item(page, "It was marked meanwhile")).to_contain_text("Marked Late meanwhile, as asked.")
    record = open_window(STUDENT, "#/record")
    expect(row(record, lesson.session_id)).to_contain_text("Marked Late meanwhile, as you asked.")
    record.screenshot(path=PICTURES / "claim-agrees.png")


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


def test_others_have_nothing_to_settle(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    raised(site, lesson.session_id, "Not for others")
    page = open_window(OTHER_TUTOR, "#/claims")
    expect(page.get_by_role("heading", level=1)).to_contain_text("to settle")
    expect(item(page, "Not for others")).to_have_count(0)
