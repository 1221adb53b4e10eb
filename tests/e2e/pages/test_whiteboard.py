"""The demo whiteboard as the pages lead to it: its lesson and people, and its page without a lesson."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from development.demo.people import person
from development.demo.story import Story
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.site import Site

TUTOR, STUDENT, PARENT = person(101), person(201), person(301)
#: Students of whom no other test makes live lessons, or few.
OUTSIDER, QUIET_STUDENT = person(205), person(208)
NOW = Story(what="Going on, nobody there yet", enrolment=1, starts_in=-0.2, status="in-progress")
LIVE = Story(what="Of a student who has no others", enrolment=7, starts_in=-0.2, status="in-progress")
PICTURE = "document.getElementById('canvas').toDataURL()"
#: How many columns between the first and the last painted one are blank: gaps between letters.
GAPS = """() => {
  const canvas = document.getElementById("canvas");
  const { width, height } = canvas;
  const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  const painted = [];
  for (let x = 0; x < width; x += 1)
    for (let y = 0; y < height; y += 1)
      if (data[4 * (y * width + x) + 3] > 127) { painted.push(x); break; }
  const gaps = [];
  painted.forEach((x, index) => { if (index && x - painted[index - 1] > 1) gaps.push(x - painted[index - 1]); });
  return gaps;
}"""


def board_of(page: Page) -> None:
    expect(page.locator("#presence")).to_have_attribute("data-state", "here")


def test_the_board_names_its_course_its_people_and_who_is_there(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(NOW)
    tutor = open_window(TUTOR, f"whiteboard?session={lesson.whiteboard_id}")
    board_of(tutor)
    expect(tutor.get_by_role("heading", level=1)).to_have_text("Mathematics, grade 9")
    expect(tutor.locator("#lesson")).to_contain_text("Abebe Kebede · Sara Alemu")
    expect(tutor).to_have_title("Mathematics, grade 9 · Whiteboard")
    people = tutor.get_by_role("list", name="Who is there").get_by_role("listitem")
    expect(people.nth(0)).to_contain_text("You, here since ")
    expect(people.nth(1)).to_have_text("Sara Alemu missing")
    student = open_window(STUDENT, f"whiteboard?session={lesson.whiteboard_id}")
    board_of(student)
    expect(people.nth(1)).to_contain_text("Sara Alemu here since ")


def test_without_a_lesson_in_the_address_nobody_is_present_and_the_live_lessons_are_listed(
    open_window: OpenWindow, site: Site
) -> None:
    (lesson,) = site.add(LIVE)
    page = open_window(QUIET_STUDENT, "whiteboard")
    expect(page.get_by_role("heading", level=1)).to_have_text("Which lesson?")
    expect(page.get_by_text("You have joined no lesson, and are not counted as present.")).to_be_visible()
    expect(page.locator("canvas")).to_have_count(0)
    page.locator(f"a[href='/whiteboard?session={lesson.whiteboard_id}']").click()
    board_of(page)


def test_an_address_with_something_else_in_place_of_a_number_joins_nobody(open_window: OpenWindow) -> None:
    for address in ("whiteboard?session=", "whiteboard?session=one", "whiteboard?session=-1", "whiteboard?session=0"):
        page = open_window(OUTSIDER, address)
        expect(page.get_by_text("None of your lessons can be joined at present.")).to_be_visible()
        page.close()


def test_parents_watch_no_whiteboard(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(NOW)
    page = open_window(PARENT, f"whiteboard?session={lesson.whiteboard_id}")
    expect(page.locator("#presence")).to_have_text("You are watching: only tutors and students take part.")
    expect(page.get_by_role("list", name="Who is there")).to_have_count(0)


def test_a_stranger_learns_nothing_about_the_lesson(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(NOW)
    page = open_window(OUTSIDER, f"whiteboard?session={lesson.whiteboard_id}")
    expect(page.get_by_text("You are not counted as present:")).to_be_visible()
    expect(page.get_by_text("Who is there is not known at the moment.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Whiteboard")
    expect(page.get_by_text("Mathematics")).to_have_count(0)


def test_letters_are_as_far_apart_as_their_font_says(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(NOW)
    page = open_window(TUTOR, f"whiteboard?session={lesson.whiteboard_id}")
    board_of(page)
    page.locator("#canvas").focus()
    page.keyboard.type("imimlm")
    gaps = page.evaluate(GAPS)
    assert gaps
    assert max(gaps) <= 8


def test_a_window_that_is_opened_later_shows_what_was_drawn_before(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(NOW)
    first = open_window(TUTOR, f"whiteboard?session={lesson.whiteboard_id}")
    board_of(first)
    first.locator("#canvas").click(position={"x": 200, "y": 100})
    drawn = first.evaluate(PICTURE)
    second = first.context.new_page()
    second.goto(first.url)
    second.locator("#canvas").wait_for()
    second.wait_for_function(f"(drawn) => {PICTURE} === drawn", arg=drawn)
    expect(second.get_by_text("Drawings stay in this browser")).to_be_visible()
