"""What the review of a lesson shows of the facts, and why."""

from __future__ import annotations

from playwright.sync_api import expect

from development.demo.people import person as known
from development.demo.story import Story, stay
from testkit.browser import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.hard_names import HOSTILE
from tests.e2e.pages.reviews import decide, open_review, person
from tests.e2e.pages.site import Site

MATHS_TUTOR, ENGLISH_TUTOR, STUDENT_OF_THE_CLASS = known(101), known(102), known(204)
#: sessions.id of the demo's lessons (development/demo/stories.py).
LATE, BY_TWO_NAMES, GROUP_CLASS, NO_WHITEBOARD, RUNNING, TOMORROW = 2, 7, 9, 10, 15, 16
#: The whiteboard's relay reports that it saw no one from minute 19 on.
_BLIND = """
    INSERT INTO relay_observation_gaps (stream_id, sequence, started_at, ended_at, whiteboard_session_ids)
    SELECT gen_random_uuid(), 1, scheduled_start + INTERVAL '19 minutes', scheduled_end, ARRAY[id]
    FROM whiteboard_sessions WHERE id = %s
"""


def test_a_person_s_facts_are_one_line_with_the_choice_below(open_window: OpenWindow) -> None:
    review = open_review(open_window(MATHS_TUTOR), LATE)
    expect(person(review, "Yonas Girma")).to_contain_text("10 min late · 50 of 60 min")
    expect(person(review, "You")).to_contain_text("On time · 60 of 60 min")
    late = review.get_by_role("radiogroup", name="Yonas Girma").get_by_role("radio", name="Late (suggested)")
    expect(late).to_be_checked()
    expect(decide(review)).to_have_text("Mark you present, Yonas late")


def test_every_fact_is_told_once(open_window: OpenWindow) -> None:
    words = open_review(open_window(MATHS_TUTOR), LATE).inner_text()
    for fact in ("10 min late", "50 of 60 min", "60 of 60 min", "On time", "Held: "):
        assert words.count(fact) == 1


def test_what_is_not_clear_says_so_and_why(open_window: OpenWindow, site: Site) -> None:
    (short,) = site.add(
        Story(what="Short", enrolment=1, starts_in=-22, minutes=10, tutor=stay(0, 10), students={201: stay(0, 10)})
    )
    review = open_review(open_window(MATHS_TUTOR), short.session_id)
    expect(person(review, "Sara Alemu")).to_contain_text("likely: the lesson was short")
    expect(review).not_to_contain_text("confidence")


def test_the_review_is_named_by_its_title_which_has_the_focus(open_window: OpenWindow) -> None:
    page = open_window(MATHS_TUTOR)
    open_review(page, LATE)
    dialog = page.get_by_role("dialog", name="Physics, grade 11")
    expect(dialog.get_by_role("heading", name="Physics, grade 11")).to_be_focused()


def test_a_class_is_shown_with_each_of_its_students(open_window: OpenWindow) -> None:
    page = open_window(ENGLISH_TUTOR, viewport={"width": 1280, "height": 1200}, color_scheme="dark")
    review = open_review(page, GROUP_CLASS)
    for name, status in (("Meron Haile", "Present"), ("Liya Tadesse", "Late"), ("Samuel Desta", "Absent")):
        expect(review.get_by_role("radiogroup", name=name).get_by_role("radio", name=status)).to_be_checked()
    page.screenshot(path=PICTURES / "lesson-class-dark.png")


def test_a_student_of_a_class_sees_only_their_own_facts(open_window: OpenWindow) -> None:
    review = open_review(open_window(STUDENT_OF_THE_CLASS), GROUP_CLASS)
    expect(person(review, "You")).to_contain_text("20 min late")
    expect(review).not_to_contain_text("Meron Haile")
    expect(review.get_by_role("slider")).to_have_count(2)


def test_a_name_that_looks_like_markup_is_shown_as_it_is_written(open_window: OpenWindow) -> None:
    review = open_review(open_window(ENGLISH_TUTOR), BY_TWO_NAMES)
    expect(review.get_by_role("radiogroup", name=HOSTILE.name)).to_be_visible()
    expect(decide(review)).to_contain_text("<img")


def test_what_may_still_change_says_so_and_cannot_be_accepted(open_window: OpenWindow) -> None:
    page = open_window(MATHS_TUTOR)
    review = open_review(page, RUNNING)
    expect(review).to_contain_text("this may still change")
    expect(review.locator(".lesson-state")).to_have_text("Live")
    expect(review).not_to_contain_text("early")
    expect(review.get_by_role("radio")).to_have_count(0)
    expect(decide(review)).to_be_hidden()
    review.get_by_role("button", name="Mark manually").click()
    expect(review.get_by_role("radio")).to_have_count(6)
    expect(review.get_by_role("radio", checked=True)).to_have_count(0)


def test_what_may_still_change_is_read_again_and_takes_no_focus(open_window: OpenWindow) -> None:
    page = open_window(MATHS_TUTOR, own_context=True)
    page.clock.install()
    review = open_review(page, RUNNING)
    summary = review.get_by_text("As text")
    summary.click()
    with page.expect_response("**/attendance-suggestion") as again:
        page.clock.run_for(30_000)
    assert again.value.ok
    expect(summary).to_be_focused()
    expect(review.get_by_text("Scheduled from")).to_be_visible()


def test_without_a_whiteboard_nothing_is_suggested(open_window: OpenWindow) -> None:
    review = open_review(open_window(MATHS_TUTOR), NO_WHITEBOARD)
    expect(review).to_contain_text("so nothing is suggested")
    expect(review.get_by_role("radio", checked=True)).to_have_count(0)
    expect(decide(review)).to_have_text("Mark attendance")


def test_a_lesson_that_has_not_begun_says_from_when_on_it_can_be_marked(open_window: OpenWindow) -> None:
    review = open_review(open_window(MATHS_TUTOR), TOMORROW)
    expect(review.locator(".lesson-state")).to_have_text("Not begun")
    expect(review).to_contain_text("You can mark it from then on.")
    expect(review.get_by_role("radio")).to_have_count(0)
    expect(review.locator(".foot button:visible")).to_have_count(0)


def test_what_could_not_be_observed_is_not_called_presence(open_window: OpenWindow, site: Site) -> None:
    lost = stay(0, 20, sends_disconnect=False)
    (lesson,) = site.add(
        Story(what="Seen at first", enrolment=1, starts_in=-22, tutor=stay(0, 60), students={201: lost})
    )
    site.execute(_BLIND, lesson.whiteboard_id)
    review = open_review(open_window(MATHS_TUTOR), lesson.session_id)
    expect(person(review, "Sara Alemu")).to_contain_text("Can't be known")
    expect(person(review, "Sara Alemu")).to_contain_text("too little could be observed")
    expect(review.get_by_role("radiogroup", name="Sara Alemu").get_by_role("radio", checked=True)).to_have_count(0)
    review.get_by_text("As text").click()
    expect(review.get_by_role("listitem").filter(has_text="could not be observed").last).to_be_visible()
