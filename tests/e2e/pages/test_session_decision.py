"""Deciding on a session in its dialog: what is written, and that no decision is overwritten unseen."""

from __future__ import annotations

from dataclasses import replace

from playwright.sync_api import Locator, expect

from development.demo.people import person
from development.demo.story import Mark, Story, stay
from testkit.browser import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.messages import alert
from tests.e2e.pages.session_dialogs import expect_closed, open_session, section
from tests.e2e.pages.site import Site

TUTOR, STUDENT, ADMIN = person(101), person(201), person(901)
PARENT = person(301)
PUNCTUAL = Story(what="Punctual", enrolment=1, starts_in=-22, tutor=stay(0, 60), students={201: stay(0, 60)})
UNMARKED = Story(what="Not seen", enrolment=1, starts_in=-22)
#: sessions.id of the demo's lesson (development/demo/stories.py).
CANCELLED = 17


def path(session_id: int) -> str:
    """Return where a session is read."""
    return f"/api/tutor/sessions/{session_id}"


def choose(dialog: Locator, who: str, status: str) -> None:
    """Choose a status for the tutor, student or class."""
    dialog.get_by_role("radiogroup", name=who).get_by_label(status).check()


def test_accepting_records_what_was_shown(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(PUNCTUAL)
    page = open_window(TUTOR)
    dialog = open_session(page, lesson.session_id)
    expect(dialog.get_by_text("Records: tutor Present, student Present.")).to_be_visible()
    dialog.get_by_role("textbox", name="Notes").fill("A good lesson")
    dialog.get_by_role("button", name="Accept suggestion").click()
    expect_closed(page)
    stored = site.call(TUTOR, "GET", path(lesson.session_id))
    assert page.evaluate("window.received.decided") == [stored]
    assert (stored["attendance_source"], stored["attendance_notes"]) == ("whiteboard_auto", "A good lesson")


def test_the_keyboard_alone_is_enough_to_accept(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(PUNCTUAL)
    page = open_window(TUTOR)
    dialog = open_session(page, lesson.session_id)
    page.keyboard.press("Tab")
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Tab")
    expect(dialog.get_by_role("button", name="Accept suggestion")).to_be_focused()
    page.keyboard.press("Enter")
    expect_closed(page)
    assert site.call(TUTOR, "GET", path(lesson.session_id))["attendance_source"] == "whiteboard_auto"


def test_a_decision_is_reported_also_where_the_session_can_not_be_read_after_it(
    open_window: OpenWindow, site: Site
) -> None:
    (lesson,) = site.add(UNMARKED)
    page = open_window(TUTOR)
    dialog = open_session(page, lesson.session_id)
    choose(dialog, "Tutor", "Late")
    choose(dialog, "Student", "Present")
    # Nothing else fails exactly between the two calls.
    page.route(f"**{path(lesson.session_id)}", lambda route: route.abort())
    dialog.get_by_role("button", name="Save").click()
    expect_closed(page)
    [received] = page.evaluate("window.received.decided")
    stored = site.call(TUTOR, "GET", path(lesson.session_id))
    # Neither is on any card; and the session may be settled in the meantime.
    not_in_the_answer = {"attendance_etag", "facts_changed_since_decision", "suggestion"}
    assert {name: received.get(name) for name in stored.keys() - not_in_the_answer} == {
        name: stored[name] for name in stored.keys() - not_in_the_answer
    }


def test_an_impatient_double_click_decides_once(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(PUNCTUAL)
    page = open_window(TUTOR)
    open_session(page, lesson.session_id).get_by_role("button", name="Accept suggestion").dblclick()
    expect_closed(page)
    history = site.call(TUTOR, "GET", f"{path(lesson.session_id)}/attendance-history")
    assert len(history["decisions"]) == 1


def test_facts_that_changed_are_shown_before_anything_is_written(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(replace(PUNCTUAL, students={}))
    page = open_window(TUTOR)
    dialog = open_session(page, lesson.session_id)
    expect(dialog.get_by_text("Records: tutor Present, student Absent.")).to_be_visible()
    came_late = replace(lesson, story=replace(PUNCTUAL, students={201: stay(8, 60)}))
    site.record((came_late,), came_late.end)
    dialog.get_by_role("button", name="Accept suggestion").click()
    expect(alert(dialog)).to_contain_text("The suggestion has changed since you looked")
    expect(dialog.get_by_text("Records: tutor Present, student Late.")).to_be_visible()
    expect(dialog.get_by_role("heading", name="Suggestion")).to_be_focused()
    page.screenshot(path=PICTURES / "session-suggestion-changed.png")
    assert site.call(TUTOR, "GET", path(lesson.session_id))["attendance_source"] == "system_default"
    dialog.get_by_role("button", name="Accept suggestion").click()
    expect_closed(page)


def test_a_suggestion_that_is_out_of_date_can_not_be_accepted_while_the_new_one_is_missing(
    open_window: OpenWindow, site: Site
) -> None:
    (lesson,) = site.add(replace(PUNCTUAL, students={}))
    page = open_window(TUTOR)
    dialog = open_session(page, lesson.session_id)
    came_late = replace(lesson, story=replace(PUNCTUAL, students={201: stay(8, 60)}))
    site.record((came_late,), came_late.end)
    suggestion_path = f"**{path(lesson.session_id)}/attendance-suggestion"
    page.route(suggestion_path, lambda route: route.abort())
    accept = dialog.get_by_role("button", name="Accept suggestion")
    # The second click is one that was on its way when the answer to the first came.
    button = accept.element_handle()
    accept.click()
    expect(alert(dialog)).to_contain_text("The new one could not be loaded.")
    expect(accept).to_be_hidden()
    button.evaluate("(button) => button.click()")
    expect(section(dialog, "Suggestion")).to_contain_text("The suggestion could not be loaded.")
    page.unroute(suggestion_path)
    section(dialog, "Suggestion").get_by_role("button", name="Try again").click()
    expect(dialog.get_by_text("Records: tutor Present, student Late.")).to_be_visible()
    accept.click()
    expect_closed(page)


def test_another_persons_decision_in_between_is_shown_and_not_overwritten(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(UNMARKED)
    page = open_window(TUTOR)
    dialog = open_session(page, lesson.session_id)
    choose(dialog, "Tutor", "Present")
    choose(dialog, "Student", "Present")
    site.call(PARENT, "PUT", f"{path(lesson.session_id)}/attendance", student_attendance_status="late")
    dialog.get_by_role("button", name="Save").click()
    expect(alert(dialog)).to_contain_text("Almaz Tesema (parent) decided in the meantime: Student Late.")
    expect(section(dialog, "Recorded now")).to_contain_text("Late")
    dialog.get_by_role("button", name="Save").click()
    expect_closed(page)
    stored = site.call(TUTOR, "GET", path(lesson.session_id))
    assert (stored["student_attendance_status"], stored["attendance_source"]) == ("present", "manual")


def test_an_admins_decision_in_between_stands(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(UNMARKED)
    dialog = open_session(open_window(TUTOR), lesson.session_id)
    choose(dialog, "Tutor", "Present")
    choose(dialog, "Student", "Present")
    site.call(
        ADMIN,
        "PUT",
        f"{path(lesson.session_id)}/attendance",
        tutor_attendance_status="absent",
        student_attendance_status="late",
    )
    dialog.get_by_role("button", name="Save").click()
    expect(alert(dialog)).to_contain_text("Tigist Worku (admin) decided in the meantime: Tutor Absent, Student Late.")
    expect(section(dialog, "Recorded now")).to_contain_text("Absent · Decided by an admin")
    dialog.get_by_role("button", name="Save").click()
    expect(alert(dialog)).to_contain_text("only an admin can change it")
    stored = site.call(TUTOR, "GET", path(lesson.session_id))
    assert (stored["tutor_attendance_status"], stored["attendance_source"]) == ("absent", "admin_override")


def test_nothing_is_chosen_beforehand_and_the_form_says_what_is_missing(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(UNMARKED)
    page = open_window(TUTOR, viewport={"width": 390, "height": 844})
    dialog = open_session(page, lesson.session_id)
    expect(dialog.get_by_role("radio")).to_have_count(6)
    expect(dialog.get_by_role("radio", checked=True)).to_have_count(0)
    choose(dialog, "Tutor", "Late")
    dialog.get_by_role("button", name="Save").click()
    student = dialog.get_by_role("radiogroup", name="Student")
    expect(student).to_contain_text("Choose one of these.")
    expect(student.get_by_label("Present")).to_be_focused()
    page.screenshot(path=PICTURES / "session-choose.png")
    choose(dialog, "Student", "Absent")
    dialog.get_by_role("button", name="Save").click()
    expect_closed(page)
    stored = site.call(TUTOR, "GET", path(lesson.session_id))
    assert (stored["tutor_attendance_status"], stored["student_attendance_status"]) == ("late", "absent")


def test_on_a_marked_session_what_is_not_chosen_stays_as_it_is(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(replace(UNMARKED, mark=Mark(by=101, tutor="late", student="late", notes="Rain")))
    page = open_window(TUTOR)
    dialog = open_session(page, lesson.session_id)
    expect(dialog.get_by_role("textbox", name="Notes")).to_have_value("Rain")
    choose(dialog, "Student", "Present")
    dialog.get_by_role("button", name="Save").click()
    expect_closed(page)
    stored = site.call(TUTOR, "GET", path(lesson.session_id))
    statuses = (stored["tutor_attendance_status"], stored["student_attendance_status"])
    assert (*statuses, stored["attendance_notes"]) == ("late", "present", "Rain")


def test_a_parent_reports_their_child_and_nothing_else(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(UNMARKED)
    page = open_window(PARENT)
    dialog = open_session(page, lesson.session_id)
    expect(dialog.get_by_role("radiogroup")).to_have_count(1)
    expect(dialog.get_by_role("button", name="Accept suggestion")).to_be_hidden()
    choose(dialog, "Student", "Absent")
    dialog.get_by_role("button", name="Save").click()
    expect_closed(page)
    stored = site.call(PARENT, "GET", path(lesson.session_id))
    assert (stored["student_attendance_source"], stored["tutor_attendance_source"]) == (
        "parent_reported",
        "system_default",
    )


def test_a_student_sees_everything_and_decides_nothing(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(PUNCTUAL)
    dialog = open_session(open_window(STUDENT), lesson.session_id)
    shown = section(dialog, "What the whiteboard shows")
    expect(shown).to_contain_text("Connected for 100 % of the session.")
    expect(shown).to_contain_text("Held: 60 min together.")
    expect(dialog.get_by_role("radio")).to_have_count(0)
    expect(dialog.get_by_role("button", name="Accept suggestion")).to_be_hidden()
    expect(dialog).to_contain_text("You see what was recorded.")


def test_a_cancelled_lesson_is_only_shown(open_window: OpenWindow) -> None:
    dialog = open_session(open_window(TUTOR), CANCELLED)
    expect(dialog).to_contain_text("there is no attendance to record")
    expect(dialog.get_by_role("radio")).to_have_count(0)
