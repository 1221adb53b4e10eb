"""A service or gateway that ends before it answers fails nothing: the page sends it once more, and it counts once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Page, Route, expect

from development.demo.people import person
from tests.e2e.pages import test_policies
from tests.e2e.pages.claims import MARKED, STUDENT, item, raised
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.lessons import card
from tests.e2e.pages.messages import status
from tests.e2e.pages.own_course import add_course, found
from tests.e2e.pages.records import form, row
from tests.e2e.pages.reviews import open_review
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


def test_what_is_undone_is_undone_once(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = add_course(site, "Lost undo", PUNCTUAL)
    path = f"/api/tutor/sessions/{lesson.session_id}"
    page = open_window(TUTOR, found("#/to-mark", "Lost undo"))
    line = card(page, lesson.session_id)
    sent = lose_first(page, f"{path}/attendance:withdraw")
    line.get_by_role("button", name="Accept").click()
    # What is above the line goes away when nothing is to mark, and the line moves.
    expect(line.get_by_role("button", name="Undo")).to_be_focused()
    import sys
    for what in ("request", "response", "requestfailed"):
        page.on(what, lambda r, what=what: "/api/" in r.url and print(what, getattr(r, "method", ""), getattr(r, "status", ""), r.url, flush=True))
    page.keyboard.press("Enter")
    # The line itself may show earlier what is stored: it is read again after a decision.
    expect(page.get_by_role("status").filter(has_text="Lost undo: not marked any more")).to_be_attached()
    expect(line.get_by_role("button", name="Accept")).to_be_visible()
    assert len(sent) == 2
    assert len(site.get(ADMIN, f"{path}/attendance-history")["decisions"]) == 2


