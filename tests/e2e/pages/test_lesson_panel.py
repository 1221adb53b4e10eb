"""Where the review of a lesson stands: beside the list, or as a sheet over it."""

from __future__ import annotations

from playwright.sync_api import ViewportSize, expect

from development.demo.people import person
from development.demo.story import Story, stay
from testkit.browser import PICTURES
from tests.e2e.pages.big_class import LESSON, add_big_class
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.reviews import choose, decide, expect_closed, open_review
from tests.e2e.pages.site import Site
from tests.e2e.pages.test_accessibility import ANIMATIONS_ENDED, violations

TUTOR, CLASS_TUTOR = person(101), person(102)
#: Pixels.
WIDE: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
MAX_HEIGHT = 700
PUNCTUAL = Story(what="Punctual", enrolment=1, starts_in=-22, tutor=stay(0, 60), students={201: stay(7, 60)})


def test_where_there_is_room_it_stands_beside_the_list_and_is_not_modal(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(PUNCTUAL)
    page = open_window(TUTOR, viewport=WIDE)
    open_review(page, lesson.session_id, beside=True)
    region = page.get_by_role("complementary", name="Mathematics, grade 9")
    expect(region.get_by_role("heading", name="Mathematics, grade 9")).to_be_focused()
    expect(page.get_by_role("dialog")).to_have_count(0)
    # What is beside it can be used meanwhile.
    page.get_by_role("link", name="Lessons").first.focus()
    expect(page.get_by_role("link", name="Lessons").first).to_be_focused()
    assert violations(page) == ""
    page.screenshot(path=PICTURES / "lesson-panel.png")


def test_a_lesson_with_one_student_needs_no_scrolling(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(PUNCTUAL)
    page = open_window(TUTOR, viewport=WIDE)
    review = open_review(page, lesson.session_id, beside=True)
    box = review.bounding_box()
    assert box
    assert box["height"] <= MAX_HEIGHT
    expect(decide(review)).to_be_in_viewport()


def test_escape_closes_it_where_the_focus_is_inside(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(PUNCTUAL)
    page = open_window(TUTOR, viewport=WIDE)
    review = open_review(page, lesson.session_id, beside=True)
    page.get_by_role("link", name="Lessons").first.focus()
    page.keyboard.press("Escape")
    expect(review).to_be_visible()
    review.get_by_role("button", name="Close").focus()
    page.keyboard.press("Escape")
    expect_closed(page)


def test_notes_in_a_panel_are_thrown_away_only_after_asking(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(PUNCTUAL)
    page = open_window(TUTOR, viewport=WIDE)
    review = open_review(page, lesson.session_id, beside=True)
    review.get_by_role("textbox", name="Note").fill("Not saved")
    page.keyboard.press("Escape")
    question = page.get_by_role("alertdialog", name="Notes that are not saved")
    question.get_by_role("button", name="Go on writing").click()
    expect(review.get_by_role("textbox", name="Note")).to_have_value("Not saved")
    review.get_by_role("button", name="Close").click()
    question.get_by_role("button", name="Throw away").click()
    expect_closed(page)


def test_it_is_a_sheet_on_a_phone(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(PUNCTUAL)
    page = open_window(TUTOR, viewport=PHONE)
    review = open_review(page, lesson.session_id, beside=True)
    expect(page.get_by_role("dialog", name="Mathematics, grade 9")).to_be_visible()
    expect(decide(review)).to_be_in_viewport()
    # The sheet grows out of the bottom of the window.
    page.evaluate(ANIMATIONS_ENDED)
    assert page.get_by_role("dialog").evaluate("(sheet) => sheet.getBoundingClientRect().bottom") == PHONE["height"]
    page.screenshot(path=PICTURES / "lesson-sheet-phone.png")


def test_it_moves_when_the_window_gets_narrow_and_keeps_what_was_typed(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(PUNCTUAL)
    page = open_window(TUTOR, viewport=WIDE)
    review = open_review(page, lesson.session_id, beside=True)
    note = review.get_by_role("textbox", name="Note")
    note.fill("Typed in a wide window")
    choose(review, "Sara Alemu", "Absent")
    page.set_viewport_size(PHONE)
    expect(page.get_by_role("dialog", name="Mathematics, grade 9")).to_be_visible()
    expect(note).to_have_value("Typed in a wide window")
    expect(decide(review)).to_have_text("Mark you present, Sara absent")
    page.set_viewport_size(WIDE)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(note).to_have_value("Typed in a wide window")
    assert page.evaluate("window.received.closed") == 0


def test_a_large_class_gets_the_whole_window(open_window: OpenWindow, site: Site) -> None:
    lesson = add_big_class(site, LESSON + 1)
    page = open_window(CLASS_TUTOR, viewport=WIDE)
    review = open_review(page, lesson.session_id, beside=True)
    expect(page.get_by_role("dialog", name="Exam preparation")).to_be_visible()
    page.keyboard.press("Escape")
    expect(review).to_have_count(0)
    expect_closed(page)


def test_another_lesson_takes_its_place_and_what_was_typed_is_kept(open_window: OpenWindow, site: Site) -> None:
    one, other = site.add(PUNCTUAL, PUNCTUAL)
    page = open_window(TUTOR, viewport=WIDE)
    review = open_review(page, one.session_id, beside=True)
    review.get_by_role("textbox", name="Note").fill("About the first")
    review = open_review(page, other.session_id, beside=True)
    expect(page.locator(".review")).to_have_count(1)
    expect(review.get_by_role("textbox", name="Note")).to_have_value("")
    review = open_review(page, one.session_id, beside=True)
    expect(review.get_by_role("textbox", name="Note")).to_have_value("About the first")
    expect(review).to_contain_text("What you chose and wrote here before is still there")


def test_on_a_sheet_of_320_pixels_nothing_is_cut_off(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(PUNCTUAL)
    page = open_window(TUTOR, viewport={"width": 320, "height": 640})
    review = open_review(page, lesson.session_id)
    assert review.evaluate("(review) => review.scrollWidth <= review.clientWidth")
    labels = review.locator(".segments label")
    assert labels.evaluate_all("(labels) => labels.every((label) => label.scrollWidth <= label.clientWidth + 1)")
