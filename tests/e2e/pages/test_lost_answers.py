"""A service or gateway that ends before it answers fails nothing: the page sends it once more, and it counts once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Page, Route, expect

from development.demo.people import person
from tests.e2e.pages import test_policies, test_undo
from tests.e2e.pages.claims import MARKED, STUDENT, item, raised
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.lessons import address, card
from tests.e2e.pages.messages import status
from tests.e2e.pages.own_course import add_course, found
from tests.e2e.pages.records import form, row
from tests.e2e.pages.reviews import choose, decide, open_review
from tests.e2e.pages.site import Site
from tests.e2e.pages.test_to_mark import PUNCTUAL

TUTOR, ADMIN = person(103), person(901)
#: As the gateway says it (docs/gateway.md#errors-of-the-gateway).
LOST = {"code": 14, "message": "A service can't be reached.", "details": [{"reason": "SERVICE_UNAVAILABLE"}]}


def lose_first(page: Page, path: str) -> list[str]:
    """Cut the connection on which the first call that writes comes, once it is carried out; return the calls."""
    sent: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method == "GET":
            route.fallback()
            return
        sent.append(route.request.url)
        if len(sent) > 1:
            route.continue_()
            return
        route.fetch()
        route.abort("connectionreset")

    page.route(f"**{path}", lose)
    return sent


@pytest.mark.parametrize("is_carried_out", [False, True], ids=["not carried out", "carried out"])
def test_a_decision_whose_answer_is_lost_is_recorded_once(
    open_window: OpenWindow, site: Site, *, is_carried_out: bool
) -> None:
    course = f"Lost {is_carried_out}"
    (lesson,) = add_course(site, course, PUNCTUAL)
    path = f"/api/tutor/sessions/{lesson.session_id}"
    page = open_window(TUTOR, found("#/to-mark", course))
    sent: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        sent.append(route.request.url)
        if len(sent) > 1:
            route.continue_()
            return
        if is_carried_out:
            route.fetch()
        route.fulfill(status=503, json=LOST)

    # All tests share the attendance service of this site, so it is not killed: the gateway's answer is imitated.
    page.route(f"**{path}/attendance", lose_the_first_answer)
    card(page, lesson.session_id).get_by_role("button", name="Accept").click()
    expect(card(page, lesson.session_id)).to_contain_text("Marked")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing to mark")
    assert len(sent) == 2
    assert len(site.get(ADMIN, f"{path}/attendance-history")["decisions"]) == 1


def test_what_another_person_decided_meanwhile_is_not_taken_for_the_tutors(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = add_course(site, "Lost to another", PUNCTUAL)
    path = f"/api/tutor/sessions/{lesson.session_id}"
    page = open_window(TUTOR, found("#/to-mark", "Lost to another"))
    sent: list[str] = []

    def decide_first(route: Route) -> None:
        sent.append(route.request.url)
        if len(sent) > 1:
            route.continue_()
            return
        site.call(ADMIN, "PUT", f"{path}/attendance", student_attendance_status="absent")
        route.fulfill(status=503, json=LOST)

    page.route(f"**{path}/attendance", decide_first)
    card(page, lesson.session_id).get_by_role("button", name="Accept").click()
    expect(card(page, lesson.session_id)).to_contain_text("Another decision was made in the meantime")
    assert site.get(ADMIN, path)["student_attendance_status"] == "absent"


def test_what_is_withdrawn_is_withdrawn_once(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    path = f"/api/tutor/sessions/{lesson.session_id}"
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    sent = lose_first(page, f"{path}/attendance:withdraw")
    review.get_by_role("button", name="Withdraw").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Withdraw").click()
    expect(status(review).last).to_contain_text("Withdrawn: it is not marked any more.")
    assert len(sent) == 2
    assert len(site.get(ADMIN, f"{path}/attendance-history")["decisions"]) == 2


def test_what_is_undone_is_undone_once(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = add_course(site, "Lost twice", PUNCTUAL)
    path = f"/api/tutor/sessions/{lesson.session_id}"
    page = open_window(TUTOR, found("#/to-mark", "Lost twice"))
    shown = card(page, lesson.session_id)
    sent = lose_first(page, f"{path}/attendance:withdraw")
    shown.get_by_role("button", name="Accept").click()
    shown.get_by_role("button", name="Undo").click()
    expect(shown.get_by_role("button", name="Accept")).to_be_visible()
    assert len(sent) == 2
    assert len(site.get(ADMIN, f"{path}/attendance-history")["decisions"]) == 2


def test_a_mark_that_was_changed_is_as_before_once(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(replace(test_undo.MARKED, starts_in=test_undo.LONG_AGO_HOURS - 24 * 10))
    path = f"/api/tutor/sessions/{lesson.session_id}"
    page = open_window(TUTOR, address(lesson))
    shown = card(page, lesson.session_id)
    shown.get_by_role("link", name="Change").click()
    review = page.locator(".review")
    review.get_by_role("button", name="Change").click()
    choose(review, "Sara Alemu", "Late")
    decide(review).click()
    undo = shown.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    sent = lose_first(page, f"{path}/attendance")
    undo.click()
    expect(shown).to_contain_text("Sara absent")
    expect(shown.get_by_role("link", name="Change")).to_be_focused()
    assert len(sent) == 2
    assert len(site.get(ADMIN, f"{path}/attendance-history")["decisions"]) == 3


def test_what_is_accepted_at_once_is_accepted_once(open_window: OpenWindow, site: Site) -> None:
    lessons = add_course(site, "Lost together", PUNCTUAL, replace(PUNCTUAL, starts_in=-9))
    page = open_window(TUTOR, found("#/to-mark", "Lost together"))
    sent = lose_first(page, "/api/tutor/sessions:applySuggestions")
    page.get_by_role("button", name="Accept 2 clear suggestions").click()
    expect(status(page.locator("#notices"))).to_contain_text("2 lessons were marked as suggested.")
    assert len(sent) == 2
    for lesson in lessons:
        history = site.get(ADMIN, f"/api/tutor/sessions/{lesson.session_id}/attendance-history")
        assert len(history["decisions"]) == 1


def test_a_claim_is_raised_once_and_taken_back_once(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    page = open_window(STUDENT)
    raising = lose_first(page, f"/api/tutor/sessions/{lesson.session_id}/claims")
    answering = lose_first(page, "/api/claims/*:answer")
    line = row(page, lesson.session_id)
    line.get_by_role("button", name="This is not right").click()
    form(page).get_by_role("radio", name="Late").check()
    form(page).get_by_label("What happened").fill("The bridge was closed")
    form(page).get_by_role("button", name="Send").click()
    expect(line).to_contain_text("You asked for: Late. It waits for an answer.")
    line.get_by_role("button", name="Take back").click()
    expect(line.get_by_role("button", name="This is not right")).to_be_visible()
    assert (len(raising), len(answering)) == (2, 2)
    [claim] = site.get(STUDENT, "/api/claims", session_id=str(lesson.session_id))["claims"]
    assert claim["state"] == "taken_back"


def test_a_claim_is_accepted_once(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    raised(site, lesson.session_id, "The lift was stuck")
    page = open_window(ADMIN, "#/claims")
    sent = lose_first(page, "/api/claims/*:answer")
    item(page, "The lift was stuck").get_by_role("button", name="Accept: Late").click()
    expect(page.get_by_role("listitem").filter(has_text="Accepted by Tigist Worku").last).to_be_visible()
    assert len(sent) == 2
    history = site.get(ADMIN, f"/api/tutor/sessions/{lesson.session_id}/attendance-history")
    assert len(history["decisions"]) == 2


def test_a_policy_is_put_into_force_once_and_taken_back_once(open_window: OpenWindow, site: Site) -> None:
    before = len(site.get(ADMIN, test_policies.PATH)["policies"])
    page = open_window(ADMIN, test_policies.NEW)
    sent = lose_first(page, test_policies.PATH)
    page.get_by_label("Many interruptions from").fill("6")
    test_policies.attempt(page).click()
    test_policies.confirm(page).click()
    notice = status(page.locator("#notices"))
    expect(notice).to_contain_text("is in force.")
    assert len(sent) == 2
    undone = lose_first(page, test_policies.PATH)
    notice.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("main")).to_contain_text("Undo of policy")
    assert len(undone) == 2
    assert len(site.get(ADMIN, test_policies.PATH)["policies"]) == before + 2
