"""When everybody was connected: as a drawing, and in words."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from development.demo.people import person
from development.demo.story import Story, stay
from development.demo.timetable import Lesson
from tests.e2e.browser.windows import PICTURES
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
MINUTE = 60_000
WINDOW = {"from": 0, "to": 60 * MINUTE}
_CALL = """async ([name, parameters]) => {
    const assets = new URL(".", document.querySelector("script[src*='/application.js']").src);
    const modules = await Promise.all(["timeline-geometry", "stretches"]
        .map((module) => import(new URL(`views/session/${module}.js`, assets))));
    return Object.assign({}, ...modules)[name](...parameters);
}"""


@pytest.fixture
def page(open_window: OpenWindow) -> Page:
    return open_window(TUTOR)


def call(page: Page, name: str, *parameters: object) -> Any:  # noqa: ANN401 - whatever it returns
    """Call a function of the timeline's pure modules."""
    return page.evaluate(_CALL, [name, list(parameters)])


def minutes(*stretches: tuple[float, float], **more: object) -> list[dict[str, object]]:
    """Return stretches that are told in minutes."""
    return [{"from": start * MINUTE, "to": end * MINUTE, **more} for start, end in stretches]


def laid_out(page: Page, **facts: object) -> list[tuple[float, float, str]]:
    """Lay facts out, and tell the stretches in minutes."""
    told = {"intervals": [], "gaps": [], "window": WINDOW, "until": 60 * MINUTE, **facts}
    return [(each["from"] / MINUTE, each["to"] / MINUTE, each["kind"]) for each in call(page, "stretchesOf", told)]


def clock(lesson: Lesson, minute: int) -> str:
    """Return the time of day of a minute of the lesson, in the session time zone."""
    return f"{(lesson.start + timedelta(minutes=minute)).astimezone(ZONE):%H:%M}"


def test_a_lesson_is_told_in_words(open_window: OpenWindow, site: Site) -> None:
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


def test_what_people_did_is_drawn_and_told_in_words(open_window: OpenWindow, site: Site) -> None:
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


def test_every_moment_of_the_window_is_of_one_kind(page: Page) -> None:
    intervals = [*minutes((-2, 10), (30, 50)), *minutes((10, 20), assumed=True)]
    assert laid_out(page, intervals=intervals, gaps=minutes((10, 25))) == [
        (-2, 10, "connected"),
        (10, 20, "assumed"),
        (20, 25, "unobserved"),
        (25, 30, "away"),
        (30, 50, "connected"),
        (50, 60, "away"),
    ]


def test_what_is_still_to_come_is_not_told(page: Page) -> None:
    assert laid_out(page, intervals=minutes((0, 20)), until=30 * MINUTE) == [(0, 20, "connected"), (20, 30, "away")]


def test_a_sign_of_life_that_stands_alone_is_told(page: Page) -> None:
    assert laid_out(page, intervals=minutes((5, 5))) == [(0, 5, "away"), (5, 5, "connected"), (5, 60, "away")]


def test_a_return_is_where_somebody_came_back_after_having_been_away(page: Page) -> None:
    stretches = call(
        page,
        "stretchesOf",
        {"intervals": minutes((5, 10), (20, 60)), "gaps": [], "window": WINDOW, "until": 60 * MINUTE},
    )
    assert call(page, "returns", stretches) == [20 * MINUTE]


def test_presence_hours_before_and_after_leaves_the_lesson_wide(page: Page) -> None:
    shown = call(page, "shownTimes", WINDOW, minutes((-300, 400)))
    assert shown == {"from": -15 * MINUTE, "to": 75 * MINUTE}


@pytest.mark.parametrize("length", [5, 45, 50, 60, 90, 12 * 60])
def test_times_of_day_never_touch(page: Page, length: int) -> None:
    window = {"from": 0, "to": length * MINUTE}
    places = [tick["x"] for tick in call(page, "ticks", window, window)]
    assert (places[0], places[-1]) == (0, 100)
    assert min(later - earlier for earlier, later in pairwise(places)) >= 12


def test_activity_of_a_long_lesson_is_drawn_in_few_bars(page: Page) -> None:
    bars = call(page, "activityBars", [1] * 720, {"from": 0, "to": 720 * MINUTE})
    assert len(bars) == 60
    assert bars[-1] == {"from": 708 * MINUTE, "to": 720 * MINUTE, "count": 12}
