"""A class: each student is decided on for themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from development.demo.people import Person, person
from development.demo.story import Story, stay
from development.demo.timetable import Lesson
from testkit.browser import PICTURES
from tests.e2e.pages.big_class import ON_TIME, STUDENTS, add_big_class, name_of
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.reviews import choose, decide, expect_closed, open_review, section
from tests.e2e.pages.site import Site
from tests.e2e.pages.test_accessibility import violations

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


def row(review: Locator, student: Person) -> Locator:
    """Return the row of a student in the table."""
    return review.get_by_role("row").filter(has=review.page.get_by_role("cell", name=student.name))


def unfold(review: Locator, student: Person) -> None:
    """Show the note, the excuse and the timeline of a student."""
    row(review, student).get_by_role("button", name=f"More about {student.name}").click()


def stored_students(site: Site, session_id: int) -> dict[str, dict[str, Any]]:
    """Return what is recorded about each student, by name."""
    return {student["name"]: student for student in site.get(TUTOR, path(session_id))["students"]}


def test_each_student_s_own_suggestion_is_chosen_beforehand_and_accepted(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(CLASS)
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    expect(decide(review)).to_have_text("Mark you and Meron present, Liya late, Samuel absent")
    decide(review).click()
    expect_closed(page)
    students = stored_students(site, lesson.session_id)
    assert {name: student["attendance_status"] for name, student in students.items()} == {
        "Meron Haile": "present",
        "Liya Tadesse": "late",
        "Samuel Desta": "absent",
    }
    assert {student["attendance_source"] for student in students.values()} == {"whiteboard_auto"}


def test_exceptions_come_first_and_are_counted(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(CLASS)
    review = open_review(open_window(TUTOR), lesson.session_id)
    names = review.locator(".student .name bdi")
    expect(names).to_have_text(["Samuel Desta", "Liya Tadesse", "Meron Haile"])
    expect(review.locator(".class-head .chip")).to_have_text(["1 present", "1 late", "1 absent"])
    expect(row(review, LIYA)).to_contain_text("8 min late · 52 of 60")
    expect(row(review, SAMUEL)).to_contain_text("Never connected")


def test_some_are_taken_as_suggested_and_others_decided_otherwise(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(CLASS)
    page = open_window(TUTOR, viewport={"width": 1200, "height": 1500})
    review = open_review(page, lesson.session_id)
    choose(review, LIYA.name, "Present")
    unfold(review, LIYA)
    row(review, LIYA).get_by_label("Note on Liya Tadesse").fill("Was on the phone with me")
    unfold(review, SAMUEL)
    row(review, SAMUEL).get_by_role("checkbox", name="Excused").check()
    row(review, SAMUEL).get_by_label("Why it is excused").fill("A wedding")
    page.screenshot(path=PICTURES / "lesson-class-form.png")
    expect(decide(review)).to_have_text("Mark you, Meron, and Liya present, Samuel absent")
    decide(review).click()
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
    review = open_review(page, lesson.session_id)
    recorded = section(review, "Recorded")
    expect(recorded.locator(".tally .chip")).to_have_text(["2 present", "1 absent"])
    expect(recorded).to_contain_text("Samuel Desta Absent · Suggestion accepted · excused: A wedding")
    expect(recorded).to_contain_text("Was on the phone with me")
    review.get_by_text("History", exact=True).click()
    newest = review.locator(".decisions > li").first
    expect(newest).to_contain_text("Liya Tadesse")
    expect(newest).to_contain_text("excused: A wedding")
    newest.scroll_into_view_if_needed()
    page.screenshot(path=PICTURES / "lesson-class-history.png")


def test_all_are_present_except_some(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(CLASS)
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    review.get_by_role("button", name="All present except").click()
    expect(review.locator(".class-head .chip")).to_have_text(["3 present"])
    choose(review, SAMUEL.name, "Absent")
    expect(decide(review)).to_have_text("Mark you, Meron, and Liya present, Samuel absent")
    review.get_by_role("button", name="As suggested").click()
    expect(decide(review)).to_have_text("Mark you and Meron present, Liya late, Samuel absent")
    review.get_by_role("button", name="All present except").click()
    decide(review).click()
    expect_closed(page)
    students = stored_students(site, lesson.session_id)
    assert {student["attendance_status"] for student in students.values()} == {"present"}


def test_the_button_says_that_the_tutor_s_own_status_is_missing(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(replace(CLASS, has_whiteboard=False, tutor=(), students={}))
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    review.get_by_role("button", name="All present except").click()
    expect(decide(review)).to_have_text("First choose a status for you")
    page.screenshot(path=PICTURES / "lesson-class-missing.png")
    decide(review).click()
    expect(review.get_by_role("radiogroup", name="You").get_by_role("radio").first).to_be_focused()
    choose(review, "You", "Present")
    expect(decide(review)).to_have_text("Mark you, Meron, Liya, and Samuel present")


def test_a_class_of_which_only_some_are_marked_shows_who_is_left(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(replace(CLASS, has_whiteboard=False, tutor=(), students={}))
    students = [{"student_id": LIYA.profile_id, "status": "late"}]
    site.call(
        TUTOR, "PUT", f"{path(lesson.session_id)}/attendance", tutor_attendance_status="present", students=students
    )
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    expect(section(review, "Recorded").locator(".tally .chip")).to_have_text(["1 late", "2 not marked"])
    expect(row(review, MERON)).to_contain_text("Not marked yet")
    choose(review, MERON.name, "Present")
    expect(decide(review)).to_have_text("Mark Meron present")
    decide(review).click()
    expect_closed(page)
    stored = site.get(TUTOR, path(lesson.session_id))
    assert stored["undecided_students"] == 1
    assert stored_students(site, lesson.session_id)["Samuel Desta"]["attendance_source"] == "system_default"


def test_a_student_on_whom_an_admin_decided_is_shown_and_cannot_be_changed(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(CLASS)
    attendance = f"{path(lesson.session_id)}/attendance"
    statuses = [{"student_id": student.profile_id, "status": "present"} for student in (MERON, LIYA, SAMUEL)]
    site.call(TUTOR, "PUT", attendance, tutor_attendance_status="present", students=statuses)
    site.call(ADMIN, "PUT", attendance, students=[{"student_id": MERON.profile_id, "status": "late"}])
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    recorded = section(review, "Recorded").get_by_role("listitem").filter(has_text=MERON.name)
    expect(recorded).to_contain_text("Late")
    expect(recorded).to_contain_text("Decided by an admin")
    review.get_by_role("button", name="Change").click()
    expect(row(review, MERON)).to_contain_text("Late")
    expect(row(review, MERON)).to_contain_text("An admin decided this, so only an admin can change it.")
    expect(row(review, MERON).get_by_role("radio")).to_have_count(0)
    expect(row(review, LIYA)).not_to_contain_text("An admin")
    row(review, MERON).scroll_into_view_if_needed()
    page.screenshot(path=PICTURES / "lesson-class-locked.png")
    page.set_viewport_size({"width": 390, "height": 844})
    row(review, MERON).scroll_into_view_if_needed()
    page.screenshot(path=PICTURES / "lesson-class-locked-phone.png")
    assert not violations(page)


def test_a_note_or_an_excuse_alone_needs_a_status_of_those_who_are_not_marked(
    open_window: OpenWindow, site: Site
) -> None:
    (lesson,) = site.add(replace(CLASS, has_whiteboard=False, tutor=(), students={}))
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    choose(review, "You", "Present")
    unfold(review, MERON)
    row(review, MERON).get_by_label("Note on Meron Haile").fill("Had a cold")
    decide(review).click()
    expect(row(review, MERON)).to_contain_text("Choose one of these.")
    assert violations(page) == ""
    expect(row(review, MERON).get_by_role("radio").first).to_be_focused()
    assert site.get(TUTOR, path(lesson.session_id))["attendance_source"] == "system_default"


def test_a_parent_reports_one_child_of_a_class(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(CLASS)
    page = open_window(PARENT)
    review = open_review(page, lesson.session_id)
    expect(review.get_by_role("radiogroup")).to_have_count(1)
    choose(review, "Was Meron Haile there?", "Absent")
    review.get_by_role("textbox", name="Note").fill("Meron was ill")
    decide(review).click()
    expect_closed(page)
    students = stored_students(site, lesson.session_id)
    assert students["Meron Haile"]["attendance_source"] == "parent_reported"
    assert students["Meron Haile"]["note"] == "Meron was ill"
    assert students["Liya Tadesse"]["attendance_source"] == "system_default"


def test_a_parent_adds_a_note_to_what_they_reported_of_a_class(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(CLASS)
    site.call(PARENT, "PUT", f"{path(lesson.session_id)}/attendance", student_attendance_status="late")
    page = open_window(PARENT)
    review = open_review(page, lesson.session_id)
    review.get_by_role("button", name="Change").click()
    review.get_by_role("textbox", name="Note").fill("She joined from a phone")
    decide(review).click()
    expect_closed(page)
    assert "She joined from a phone" in stored_students(site, lesson.session_id)["Meron Haile"]["note"]


def test_the_mark_of_one_student_of_a_class_is_withdrawn(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(CLASS)
    site.call(TUTOR, "PUT", f"{path(lesson.session_id)}/attendance", use_suggestion=True)
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    review.get_by_role("button", name="Withdraw").click()
    question = page.get_by_role("alertdialog")
    question.get_by_label("Whose mark").select_option("Liya Tadesse")
    question.get_by_role("button", name="Withdraw").click()
    expect(section(review, "Recorded").locator(".tally .chip")).to_have_text(["1 present", "1 absent", "1 not marked"])
    students = stored_students(site, lesson.session_id)
    assert students["Meron Haile"]["attendance_status"] == "present"
    assert students["Liya Tadesse"]["attendance_source"] == "system_default"


def test_what_was_chosen_for_a_class_is_still_there_after_the_view_was_left(
    open_window: OpenWindow, site: Site
) -> None:
    (lesson,) = site.add(CLASS)
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    choose(review, LIYA.name, "Absent")
    unfold(review, SAMUEL)
    row(review, SAMUEL).get_by_role("checkbox", name="Excused").check()
    row(review, SAMUEL).get_by_label("Why it is excused").fill("A wedding")
    page.evaluate("window.view.abort()")
    expect(review).to_have_count(0)
    review = open_review(page, lesson.session_id)
    expect(row(review, SAMUEL).get_by_label("Why it is excused")).to_have_value("A wedding")
    expect(row(review, LIYA).get_by_role("radio", name="Absent")).to_be_checked()


def test_a_single_student_s_absence_is_excused_too(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(Story(what="Excused", enrolment=4, starts_in=-20, tutor=stay(0, 60), students={205: ()}))
    page = open_window(ADMIN)
    review = open_review(page, lesson.session_id)
    choose(review, "Hanna Tesfaye", "Absent")
    expect(review.get_by_role("radio", name="Absent", checked=True)).to_have_count(2)
    excuses = review.get_by_role("checkbox", name="Excused")
    expect(excuses).to_have_count(2)
    excuses.first.check()
    excuses.last.check()
    review.get_by_role("textbox", name="Why it is excused").last.fill("Ill")
    decide(review).click()
    expect_closed(page)
    stored = site.get(TUTOR, path(lesson.session_id))
    assert (stored["tutor_excused"], stored["students"][0]["excuse_reason"]) == (True, "Ill")


def test_an_excuse_goes_with_an_accepted_suggestion(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(Story(what="Excused", enrolment=4, starts_in=-20, tutor=stay(0, 60), students={205: ()}))
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    review.get_by_role("checkbox", name="Excused").check()
    review.get_by_role("textbox", name="Why it is excused").fill("Ill")
    decide(review).click()
    expect_closed(page)
    stored = site.get(TUTOR, path(lesson.session_id))
    student = stored["students"][0]
    assert (stored["attendance_source"], student["excused"], student["excuse_reason"]) == (
        "whiteboard_auto",
        True,
        "Ill",
    )


@pytest.fixture(scope="module")
def big_class(site: Site) -> Lesson:
    return add_big_class(site)


def test_forty_students_are_on_one_screen(open_window: OpenWindow, big_class: Lesson) -> None:
    page = open_window(TUTOR, viewport={"width": 1280, "height": 900})
    review = open_review(page, big_class.session_id, beside=True)
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(review.locator(".class-head .chip")).to_have_text(["31 present", "5 late", "4 absent"])
    expect(decide(review)).to_have_text("Mark you present; students: 31 present, 5 late, 4 absent")
    assert violations(page) == ""
    page.screenshot(path=PICTURES / "lesson-class-of-forty.png")
    rows = review.locator(".student")
    expect(rows).to_have_count(STUDENTS)
    top = review.locator(".top-line").bounding_box()
    foot = review.locator(".foot").bounding_box()
    assert top
    assert foot
    for box in (one.bounding_box() for one in rows.all()):
        assert box
        assert box["y"] >= top["y"] + top["height"]
        assert box["y"] + box["height"] <= foot["y"] + 1


def test_forty_students_are_usable_on_a_phone(open_window: OpenWindow, big_class: Lesson) -> None:
    page = open_window(TUTOR, viewport={"width": 390, "height": 844})
    review = open_review(page, big_class.session_id)
    labels = review.locator(".student label:visible")
    sizes = labels.evaluate_all("(labels) => labels.map((label) => [label.offsetWidth, label.offsetHeight])")
    assert all(width >= 40 and height >= 40 for width, height in sizes)
    expect(decide(review)).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.screenshot(path=PICTURES / "lesson-class-of-forty-phone.png")


def test_the_presence_of_a_student_is_read_where_the_row_is_unfolded(
    open_window: OpenWindow, big_class: Lesson
) -> None:
    review = open_review(open_window(TUTOR), big_class.session_id)
    late = name_of(ON_TIME)
    student = review.get_by_role("row").filter(has=review.page.get_by_role("cell", name=late))
    student.get_by_role("button", name=f"More about {late}").click()
    expect(student.get_by_role("slider", name=f"When {late} was connected")).to_be_visible()
    student.get_by_role("button", name=f"More about {late}").click()
    expect(student.get_by_role("slider")).to_have_count(0)


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
    review = open_review(open_window(TUTOR, viewport={"width": width, "height": 844}), lesson.session_id)
    record = section(review, "Recorded")
    expect(record).to_contain_text(long_name)
    note = record.get_by_text("wrote before")
    note.scroll_into_view_if_needed()
    review.page.screenshot(path=PICTURES / f"class-long-name-{width}.png")
    rooms = record.locator(".marks .notes").evaluate_all("(rows) => rows.map((row) => row.clientWidth)")
    assert min(rooms) > width * 0.3
    assert review.evaluate("(review) => review.scrollWidth - review.clientWidth") <= 0
