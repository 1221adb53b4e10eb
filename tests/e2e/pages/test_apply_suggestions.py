"""Accepting all suggestions that leave no doubt: what is shown is what is written, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, Route, expect

from development.demo.people import Person, person
from development.demo.story import Story, stay
from development.demo.timetable import Lesson
from testkit.browser import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.lessons import card, when
from tests.e2e.pages.messages import alert, status
from tests.e2e.pages.site import Site

TUTOR, COLLEAGUE, PARENT, STUDENT = person(103), person(102), person(301), person(201)
#: No other lesson has this length: so these tests find their own.
MINUTES = 43
#: So many are written by one call (views/lessons/apply/calls.js).
AT_ONCE = 10
#: As in docs/errors.md.
UNAVAILABLE = {"code": 14, "message": "The service can't do this at the moment; retry.", "details": []}
PATH = "**/api/tutor/sessions:applySuggestions"
Add = Callable[..., tuple[Lesson, ...]]


def clear(starts_in: float) -> Story:
    """Return a lesson about which there is no doubt: both were there all the time."""
    return Story(
        what="Both punctual",
        enrolment=5,
        starts_in=starts_in,
        minutes=MINUTES,
        tutor=stay(-1, MINUTES),
        students={201: stay(0, MINUTES)},
    )


def doubtful(starts_in: float) -> Story:
    """Return a lesson of which the tutor attended about half."""
    return Story(
        what="The tutor left early",
        enrolment=5,
        starts_in=starts_in,
        minutes=MINUTES,
        tutor=stay(0, MINUTES / 2),
        students={201: stay(0, MINUTES)},
    )


@pytest.fixture
def page(open_window: OpenWindow) -> Page:
    """Return the tutor's sessions."""
    return open_window(TUTOR, "#/lessons")


def open_dialog(page: Page) -> Locator:
    """Ask for what would be written, and wait until all of it is shown."""
    page.get_by_role("button", name="Apply all high-confidence suggestions").click()
    dialog = page.get_by_role("dialog", name="Apply high-confidence suggestions")
    expect(dialog.get_by_role("button", name=re.compile(r"^Apply \d+$"))).to_be_visible()
    return dialog


def choose_only(dialog: Locator, *lessons: Lesson) -> None:
    """Leave everything else as it is."""
    dialog.get_by_role("checkbox", name="All of them").uncheck()
    for lesson in lessons:
        dialog.get_by_role("checkbox", name=when(lesson)).check()


def sources(site: Site, *lessons: Lesson) -> list[str]:
    """Return where what is stored about each lesson comes from."""
    paths = [f"/api/tutor/sessions/{lesson.session_id}" for lesson in lessons]
    return [site.call(TUTOR, "GET", path)["attendance_source"] for path in paths]


def test_only_what_was_shown_and_chosen_is_written(page: Page, site: Site) -> None:
    chosen, left, unsure = site.add(clear(-14.25), clear(-13.25), doubtful(-12.25))
    dialog = open_dialog(page)
    line = dialog.get_by_role("listitem").filter(has_text=when(chosen))
    for words in ("Amharic for beginners", "Dawit Bekele, Sara Alemu", "Tutor: Present", "Student: Present"):
        expect(line).to_contain_text(words)
    choose_only(dialog, chosen)
    dialog.get_by_text(re.compile("The suggestion is not of high confidence")).click()
    expect(dialog.get_by_role("listitem").filter(has_text=when(unsure))).to_be_visible()
    page.screenshot(path=PICTURES / "apply-preview.png")
    assert Axe().run(page).violations_count == 0
    dialog.get_by_role("button", name="Apply 1").click()
    expect(status(dialog)).to_contain_text("1 lesson was marked. It can be marked again at any time.")
    assert sources(site, chosen, left, unsure) == ["whiteboard_auto", "system_default", "system_default"]
    dialog.get_by_role("button", name="Close").click()
    expect(page.locator(".notices .notice")).to_have_text(["1 lesson was marked.", ""])
    expect(page.get_by_role("button", name="Apply all high-confidence suggestions")).to_be_focused()
    expect(card(page, chosen.session_id)).to_contain_text("Suggestion accepted")


def test_of_a_class_those_are_marked_about_whom_there_is_no_doubt(open_window: OpenWindow, site: Site) -> None:
    came = {203: stay(0, MINUTES), 204: stay(0, MINUTES / 2), 206: ()}
    (lesson,) = site.add(replace(clear(-16.25), enrolment=3, students=came))
    page = open_window(COLLEAGUE, "#/lessons")
    dialog = open_dialog(page)
    line = dialog.get_by_role("listitem").filter(has_text=when(lesson))
    for words in ("Meron Haile: Present", "Liya Tadesse: left to you", "Samuel Desta: Absent"):
        expect(line).to_contain_text(words)
    choose_only(dialog, lesson)
    page.screenshot(path=PICTURES / "apply-class.png")
    dialog.get_by_role("button", name="Apply 1").click()
    expect(status(dialog)).to_contain_text("1 lesson was marked.")
    session = site.get(COLLEAGUE, f"/api/tutor/sessions/{lesson.session_id}")
    assert {student["name"]: student["attendance_source"] for student in session["students"]} == {
        "Meron Haile": "whiteboard_auto",
        "Liya Tadesse": "system_default",
        "Samuel Desta": "whiteboard_auto",
    }
    dialog.get_by_role("button", name="Close").click()
    expect(card(page, lesson.session_id)).to_contain_text("1 present, 1 absent, 1 not marked")


def test_what_was_written_leads_to_where_it_can_be_marked_again(page: Page, site: Site) -> None:
    (lesson,) = site.add(clear(-10.25))
    dialog = open_dialog(page)
    choose_only(dialog, lesson)
    dialog.get_by_role("button", name="Apply 1").click()
    dialog.get_by_role("link", name=re.compile("^Mark again ")).click()
    page.wait_for_url(f"**/#/lessons/{lesson.session_id}")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("dialog")).to_be_visible()


def test_what_changed_in_between_is_left_with_the_reason(page: Page, site: Site) -> None:
    decided, changed, other = site.add(clear(-9.25), replace(clear(-8.25), students={}), clear(-7.25))
    dialog = open_dialog(page)
    choose_only(dialog, decided, changed, other)
    path = f"/api/tutor/sessions/{decided.session_id}/attendance"
    site.call(TUTOR, "PUT", path, tutor_attendance_status="late", student_attendance_status="late")
    came_late = replace(changed, story=replace(changed.story, students={201: stay(8, MINUTES)}))
    site.record((came_late,), came_late.end)
    dialog.get_by_role("button", name="Apply 3").click()
    expect(status(dialog)).to_contain_text("1 lesson was marked.")
    expect(dialog.get_by_role("heading", name="2 lessons are left as they are")).to_be_visible()
    expect(dialog.get_by_text("Somebody has marked it already (1)")).to_be_visible()
    expect(dialog.get_by_text("The suggestion has changed since it was shown (1)")).to_be_visible()
    page.screenshot(path=PICTURES / "apply-outcome.png")
    assert sources(site, decided, changed, other) == ["manual", "system_default", "whiteboard_auto"]


def test_many_are_written_in_steps_and_a_failure_between_them_loses_nothing(page: Page, site: Site) -> None:
    lessons = site.add(*(clear(-6.5 + number / 12) for number in range(AT_ONCE + 1)))
    dialog = open_dialog(page)
    choose_only(dialog, *lessons)
    answers = iter([None, UNAVAILABLE])

    def answer(route: Route) -> None:
        problem = next(answers, None)
        if problem is None:
            route.continue_()
        else:
            route.fulfill(status=503, json=problem)

    # All tests share the attendance service of this site, so it is not stopped: the gateway's answer is imitated.
    page.route(PATH, answer)
    dialog.get_by_role("button", name=f"Apply {AT_ONCE + 1}").click()
    expect(alert(dialog)).to_contain_text("can't be reached at the moment")
    expect(status(dialog)).to_contain_text(f"{AT_ONCE} lessons were marked.")
    dialog.get_by_role("button", name="Apply the remaining 1").click()
    expect(status(dialog)).to_contain_text(f"{AT_ONCE + 1} lessons were marked.")
    assert set(sources(site, *lessons)) == {"whiteboard_auto"}


def test_what_could_not_be_looked_at_can_be_tried_again(page: Page, site: Site) -> None:
    (lesson,) = site.add(clear(-11.25))
    expect(page.get_by_role("listitem").first).to_be_visible()
    page.context.set_offline(True)
    page.get_by_role("button", name="Apply all high-confidence suggestions").click()
    expect(page.get_by_role("alert").filter(has_text="The server can't be reached.")).to_be_visible()
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("checkbox", name=when(lesson))).to_be_checked()
    dialog.get_by_role("button", name="Cancel").click()
    page.context.set_offline(True)
    page.get_by_role("button", name="Apply all high-confidence suggestions").click()
    expect(alert(dialog)).to_contain_text("The server can't be reached.")
    page.context.set_offline(False)
    dialog.get_by_role("button", name="Try again").click()
    expect(dialog.get_by_role("checkbox", name=when(lesson))).to_be_checked()


def test_an_impatient_double_click_opens_it_once(page: Page) -> None:
    page.get_by_role("button", name="Apply all high-confidence suggestions").dblclick()
    expect(page.get_by_role("button", name=re.compile(r"^Apply \d+$"))).to_be_visible()
    expect(page.locator("dialog")).to_have_count(1)


def test_escape_leaves_everything_as_it_is(page: Page, site: Site) -> None:
    (lesson,) = site.add(clear(-15.25))
    open_dialog(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert sources(site, lesson) == ["system_default"]


@pytest.mark.parametrize("who", [PARENT, STUDENT], ids=["parent", "student"])
def test_parents_and_students_are_not_offered_it(open_window: OpenWindow, who: Person) -> None:
    page = open_window(who, "#/lessons")
    expect(page.get_by_role("main")).to_contain_text("This page is for tutors and admins; you are")
    expect(page.get_by_role("button", name="Apply all")).to_have_count(0)
