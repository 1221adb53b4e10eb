"""A class: each student is decided on for themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from development.demo.people import Person, person
from development.demo.story import Story, stay
from testkit.browser import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.lessons import address, card
from tests.e2e.pages.session_dialogs import expect_closed, open_session, section
from tests.e2e.pages.site import Site

TUTOR, PARENT, ADMIN = person(102), person(302), person(901)
MERON, LIYA, SAMUEL = person(203), person(204), person(206)
CLASS = Story(
    what="A class",
    enrolment=3,
    starts_in=-20,
    tutor=stay(0, 60),
    students={203: stay(0, 60), 204: stay(8, 60), 206: ()},
)


def path(session_id: int) -> str:
    return f"/api/tutor/sessions/{session_id}"


def row(dialog: Locator, student: Person) -> Locator:
    """Return the row of a student in the form."""
    choice = dialog.page.get_by_role("radiogroup", name=student.name)
    return section(dialog, "Decide by hand").get_by_role("listitem").filter(has=choice)


def stored_students(site: Site, session_id: int) -> dict[str, dict[str, Any]]:
    """Return what is recorded about each student, by name."""
    return {student["name"]: student for student in site.get(TUTOR, path(session_id))["students"]}


def test_accepting_records_each_student_s_own_suggestion(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(CLASS)
    page = open_window(TUTOR)
    dialog = open_session(page, lesson.session_id)
    expect(dialog).to_contain_text(
        "Records: tutor Present; Meron Haile Present, Liya Tadesse Late, Samuel Desta Absent."
    )
    dialog.get_by_role("button", name="Accept suggestion").click()
    expect_closed(page)
    students = stored_students(site, lesson.session_id)
    assert {name: student["attendance_status"] for name, student in students.items()} == {
        "Meron Haile": "present",
        "Liya Tadesse": "late",
        "Samuel Desta": "absent",
    }


def test_some_are_taken_as_suggested_and_others_decided_otherwise(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(CLASS)
    page = open_window(TUTOR, viewport={"width": 1200, "height": 1500})
    dialog = open_session(page, lesson.session_id)
    dialog.get_by_role("button", name="All as suggested").click()
    row(dialog, LIYA).get_by_label("Present", exact=True).check()
    row(dialog, LIYA).get_by_text("Note", exact=True).click()
    row(dialog, LIYA).get_by_label("Note on Liya Tadesse").fill("Was on the phone with me")
    row(dialog, SAMUEL).get_by_role("checkbox", name="Excused").check()
    row(dialog, SAMUEL).get_by_label("Why it is excused").fill("A wedding")
    dialog.get_by_role("radiogroup", name="Tutor").get_by_label("Present").check()
    section(dialog, "Decide by hand").scroll_into_view_if_needed()
    page.screenshot(path=PICTURES / "session-class-form.png")
    dialog.get_by_role("button", name="Save").click()
    expect_closed(page)
    students = stored_students(site, lesson.session_id)
    of = {name: (student["attendance_status"], student["attendance_source"]) for name, student in students.items()}
    assert of == {
        "Meron Haile": ("present", "whiteboard_auto"),
        "Liya Tadesse": ("present", "manual"),
        "Samuel Desta": ("absent", "whiteboard_auto"),
    }
    assert students["Liya Tadesse"]["note"] == "Was on the phone with me"
    assert (students["Samuel Desta"]["excused"], students["Samuel Desta"]["excuse_reason"]) == (True, "A wedding")
    dialog = open_session(page, lesson.session_id)
    recorded = section(dialog, "Recorded now")
    expect(recorded).to_contain_text("Samuel DestaAbsent · Suggestion accepted · excused: A wedding")
    expect(recorded).to_contain_text("Was on the phone with me")
    dialog.get_by_text("History of decisions").click()
    newest = dialog.locator(".decisions > li").first
    expect(newest).to_contain_text("Liya Tadesse")
    expect(newest).to_contain_text("excused: A wedding")
    newest.scroll_into_view_if_needed()
    page.screenshot(path=PICTURES / "session-class-history.png")


def test_a_class_of_which_only_some_are_marked_is_still_to_be_marked(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(CLASS)
    students = [{"student_id": LIYA.profile_id, "status": "late"}]
    site.call(
        TUTOR, "PUT", f"{path(lesson.session_id)}/attendance", tutor_attendance_status="present", students=students
    )
    page = open_window(TUTOR, address(lesson))
    shown = card(page, lesson.session_id)
    expect(shown).to_contain_text("1 late, 2 not marked")
    expect(shown.get_by_role("button", name="Mark attendance")).to_be_visible()
    page.screenshot(path=PICTURES / "sessions-class-card.png")
    shown.get_by_role("button", name="Mark attendance").click()
    dialog = page.get_by_role("dialog")
    row(dialog, MERON).get_by_label("Present", exact=True).check()
    dialog.get_by_role("button", name="Save").click()
    expect(shown).to_contain_text("1 present, 1 late, 1 not marked")
    expect(page.get_by_role("status").filter(has_text="Class: 1 present, 1 late, 1 not marked")).to_be_visible()


def test_a_note_or_an_excuse_alone_needs_a_status_of_those_who_are_not_marked(
    open_window: OpenWindow, site: Site
) -> None:
    (lesson,) = site.add(CLASS)
    page = open_window(TUTOR)
    dialog = open_session(page, lesson.session_id)
    dialog.get_by_role("radiogroup", name="Tutor").get_by_label("Present").check()
    row(dialog, MERON).get_by_text("Note", exact=True).click()
    row(dialog, MERON).get_by_label("Note on Meron Haile").fill("Had a cold")
    dialog.get_by_role("button", name="Save").click()
    expect(row(dialog, MERON)).to_contain_text("Choose one of these.")
    expect(row(dialog, MERON).get_by_role("radio").first).to_be_focused()
    assert site.get(TUTOR, path(lesson.session_id))["attendance_source"] == "system_default"


def test_a_parent_reports_one_child_of_a_class(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(CLASS)
    page = open_window(PARENT)
    dialog = open_session(page, lesson.session_id)
    expect(dialog.get_by_role("radiogroup")).to_have_count(1)
    dialog.get_by_role("radiogroup").get_by_label("Absent").check()
    dialog.get_by_role("textbox", name="Notes").fill("Meron was ill")
    dialog.get_by_role("button", name="Save").click()
    expect_closed(page)
    students = stored_students(site, lesson.session_id)
    assert students["Meron Haile"]["attendance_source"] == "parent_reported"
    assert students["Meron Haile"]["note"] == "Meron was ill"
    assert students["Liya Tadesse"]["attendance_source"] == "system_default"


def test_the_mark_of_one_student_of_a_class_is_withdrawn(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(CLASS)
    site.call(TUTOR, "PUT", f"{path(lesson.session_id)}/attendance", use_suggestion=True)
    page = open_window(TUTOR)
    dialog = open_session(page, lesson.session_id)
    dialog.get_by_role("button", name="Withdraw the mark").click()
    question = page.get_by_role("alertdialog")
    question.get_by_label("Whose mark").select_option("Liya Tadesse")
    question.get_by_role("button", name="Withdraw").click()
    expect(section(dialog, "Recorded now")).to_contain_text("Liya Tadesse○ Not marked yet")
    students = stored_students(site, lesson.session_id)
    assert students["Meron Haile"]["attendance_status"] == "present"
    assert students["Liya Tadesse"]["attendance_source"] == "system_default"


def test_what_was_chosen_for_a_class_is_still_there_after_going_back(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(CLASS)
    page = open_window(TUTOR, address(lesson))
    page.locator(f"[data-session='{lesson.session_id}']").click()
    dialog = page.get_by_role("dialog")
    row(dialog, SAMUEL).get_by_label("Absent", exact=True).check()
    row(dialog, SAMUEL).get_by_role("checkbox", name="Excused").check()
    row(dialog, SAMUEL).get_by_label("Why it is excused").fill("A wedding")
    page.go_back()
    expect(dialog).to_have_count(0)
    page.go_forward()
    expect(row(dialog, SAMUEL).get_by_label("Why it is excused")).to_have_value("A wedding")
    expect(row(dialog, SAMUEL).get_by_label("Absent", exact=True)).to_be_checked()


def test_a_single_student_s_absence_is_excused_too(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(Story(what="Excused", enrolment=4, starts_in=-20, tutor=stay(0, 60), students={205: ()}))
    page = open_window(ADMIN)
    dialog = open_session(page, lesson.session_id)
    for who in ("Tutor", "Student"):
        dialog.get_by_role("radiogroup", name=who).get_by_label("Absent").check()
    excuses = dialog.get_by_role("checkbox", name="Excused")
    expect(excuses).to_have_count(2)
    excuses.first.check()
    excuses.last.check()
    dialog.get_by_label("Why it is excused").last.fill("Ill")
    dialog.get_by_role("button", name="Save").click()
    expect_closed(page)
    stored = site.get(TUTOR, path(lesson.session_id))
    assert (stored["tutor_excused"], stored["students"][0]["excuse_reason"]) == (True, "Ill")


@pytest.fixture
def long_name(site: Site) -> Iterator[str]:
    """Give a student a name that fills more than a line of a phone, for one test."""
    rename = "UPDATE users SET first_name = %s WHERE id = %s"
    first_name = "Tewodros-Gebremedhin Woldegiorgis-Teklehaimanot"
    site.execute(rename, first_name, SAMUEL.user_id)
    yield f"{first_name} {SAMUEL.father_name}"
    site.execute(rename, SAMUEL.first_name, SAMUEL.user_id)


@pytest.mark.parametrize("width", [320, 390])
def test_a_long_name_leaves_room_for_what_is_recorded(
    open_window: OpenWindow, site: Site, long_name: str, width: int
) -> None:
    (lesson,) = site.add(CLASS)
    absent = {"user_id": SAMUEL.user_id, "status": "absent", "note": "w" * 100 + " wrote before"}
    site.call(TUTOR, "PUT", f"{path(lesson.session_id)}/attendance", students=[absent])
    dialog = open_session(open_window(TUTOR, viewport={"width": width, "height": 844}), lesson.session_id)
    record = section(dialog, "Recorded now")
    expect(record).to_contain_text(long_name)
    note = record.get_by_text("wrote before")
    note.scroll_into_view_if_needed()
    dialog.page.screenshot(path=PICTURES / f"class-long-name-{width}.png")
    rooms = record.locator("dd").evaluate_all("(rows) => rows.map((row) => row.clientWidth)")
    assert min(rooms) > width * 0.3
    assert dialog.evaluate("(dialog) => dialog.scrollWidth - dialog.clientWidth") <= 0
