"""When each person was connected: as a drawing and as text."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import expect

from development.demo.people import person
from development.demo.story import Story, stay
from development.demo.timetable import Lesson
from testkit.browser import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.session_dialogs import open_session
from tests.e2e.pages.site import ZONE, Site

TUTOR = person(101)
RECONNECTED = Story(
    what="Lost and back",
    enrolment=1,
    starts_in=-22,
    tutor=stay(-10, 70),
    students={201: (*stay(5, 27), *stay(32, 60))},
)


def clock(lesson: Lesson, minute: int) -> str:
    """Return the time of day of a minute of the lesson, in the session time zone."""
    return f"{(lesson.start + timedelta(minutes=minute)).astimezone(ZONE):%H:%M}"


def test_a_lesson_is_described_in_words(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(RECONNECTED)
    page = open_window(TUTOR, viewport={"width": 320, "height": 1600})
    dialog = open_session(page, lesson.session_id)
    dialog.get_by_text("As text").click()
    student = dialog.locator(".as-text > ul > li").filter(has_text="Sara Alemu").locator("ol > li")
    expect(student).to_have_text(
        [
            f"{clock(lesson, 0)} to {clock(lesson, 5)}: not connected",
            f"{clock(lesson, 5)} to {clock(lesson, 27)}: connected",
            f"{clock(lesson, 27)} to {clock(lesson, 32)}: not connected",
            f"{clock(lesson, 32)} to {clock(lesson, 60)}: connected",
        ]
    )
    page.screenshot(path=PICTURES / "session-timeline-320.png")


def test_what_people_did_is_drawn_and_described_in_words(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(RECONNECTED)
    page = open_window(TUTOR, viewport={"width": 1280, "height": 1600})
    dialog = open_session(page, lesson.session_id)
    # The demo's people draw every two minutes.
    expect(dialog.locator(".timeline .row").last.locator(".activity")).to_have_count(24)
    dialog.get_by_text("As text").click()
    student = dialog.locator(".as-text > ul > li").filter(has_text="Sara Alemu")
    expect(student).to_contain_text(f"Active: {clock(lesson, 7)} to {clock(lesson, 8)} (1 action); ")
    page.screenshot(path=PICTURES / "session-timeline.png")


def test_nothing_is_wider_than_a_narrow_phone(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(RECONNECTED)
    page = open_window(TUTOR, viewport={"width": 320, "height": 640})
    dialog = open_session(page, lesson.session_id)
    assert dialog.evaluate("(dialog) => dialog.scrollWidth <= dialog.clientWidth")
