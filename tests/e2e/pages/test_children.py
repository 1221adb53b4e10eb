"""A parent's view of their children."""

from __future__ import annotations

import re

from playwright.sync_api import Route, expect

from development.demo.people import Person, person
from development.demo.story import Mark, Story, stay
from testkit.browser import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.hard_names import QUOTED
from tests.e2e.pages.messages import alert, status
from tests.e2e.pages.records import form, part, row
from tests.e2e.pages.site import Site
from tests.e2e.pages.veteran import REPORT, VETERANS_PARENT

PARENT_OF_ONE, PARENT_OF_TWO, SARA, MERON = person(301), person(302), person(201), person(203)
ADMIN = person(901)


def test_a_parent_sees_what_was_recorded_about_their_child(open_window: OpenWindow, veteran: Person) -> None:
    page = open_window(VETERANS_PARENT)
    expect(page.get_by_role("heading", level=1)).to_have_text(veteran.name)
    expect(page.get_by_role("navigation", name="Your children")).to_have_count(0)
    ill = page.get_by_role("listitem").filter(has_text=REPORT)
    expect(ill).to_contain_text("Absent")
    expect(ill).to_contain_text("Reported by a parent")
    page.screenshot(path=PICTURES / "children.png", full_page=True)


def test_a_parent_of_two_chooses_whose_lessons_to_see(open_window: OpenWindow) -> None:
    page = open_window(PARENT_OF_TWO, viewport={"width": 390, "height": 844})
    children = page.get_by_role("navigation", name="Your children")
    for name in (QUOTED.name, MERON.name):
        expect(children.get_by_role("link", name=name)).to_be_visible()
    children.get_by_role("link", name=MERON.name).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(MERON.name)
    expect(children.get_by_role("link", name=MERON.name)).to_have_attribute("aria-current", "page")
    page.screenshot(path=PICTURES / "children-phone.png", full_page=True)


def test_each_child_s_record_has_their_own_lessons_alone(open_window: OpenWindow) -> None:
    page = open_window(PARENT_OF_TWO, "#/children/30")
    courses = page.locator(".lesson-row .course")
    expect(courses.first).to_be_visible()
    assert set(courses.all_inner_texts()) == {"English conversation"}


def test_another_parents_child_is_not_shown(open_window: OpenWindow) -> None:
    page = open_window(PARENT_OF_ONE, "#/children/30")
    expect(page.get_by_role("main")).to_contain_text("This is none of your children.")
    page.get_by_role("link", name="Sara Alemu").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sara Alemu")


def test_a_parent_without_children_reads_what_to_do(open_window: OpenWindow, site: Site) -> None:
    number = 20_003
    site.execute("INSERT INTO users (id, first_name, father_name) VALUES (%s, 'Selam', 'Tolosa')", number)
    site.execute("INSERT INTO parent_profiles (id, user_id, children_ids) VALUES (%s, %s, '{}')", number, number)
    childless = Person(user_id=number, first_name="Selam", father_name="Tolosa", role="parent", profile_id=number)
    page = open_window(childless)
    expect(page.get_by_role("main")).to_contain_text("No child is connected with your account.")


def test_a_parent_s_report_is_recorded_shown_as_theirs_and_taken_back(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(
        Story(what="To be reported", enrolment=5, starts_in=-2.2, tutor=stay(0, 60), students={SARA.user_id: ()})
    )
    page = open_window(PARENT_OF_ONE)
    row(page, lesson.session_id).get_by_role("button", name="Was Sara there?").click()
    page.screenshot(path=PICTURES / "children-report.png")
    form(page).get_by_role("button", name="Record it").click()
    expect(form(page)).to_contain_text("Choose one of these.")
    form(page).get_by_role("radio", name="Absent").check()
    form(page).get_by_role("textbox").fill("Sara was at the dentist")
    form(page).get_by_role("button", name="Record it").click()
    expect(form(page)).to_have_count(0)
    reported = row(page, lesson.session_id)
    expect(reported).to_contain_text("Reported by a parent")
    expect(reported).to_contain_text("Parent: Sara was at the dentist")
    expect(reported.locator(":focus")).to_have_count(1)
    expect(status(page)).to_contain_text("It is recorded.")
    path = f"/api/tutor/sessions/{lesson.session_id}"
    stored = site.get(PARENT_OF_ONE, path)
    assert (stored["student_attendance_status"], stored["student_attendance_source"]) == ("absent", "parent_reported")
    reported.get_by_role("button", name="Take back").click()
    question = page.get_by_role("alertdialog")
    expect(question).to_contain_text("Then nothing is marked.")
    question.get_by_role("button", name="Take back").click()
    expect(row(page, lesson.session_id)).to_contain_text("Not marked yet")
    assert site.get(PARENT_OF_ONE, path)["student_attendance_source"] == "system_default"


def test_to_take_a_report_back_says_which_mark_of_the_tutor_is_lost(open_window: OpenWindow, site: Site) -> None:
    marked = Mark(by=103, tutor="present", student="present")
    (lesson,) = site.add(Story(what="Marked", enrolment=5, starts_in=-21, mark=marked))
    path = f"/api/tutor/sessions/{lesson.session_id}"
    site.call(PARENT_OF_ONE, "PUT", f"{path}/attendance", student_attendance_status="late")
    site.call(PARENT_OF_ONE, "PUT", f"{path}/attendance", student_attendance_status="absent")
    page = open_window(PARENT_OF_ONE)
    row(page, lesson.session_id).get_by_role("button", name="Take back").click()
    question = page.get_by_role("alertdialog")
    expect(question).to_contain_text("also not what")
    expect(question).to_contain_text("had marked: Present")
    page.screenshot(path=PICTURES / "children-take-back.png")
    question.get_by_role("button", name="Cancel").click()
    assert site.get(PARENT_OF_ONE, path)["student_attendance_source"] == "parent_reported"
    expect(row(page, lesson.session_id).get_by_role("button", name="Take back")).to_be_focused()


def test_in_a_class_a_parent_speaks_of_their_own_child_alone(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(Story(what="A class", enrolment=3, starts_in=-2.2, tutor=stay(0, 60)))
    page = open_window(PARENT_OF_TWO, "#/children/30")
    row(page, lesson.session_id).get_by_role("button", name="Was Meron there?").click()
    form(page).get_by_role("radio", name="Late").check()
    form(page).get_by_role("textbox").fill("The bus was late")
    form(page).get_by_role("button", name="Record it").click()
    expect(row(page, lesson.session_id)).to_contain_text("Late")
    students = site.get(ADMIN, f"/api/tutor/sessions/{lesson.session_id}")["students"]
    assert [(it["name"], it.get("attendance_status"), it.get("note")) for it in students] == [
        (MERON.name, "late", "The bus was late"),
        ("Liya Tadesse", None, None),
        ("Samuel Desta", None, None),
    ]


def test_what_an_admin_decided_a_parent_can_only_object_to(open_window: OpenWindow, site: Site) -> None:
    decided = Mark(by=901, tutor="present", student="absent")
    (lesson,) = site.add(Story(what="Decided", enrolment=5, starts_in=-21, mark=decided))
    page = open_window(PARENT_OF_ONE)
    row(page, lesson.session_id).get_by_role("button", name="This is not right").click()
    expect(form(page)).to_contain_text("Until then nothing changes.")
    form(page).get_by_role("button", name="Send").click()
    expect(form(page)).to_contain_text("Choose one of these.")
    expect(form(page)).to_contain_text("Write a few words.")
    form(page).get_by_role("radio", name="Present").check()
    form(page).get_by_role("textbox").fill("She was there")
    form(page).get_by_role("button", name="Send").click()
    expect(row(page, lesson.session_id)).to_contain_text("You asked for: Present. It waits for an answer.")
    stored = site.get(ADMIN, f"/api/tutor/sessions/{lesson.session_id}")
    assert (stored["student_attendance_status"], stored["open_claims"]) == ("absent", 1)


def test_back_closes_a_form_and_then_the_lesson_below_it(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(
        Story(what="Back", enrolment=5, starts_in=-21, mark=Mark(by=103, tutor="present", student="late"))
    )
    page = open_window(PARENT_OF_ONE, "#/children/28")
    row(page, lesson.session_id).get_by_role("link").click()
    review = page.locator(".review")
    review.get_by_role("button", name="This is not right").click()
    form(page).get_by_role("radio", name="Absent").check()
    page.go_back()
    expect(form(page)).to_have_count(0)
    expect(review).to_be_visible()
    review.get_by_role("button", name="This is not right").click()
    expect(form(page).get_by_role("radio", name="Absent")).to_be_checked()
    form(page).get_by_role("button", name="Cancel").click()
    expect(form(page)).to_have_count(0)
    page.go_back()
    expect(review).to_have_count(0)
    expect(page).to_have_url(re.compile("#/children/28$"))


def test_what_was_typed_stays_while_offline_and_after_the_form_was_closed(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(Story(what="Offline", enrolment=5, starts_in=-2.2))
    page = open_window(PARENT_OF_ONE)
    opener = row(page, lesson.session_id).get_by_role("button", name="Was Sara there?")
    opener.click()
    form(page).get_by_role("radio", name="Absent").check()
    form(page).get_by_role("textbox").fill("Fever")
    page.context.set_offline(True)
    form(page).get_by_role("button", name="Record it").click()
    expect(form(page).get_by_role("alert")).to_contain_text("The server can't be reached.")
    page.keyboard.press("Escape")
    expect(form(page)).to_have_count(0)
    expect(opener).to_be_focused()
    page.context.set_offline(False)
    opener.click()
    expect(form(page).get_by_role("textbox")).to_have_value("Fever")
    expect(form(page).get_by_role("radio", name="Absent")).to_be_checked()
    form(page).get_by_role("button", name="Record it").click()
    expect(row(page, lesson.session_id)).to_contain_text("Reported by a parent")


def test_what_cannot_be_loaded_offline_is_loaded_when_tried_again(open_window: OpenWindow) -> None:
    page = open_window(PARENT_OF_TWO, "#/children/34")
    title = page.get_by_role("heading", level=1)
    expect(title).to_have_text(QUOTED.name)
    page.context.set_offline(True)
    page.get_by_role("link", name=MERON.name).click()
    expect(alert(page)).to_contain_text("The server can't be reached.")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(title).to_have_text(MERON.name)


def test_lessons_read_before_a_failure_are_shown_once_the_rest_is_there(
    open_window: OpenWindow, veteran: Person
) -> None:
    failures = iter([True])

    def ten_at_a_time(route: Route) -> None:
        # Nothing real fails between two pages that are read in one go.
        if "page_token" in route.request.url and next(failures, False):
            route.abort()
        else:
            route.continue_(url=route.request.url.replace("page_size=50", "page_size=10"))

    page = open_window(VETERANS_PARENT, "#/elsewhere")
    page.route("**/api/tutor/sessions?*", ten_at_a_time)
    page.get_by_role("link", name="Children").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(veteran.name)
    page.get_by_role("button", name="Try again").click()
    expect(part(page, "Past lessons").get_by_role("listitem")).to_have_count(5)
