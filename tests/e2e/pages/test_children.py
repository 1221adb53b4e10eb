"""A parent's view of their children."""

from __future__ import annotations

from playwright.sync_api import Route, expect

from development.demo.people import Person, person
from development.demo.story import Story, stay
from testkit.browser import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.hard_names import QUOTED
from tests.e2e.pages.messages import alert
from tests.e2e.pages.site import Site
from tests.e2e.pages.veteran import REPORT, VETERANS_PARENT

PARENT_OF_ONE, PARENT_OF_TWO, SARA = person(301), person(302), person(201)


def test_a_parent_sees_what_was_recorded_about_their_child(open_window: OpenWindow, veteran: Person) -> None:
    page = open_window(VETERANS_PARENT)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Attendance of {veteran.name}")
    expect(page.get_by_role("navigation", name="Your children")).to_have_count(0)
    ill = page.get_by_role("listitem").filter(has_text=REPORT)
    expect(ill).to_contain_text("Absent")
    expect(ill).to_contain_text("Reported by a parent")
    page.screenshot(path=PICTURES / "children.png", full_page=True)


def test_a_parent_of_two_chooses_whose_record_to_see(open_window: OpenWindow) -> None:
    page = open_window(PARENT_OF_TWO, viewport={"width": 390, "height": 844})
    children = page.get_by_role("navigation", name="Your children")
    expect(children.get_by_role("link")).to_have_text([QUOTED.name, "Meron Haile"])
    children.get_by_role("link", name="Meron Haile").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Attendance of Meron Haile")
    expect(children.get_by_role("link", name="Meron Haile")).to_have_attribute("aria-current", "page")
    page.screenshot(path=PICTURES / "children-phone.png", full_page=True)


def test_each_child_s_record_has_their_own_lessons_alone(open_window: OpenWindow) -> None:
    page = open_window(PARENT_OF_TWO, "#/children/30")
    courses = page.get_by_role("listitem").get_by_role("heading", level=3)
    expect(courses.first).to_be_visible()
    assert set(courses.all_inner_texts()) == {"English conversation"}


def test_another_parents_child_is_not_shown(open_window: OpenWindow) -> None:
    page = open_window(PARENT_OF_ONE, "#/children/30")
    expect(page.get_by_role("main")).to_contain_text("This is none of your children.")
    page.get_by_role("link", name="Sara Alemu").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Attendance of Sara Alemu")


def test_a_parent_without_children_reads_what_to_do(open_window: OpenWindow, site: Site) -> None:
    number = 20_003
    site.execute("INSERT INTO users (id, first_name, father_name) VALUES (%s, 'Selam', 'Tolosa')", number)
    site.execute("INSERT INTO parent_profiles (id, user_id, children_ids) VALUES (%s, %s, '{}')", number, number)
    childless = Person(user_id=number, first_name="Selam", father_name="Tolosa", role="parent", profile_id=number)
    page = open_window(childless)
    expect(page.get_by_role("main")).to_contain_text("No child is connected with your account.")


def test_a_parent_s_report_is_recorded_and_shown_as_theirs(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(
        Story(what="To be reported", enrolment=5, starts_in=-2.2, tutor=stay(0, 60), students={SARA.user_id: ()})
    )
    page = open_window(PARENT_OF_ONE)
    opener = page.locator(f"[data-session='{lesson.session_id}']")
    opener.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="Absent").check()
    dialog.get_by_role("textbox").fill("Sara was at the dentist")
    dialog.get_by_role("button", name="Save").click()
    card = page.get_by_role("listitem").filter(has_text="Sara was at the dentist")
    expect(card).to_contain_text("Reported by a parent")
    expect(opener).to_be_focused()
    stored = site.call(PARENT_OF_ONE, "GET", f"/api/tutor/sessions/{lesson.session_id}")
    assert (stored["student_attendance_status"], stored["student_attendance_source"]) == ("absent", "parent_reported")


def test_what_cannot_be_loaded_offline_is_loaded_when_tried_again(open_window: OpenWindow) -> None:
    page = open_window(PARENT_OF_TWO, "#/children/34")
    title = page.get_by_role("heading", level=1)
    expect(title).to_have_text(f"Attendance of {QUOTED.name}")
    page.context.set_offline(True)
    page.get_by_role("link", name="Meron Haile").click()
    expect(alert(page)).to_contain_text("The server can't be reached.")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(title).to_have_text("Attendance of Meron Haile")


def test_lessons_read_before_a_failure_are_shown_once_the_rest_is_there(
    open_window: OpenWindow, veteran: Person
) -> None:
    failures = iter([True])

    def ten_at_a_time(route: Route) -> None:
        # Nothing real fails between two pages that are read in one go.
        if "page_token" in route.request.url and next(failures, False):
            route.abort()
        else:
            route.continue_(url=route.request.url.replace("page_size=20", "page_size=10"))

    page = open_window(VETERANS_PARENT, "#/elsewhere")
    page.route("**/api/tutor/sessions?*", ten_at_a_time)
    page.get_by_role("link", name="Children").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Attendance of {veteran.name}")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("main").locator("[data-session]")).to_have_count(20)
