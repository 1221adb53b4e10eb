"""Ten seconds of "Undo" after a decision, from whatever view it was taken."""

from __future__ import annotations

from dataclasses import replace

from playwright.sync_api import expect

from development.demo.people import person
from development.demo.story import Mark, Story
from development.demo.timetable import Lesson
from testkit.browser import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.lessons import address, card
from tests.e2e.pages.messages import status
from tests.e2e.pages.reviews import choose, decide
from tests.e2e.pages.site import ZONE, Site

TUTOR = person(103)
#: Long ago, so that filters by day find a test's own lessons alone.
LONG_AGO_HOURS = -24 * 1000.0
MARKED = Story(
    what="Marked",
    enrolment=5,
    starts_in=LONG_AGO_HOURS,
    has_whiteboard=False,
    mark=Mark(by=103, tutor="present", student="absent", notes="Never connected"),
)


def stored(site: Site, lesson: Lesson) -> tuple[str, str, str]:
    """Return what is recorded of the student, and the notes."""
    session = site.get(TUTOR, f"/api/tutor/sessions/{lesson.session_id}")
    (student,) = session["students"]
    return student["attendance_status"], student["attendance_source"], session["attendance_notes"]


def test_a_mark_that_was_changed_is_as_before_with_its_notes(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(MARKED)
    page = open_window(TUTOR, address(lesson))
    shown = card(page, lesson.session_id)
    shown.get_by_role("link", name="Change").click()
    review = page.locator(".review")
    review.get_by_role("button", name="Change").click()
    choose(review, "Sara Alemu", "Late")
    review.get_by_role("textbox", name="Note").fill("Came at ten past")
    decide(review).click()
    expect(status(page.locator("#notices")).get_by_role("button", name="Undo")).to_be_visible()
    assert stored(site, lesson) == ("late", "manual", "Came at ten past")
    page.screenshot(path=PICTURES / "lessons-undo-change.png")
    shown.get_by_role("button", name="Undo").click()
    expect(shown).to_contain_text("Sara absent")
    expect(shown.get_by_role("link", name="Change")).to_be_focused()
    assert stored(site, lesson) == ("absent", "manual", "Never connected")


def test_in_the_week_what_was_saved_is_said_and_can_be_undone(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(replace(MARKED, starts_in=LONG_AGO_HOURS - 24 * 30))
    day = lesson.start.astimezone(ZONE).date()
    page = open_window(TUTOR, f"#/week?day={day}")
    block = page.locator(f".lesson-block[data-session='{lesson.session_id}']")
    block.click()
    review = page.locator(".review")
    review.get_by_role("button", name="Change").click()
    choose(review, "Sara Alemu", "Present")
    decide(review).click()
    notice = status(page.locator("#notices"))
    expect(notice).to_contain_text("Saved: Amharic for beginners")
    expect(block).to_contain_text("Present")
    notice.get_by_role("button", name="Undo").click()
    expect(block).to_contain_text("Absent")
    expect(block).to_be_focused()
    assert stored(site, lesson)[0] == "absent"
