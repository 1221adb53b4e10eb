"""The history of decisions in the review of a lesson."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from development.demo.people import person
from development.demo.story import Story
from testkit.browser import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.reviews import open_review
from tests.e2e.pages.site import Site

TUTOR, STUDENT = person(101), person(201)
#: sessions.id of the demo's lessons (development/demo/stories.py).
DECIDED_OTHERWISE, UNMARKED = 12, 1
#: More than are loaded at once.
MANY = 11


def history_of(review: Locator) -> Locator:
    """Open the history and return its decisions."""
    review.get_by_text("History", exact=True).click()
    return review.locator(".decisions > li")


def test_a_decision_shows_who_decided_what_changed_and_on_what_evidence(open_window: OpenWindow) -> None:
    page = open_window(STUDENT, viewport={"width": 390, "height": 2000})
    decisions = history_of(open_review(page, DECIDED_OTHERWISE))
    for words in (
        "Abebe Kebede (tutor)",
        "Sara was on the phone with me until minute 22",
        "Sara Alemu Late (likely). 22 min late · 38 of 60 min",
        "Judged by the built-in limits. Late from 5 min",
    ):
        expect(decisions).to_contain_text(words)
    page.screenshot(path=PICTURES / "lesson-history.png")


def test_a_session_without_a_decision_says_so(open_window: OpenWindow) -> None:
    review = open_review(open_window(TUTOR), UNMARKED)
    expect(history_of(review)).to_have_count(0)
    expect(review.get_by_text("Nobody has decided yet.")).to_be_visible()


def test_a_withdrawn_decision_shows_that_nobody_is_marked_any_more(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(Story(what="Withdrawn", enrolment=1, starts_in=-23))
    path = f"/api/tutor/sessions/{lesson.session_id}/attendance"
    site.call(TUTOR, "PUT", path, student_attendance_status="late")
    site.call(TUTOR, "POST", f"{path}:withdraw", notes="The wrong lesson")
    decisions = history_of(open_review(open_window(TUTOR), lesson.session_id))
    expect(decisions).to_have_count(2)
    newest, oldest = decisions.all()
    expect(newest.locator("dd .chip")).to_have_text([re.compile("Late"), re.compile("Not marked")])
    expect(newest).to_contain_text("The wrong lesson")
    expect(oldest.locator("dd .chip")).to_have_text([re.compile("Not marked"), re.compile("Late")])


def test_a_long_history_comes_in_pages(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(Story(what="Many", enrolment=1, starts_in=-22))
    for number in range(MANY):
        site.call(
            TUTOR,
            "PUT",
            f"/api/tutor/sessions/{lesson.session_id}/attendance",
            student_attendance_status="late" if number % 2 else "present",
        )
    review = open_review(open_window(TUTOR), lesson.session_id)
    decisions = history_of(review)
    expect(decisions).to_have_count(MANY - 1)
    review.get_by_role("button", name="Show more").click()
    expect(decisions).to_have_count(MANY)
    expect(decisions.last).to_be_focused()
    expect(decisions.last).to_contain_text("Not marked yet")
    expect(decisions.first).to_contain_text("Late")
