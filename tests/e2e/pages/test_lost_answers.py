"""A service that ends before it answers fails no decision: the page sends it once more, and it counts once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from development.demo.people import person
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.lessons import card
from tests.e2e.pages.own_course import add_course, found
from tests.e2e.pages.site import Site
from tests.e2e.pages.test_to_mark import PUNCTUAL

TUTOR, ADMIN = person(103), person(901)
#: As the gateway says it (docs/gateway.md#errors-of-the-gateway).
LOST = {"code": 14, "message": "A service can't be reached.", "details": [{"reason": "SERVICE_UNAVAILABLE"}]}


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
