"""When each person was connected: as a drawing and as text."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import expect

from development.demo.people import person
from development.demo.story import Story, stay
from development.demo.timetable import Lesson
from testkit.browser import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.reviews import open_review
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
    review = open_review(page, lesson.session_id)
    review.get_by_text("As text").click()
    student = review.locator(".as-text > ul > li").filter(has_text="Sara Alemu").locator("ol > li")
    expect(student).to_have_text(
        [
            f"{clock(lesson, 0)} to {clock(lesson, 5)}: not there yet",
            f"{clock(lesson, 5)} to {clock(lesson, 27)}: connected",
            f"{clock(lesson, 27)} to {clock(lesson, 32)}: not connected",
            f"{clock(lesson, 32)} to {clock(lesson, 60)}: connected",
        ]
    )
    page.screenshot(path=PICTURES / "lesson-timeline-320.png")


def test_what_people_did_is_drawn_and_described_in_words(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(RECONNECTED)
    page = open_window(TUTOR, viewport={"width": 1280, "height": 1600})
    review = open_review(page, lesson.session_id)
    # The demo's people draw every two minutes.
    expect(review.locator(".timeline .row").last.locator(".activity")).to_have_count(24)
    review.get_by_text("As text").click()
    student = review.locator(".as-text > ul > li").filter(has_text="Sara Alemu")
    expect(student).to_contain_text(f"Active: {clock(lesson, 7)} to {clock(lesson, 8)} (1 action); ")
    page.screenshot(path=PICTURES / "lesson-timeline.png")


def test_nothing_is_wider_than_a_narrow_phone(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(RECONNECTED)
    page = open_window(TUTOR, viewport={"width": 320, "height": 640})
    review = open_review(page, lesson.session_id)
    assert review.evaluate("(review) => review.scrollWidth <= review.clientWidth")


def test_the_limit_of_lateness_and_absences_are_named(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(RECONNECTED)
    review = open_review(open_window(TUTOR), lesson.session_id)
    picture = review.locator(".timeline")
    expect(picture.get_by_text(f"late from {clock(lesson, 5)}", exact=True)).to_be_visible()
    expect(picture.get_by_text("away 5 min", exact=True)).to_be_visible()
    expect(picture.locator("line.limit")).to_have_count(2)


def test_times_are_read_by_keyboard(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(RECONNECTED)
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    student = review.get_by_role("slider", name="When Sara Alemu was connected")
    student.focus()
    reading = review.locator("figcaption .reading")
    expect(reading).to_have_text(f"Sara: {clock(lesson, 0)} to {clock(lesson, 5)}: not there yet")
    page.keyboard.press("ArrowRight")
    expect(student).to_have_attribute("aria-valuetext", f"{clock(lesson, 5)} to {clock(lesson, 27)}: connected")
    expect(reading).to_have_text(f"Sara: {clock(lesson, 5)} to {clock(lesson, 27)}: connected")
    page.keyboard.press("End")
    expect(student).to_have_attribute("aria-valuetext", f"{clock(lesson, 32)} to {clock(lesson, 60)}: connected")
    page.keyboard.press("Tab")
    expect(reading).to_be_empty()


def test_times_are_read_by_touch(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(RECONNECTED)
    page = open_window(TUTOR, viewport={"width": 390, "height": 844}, has_touch=True)
    review = open_review(page, lesson.session_id)
    row = review.get_by_role("slider", name="When Sara Alemu was connected")
    row.scroll_into_view_if_needed()
    box = row.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 8)
    expect(review.locator("figcaption .reading")).to_have_text(
        f"Sara: {clock(lesson, 27)} to {clock(lesson, 32)}: not connected"
    )


def test_time_runs_from_left_to_right_also_where_words_do_not(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(RECONNECTED)
    page = open_window(TUTOR, viewport={"width": 390, "height": 844})
    page.evaluate("document.documentElement.dir = 'rtl'")
    review = open_review(page, lesson.session_id)
    first, last = review.locator(".timeline .axis text").first, review.locator(".timeline .axis text").nth(1)
    one, other = first.bounding_box(), last.bounding_box()
    assert one
    assert other
    assert one["x"] < other["x"]
    assert review.evaluate("(review) => review.scrollWidth <= review.clientWidth")
    page.screenshot(path=PICTURES / "lesson-right-to-left.png")
