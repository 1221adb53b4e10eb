"""The pages of `make up` in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from development.demo.stories import STORIES
from testkit.browser import LIMIT_MILLISECONDS, PICTURES, launch, running_playwright
from testkit.make_up import MakeUp

#: The lesson that goes on (sessions.id).
LESSON = next(number for number, story in enumerate(STORIES, start=1) if story.status == "in-progress")


@pytest.fixture(scope="module")
def windows() -> Iterator[BrowserContext]:
    """Return a browser whose windows are one person's: what one signs in to, the others are signed in to."""
    with running_playwright() as playwright, launch(playwright) as browser, browser.new_context() as context:
        context.set_default_timeout(LIMIT_MILLISECONDS)
        yield context


@pytest.fixture(scope="module")
def lesson(windows: BrowserContext, make_up: MakeUp) -> Page:
    """Return the attendance page as the first demo tutor opens it, with the lesson that goes on."""
    page = windows.new_page()
    page.goto(f"{make_up.url}/#/lessons/{LESSON}")
    return page


def whiteboard_of(lesson: Page, name: str) -> Page:
    """Open the lesson's whiteboard in a window of its own, as the person of this name."""
    with lesson.context.expect_page() as opened:
        lesson.locator("#live a").click(modifiers=["ControlOrMeta"])
    page = opened.value
    chosen = page.locator("#people option", has_text=name)
    page.locator("#people").select_option(value=chosen.get_attribute("value"))
    return page


def test_two_windows_are_two_people_who_see_each_other_s_drawing(lesson: Page) -> None:
    tutor, student = whiteboard_of(lesson, "Abebe Kebede"), whiteboard_of(lesson, "Sara Alemu")
    expect(tutor.locator("#presence")).to_have_text("You are counted as present.")
    expect(student.locator("#presence")).to_have_text("You are counted as present.")
    blank = tutor.evaluate("document.getElementById('canvas').toDataURL()")
    student.locator("#canvas").click()
    tutor.wait_for_function("(blank) => document.getElementById('canvas').toDataURL() !== blank", arg=blank)
    tutor.screenshot(path=PICTURES / "demo-whiteboard.png", full_page=True)
    tutor.close()
    student.close()


def test_the_tutor_s_page_tells_who_is_on_the_whiteboard_now(lesson: Page) -> None:
    tutor = whiteboard_of(lesson, "Abebe Kebede")
    expect(lesson.locator("#live")).to_contain_text("You, here since ")
    lesson.screenshot(path=PICTURES / "demo-attendance.png")
    tutor.close()
