"""Accepting suggestions on the lines themselves, one or all that are clear, and taking it back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page, Route, expect

from development.demo.people import person
from development.demo.story import stay
from development.demo.timetable import Lesson
from testkit.browser import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.lessons import address, card
from tests.e2e.pages.messages import alert, status
from tests.e2e.pages.own_course import add_course, found
from tests.e2e.pages.site import Site
from tests.e2e.pages.test_to_mark import DOUBTFUL, GROUP, LATE, PUNCTUAL, UNSEEN

TUTOR, TUTOR_OF_CLASS, ADMIN = person(103), person(102), person(901)
#: So many are written by one call (views/lessons/acceptance.js).
AT_ONCE = 10
#: As in docs/errors.md.
UNAVAILABLE = {"code": 14, "message": "The service can't do this at the moment; retry.", "details": []}
APPLY = "**/api/tutor/sessions:applySuggestions"
CLICK_TWICE = "(button) => { button.click(); button.click(); }"
#: Longer than "Undo" is offered.
LATER_MS = 11_000
OpenCourse = Callable[[str], Page]


def sources(site: Site, *lessons: Lesson) -> list[str]:
    """Return where what is stored about each lesson comes from."""
    paths = [f"/api/tutor/sessions/{lesson.session_id}" for lesson in lessons]
    return [site.get(ADMIN, path)["attendance_source"] for path in paths]


def accept(page: Page, lesson: Lesson) -> None:
    """Accept on the line, and wait until it is marked."""
    card(page, lesson.session_id).get_by_role("button", name="Accept").click()
    expect(card(page, lesson.session_id)).to_contain_text("Marked")


@pytest.fixture
def open_course(open_window: OpenWindow) -> OpenCourse:
    """Return a way to open what is to be marked of a course."""
    return lambda course: open_window(TUTOR, found("#/to-mark", course))


def test_one_click_accepts_and_one_takes_it_back(open_course: OpenCourse, site: Site) -> None:
    (lesson,) = add_course(site, "One click", LATE)
    page = open_course("One click")
    accept(page, lesson)
    assert sources(site, lesson) == ["whiteboard_auto"]
    line = card(page, lesson.session_id)
    expect(line).to_contain_text("Sara late")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing to mark")
    page.screenshot(path=PICTURES / "to-mark-undo.png")
    expect(line.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(line.get_by_role("button", name="Accept")).to_be_focused()
    assert sources(site, lesson) == ["system_default"]
    expect(page.get_by_role("heading", level=1)).to_have_text("1 lesson to mark")


def test_a_marked_line_keeps_its_place_and_its_undo_until_the_list_is_read_again(
    open_course: OpenCourse, site: Site
) -> None:
    first, second = add_course(site, "Stays", PUNCTUAL, replace(PUNCTUAL, starts_in=-9))
    page = open_course("Stays")
    page.clock.install()
    accept(page, first)
    page.get_by_role("heading", level=1).hover()
    page.evaluate("document.activeElement.blur()")
    page.clock.fast_forward(LATER_MS)
    expect(card(page, first.session_id).get_by_role("button", name="Undo")).to_be_visible()
    page.reload()
    expect(card(page, second.session_id)).to_be_visible()
    expect(card(page, first.session_id)).to_have_count(0)


def test_a_double_click_accepts_once(open_course: OpenCourse, site: Site) -> None:
    (lesson,) = add_course(site, "Twice", PUNCTUAL)
    page = open_course("Twice")
    card(page, lesson.session_id).get_by_role("button", name="Accept").evaluate(CLICK_TWICE)
    expect(card(page, lesson.session_id)).to_contain_text("Marked")
    history = site.get(ADMIN, f"/api/tutor/sessions/{lesson.session_id}/attendance-history")
    assert len(history["decisions"]) == 1


def test_what_another_person_decided_since_is_not_taken_back(open_course: OpenCourse, site: Site) -> None:
    (lesson,) = add_course(site, "Decided since", PUNCTUAL)
    page = open_course("Decided since")
    accept(page, lesson)
    path = f"/api/tutor/sessions/{lesson.session_id}/attendance"
    site.call(ADMIN, "PUT", path, student_attendance_status="absent")
    card(page, lesson.session_id).get_by_role("button", name="Undo").click()
    expect(alert(page.locator("#notices"))).to_be_visible()
    expect(card(page, lesson.session_id)).to_contain_text("Decided by an admin")
    assert sources(site, lesson) == ["admin_override"]


def test_a_suggestion_that_has_changed_is_not_accepted_but_shown(open_course: OpenCourse, site: Site) -> None:
    (lesson,) = add_course(site, "Changed", replace(PUNCTUAL, students={}))
    page = open_course("Changed")
    expect(card(page, lesson.session_id)).to_contain_text("Sara did not come")
    came = replace(lesson, story=replace(lesson.story, students={201: stay(8, 60)}))
    site.record((came,), came.end)
    card(page, lesson.session_id).get_by_role("button", name="Accept").click()
    expect(alert(page.locator("#notices"))).to_be_visible()
    expect(card(page, lesson.session_id)).to_contain_text("Sara late")
    assert sources(site, lesson) == ["system_default"]


def test_a_click_while_offline_does_nothing_and_works_later(open_course: OpenCourse, site: Site) -> None:
    (lesson,) = add_course(site, "Accept offline", PUNCTUAL)
    page = open_course("Accept offline")
    page.context.set_offline(True)
    card(page, lesson.session_id).get_by_role("button", name="Accept").click()
    expect(alert(page.locator("#notices"))).to_contain_text("The server can't be reached.")
    page.context.set_offline(False)
    accept(page, lesson)
    assert sources(site, lesson) == ["whiteboard_auto"]


def test_all_clear_ones_that_are_listed_are_accepted_and_taken_back(open_course: OpenCourse, site: Site) -> None:
    clear = add_course(site, "All clear", PUNCTUAL, replace(LATE, starts_in=-7), replace(UNSEEN, starts_in=-9))
    (other,) = add_course(site, "Not listed", replace(PUNCTUAL, starts_in=-11))
    page = open_course("All clear")
    page.get_by_role("button", name="Accept 2 clear suggestions 1 present, 1 late").click()
    notice = status(page.locator("#notices"))
    expect(notice).to_contain_text("2 lessons were marked as suggested. Students: 1 present, 1 late.")
    assert sources(site, *clear, other) == ["whiteboard_auto", "whiteboard_auto", "system_default", "system_default"]
    expect(page.get_by_role("heading", level=1)).to_have_text("1 lesson to mark")
    expect(page.get_by_role("button", name="clear suggestion")).to_have_count(0)
    page.screenshot(path=PICTURES / "to-mark-accepted.png")
    notice.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Accept 2 clear suggestions")).to_be_visible()
    assert set(sources(site, *clear)) == {"system_default"}


def test_undo_of_a_message_names_its_lesson_and_goes_when_another_is_marked(
    open_course: OpenCourse, site: Site
) -> None:
    _, other = add_course(site, "Newer mark", PUNCTUAL, replace(DOUBTFUL, starts_in=-9))
    page = open_course("Newer mark")
    page.get_by_role("button", name="Accept 1 clear suggestion").click()
    message = status(page.locator("#notices"))
    expect(message).to_contain_text("Saved: Newer mark")
    expect(message.get_by_role("button", name="Undo")).to_be_visible()
    page.screenshot(path=PICTURES / "to-mark-accepted-one.png")
    # While one points at it, no time takes it away.
    message.hover()
    card(page, other.session_id).get_by_role("button", name="Accept").evaluate("(button) => button.click()")
    expect(card(page, other.session_id)).to_contain_text("Marked")
    expect(message).to_have_count(0)


def test_the_result_of_each_lesson_is_on_its_line(open_course: OpenCourse, site: Site) -> None:
    decided, changed, written = add_course(
        site, "Results", PUNCTUAL, replace(PUNCTUAL, starts_in=-7, students={}), replace(PUNCTUAL, starts_in=-9)
    )
    page = open_course("Results")
    expect(page.get_by_role("button", name="Accept 3 clear suggestions")).to_be_visible()
    path = f"/api/tutor/sessions/{decided.session_id}/attendance"
    site.call(TUTOR, "PUT", path, tutor_attendance_status="late", student_attendance_status="late")
    came = replace(changed, story=replace(changed.story, students={201: stay(8, 60)}))
    site.record((came,), came.end)
    page.get_by_role("button", name="Accept 3 clear suggestions").click()
    expect(status(page.locator("#notices"))).to_contain_text(re.compile(r"Saved: .*Left as they are: 2"))
    expect(card(page, decided.session_id)).to_contain_text("Somebody has marked it already.")
    expect(card(page, changed.session_id)).to_contain_text("The suggestion has changed since it was shown")
    expect(card(page, written.session_id).get_by_role("button", name="Undo")).to_be_visible()
    assert sources(site, decided, changed, written) == ["manual", "system_default", "whiteboard_auto"]


def test_many_are_written_in_steps_and_a_failure_between_them_loses_nothing(
    open_course: OpenCourse, site: Site
) -> None:
    lessons = add_course(
        site, "Many", *(replace(PUNCTUAL, starts_in=-6.5 + number / 12) for number in range(AT_ONCE + 1))
    )
    page = open_course("Many")
    answers = iter([None, UNAVAILABLE])

    def answer(route: Route) -> None:
        problem = next(answers, None)
        if problem is None:
            route.continue_()
        else:
            route.fulfill(status=503, json=problem)

    # All tests share the attendance service of this site, so it is not stopped: the gateway's answer is imitated.
    page.route(APPLY, answer)
    page.get_by_role("button", name=f"Accept {AT_ONCE + 1} clear suggestions").click()
    expect(alert(page.locator("#notices"))).to_contain_text("can't be reached at the moment")
    expect(page.get_by_role("heading", level=1)).to_have_text("1 lesson to mark")
    page.locator("#notices").get_by_role("button", name="Try again").click()
    expect(status(page.locator("#notices"))).to_contain_text(f"{AT_ONCE + 1} lessons were marked")
    assert set(sources(site, *lessons)) == {"whiteboard_auto"}


def test_an_impatient_double_click_accepts_all_once(open_course: OpenCourse, site: Site) -> None:
    (lesson,) = add_course(site, "All twice", PUNCTUAL)
    page = open_course("All twice")
    calls: list[str] = []
    page.on("request", lambda request: calls.append(request.url) if "applySuggestions" in request.url else None)
    page.get_by_role("button", name="Accept 1 clear suggestion").evaluate(CLICK_TWICE)
    expect(status(page.locator("#notices"))).to_contain_text("Saved: All twice")
    assert len(calls) == 1
    assert sources(site, lesson) == ["whiteboard_auto"]


def test_a_class_about_which_it_is_clear_is_accepted_as_a_whole(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = add_course(site, "Clear class", GROUP)
    page = open_window(TUTOR_OF_CLASS, found("#/to-mark", "Clear class"))
    page.get_by_role("button", name="Accept 1 clear suggestion").click()
    expect(card(page, lesson.session_id)).to_contain_text("Marked")
    session = site.get(TUTOR_OF_CLASS, f"/api/tutor/sessions/{lesson.session_id}")
    assert {student["name"]: student["attendance_status"] for student in session["students"]} == {
        "Meron Haile": "present",
        "Liya Tadesse": "late",
        "Samuel Desta": "absent",
    }


def test_of_a_class_about_which_it_is_not_clear_nobody_is_marked(open_window: OpenWindow, site: Site) -> None:
    came = {203: stay(0, 60), 204: stay(0, 30), 206: ()}
    (lesson,) = add_course(site, "Unclear class", replace(GROUP, students=came))
    page = open_window(TUTOR_OF_CLASS, found("#/to-mark", "Unclear class"))
    expect(card(page, lesson.session_id)).to_contain_text("likely")
    expect(page.get_by_role("button", name=re.compile("Accept"))).to_have_count(0)


def test_an_admin_accepts_in_the_list_of_all_lessons(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = add_course(site, "By an admin", PUNCTUAL)
    page = open_window(ADMIN, found("#/lessons", "By an admin"))
    page.get_by_role("button", name="Accept 1 clear suggestion").click()
    expect(card(page, lesson.session_id)).to_contain_text("Marked")
    assert sources(site, lesson) == ["whiteboard_auto"]


def test_what_another_tab_marked_leaves_the_list(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = add_course(site, "Other tab", PUNCTUAL)
    page = open_window(TUTOR, found("#/to-mark", "Other tab"))
    other = page.context.new_page()
    other.goto(f"{site.url}/{found('#/lessons', 'Other tab')}")
    card(other, lesson.session_id).get_by_role("button", name="Accept").click()
    expect(card(other, lesson.session_id)).to_contain_text("Marked")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing to mark")
    other.close()


def test_students_and_parents_are_not_offered_it(open_window: OpenWindow) -> None:
    for who in (person(301), person(201)):
        page = open_window(who, "#/to-mark")
        expect(page.get_by_role("button", name=re.compile("Accept"))).to_have_count(0)
        expect(page.get_by_role("link", name="To mark")).to_have_count(0)


def test_the_list_of_all_lessons_shows_a_marked_line_as_it_is_then(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = add_course(site, "In all lessons", PUNCTUAL)
    page = open_window(TUTOR, address(lesson, search="In all lessons"))
    page.clock.install()
    accept(page, lesson)
    page.get_by_role("heading", level=1).hover()
    page.evaluate("document.activeElement.blur()")
    page.clock.fast_forward(LATER_MS)
    expect(card(page, lesson.session_id).get_by_role("link", name="Change")).to_be_visible()
