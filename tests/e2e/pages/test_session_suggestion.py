"""What the dialog of a session shows of the facts, and why."""

from __future__ import annotations

from playwright.sync_api import expect

from development.demo.people import person
from development.demo.story import Story, stay
from testkit.browser import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.hard_names import HOSTILE
from tests.e2e.pages.messages import status
from tests.e2e.pages.session_dialogs import card_of, open_session, section
from tests.e2e.pages.site import Site

MATHS_TUTOR, ENGLISH_TUTOR, STUDENT_OF_THE_CLASS = person(101), person(102), person(204)
#: sessions.id of the demo's lessons (development/demo/stories.py).
LATE, BY_TWO_NAMES, GROUP_CLASS, NO_WHITEBOARD, RUNNING, TOMORROW = 2, 7, 9, 10, 15, 16
#: The whiteboard's relay reports that it saw no one from minute 19 on.
_BLIND = """
    INSERT INTO relay_observation_gaps (stream_id, sequence, started_at, ended_at, whiteboard_session_ids)
    SELECT gen_random_uuid(), 1, scheduled_start + INTERVAL '19 minutes', scheduled_end, ARRAY[id]
    FROM whiteboard_sessions WHERE id = %s
"""


def test_a_person_s_status_comes_with_what_was_measured_and_why(open_window: OpenWindow) -> None:
    dialog = open_session(open_window(MATHS_TUTOR), LATE)
    card = card_of(dialog, "Yonas Girma")
    for words in ("Late", "high confidence", "10 min", "83.3 %", "50 of 60 min", "Joined 10 min after the start."):
        expect(card).to_contain_text(words)
    expect(status(section(dialog, "Suggestion"))).to_contain_text("tutor present, student late")


def test_the_dialog_is_named_by_its_title_which_has_the_focus(open_window: OpenWindow) -> None:
    page = open_window(MATHS_TUTOR)
    open_session(page, LATE)
    dialog = page.get_by_role("dialog", name="Physics, grade 11")
    expect(dialog.get_by_role("heading", name="Physics, grade 11")).to_be_focused()


def test_a_class_is_shown_with_each_of_its_students(open_window: OpenWindow) -> None:
    page = open_window(ENGLISH_TUTOR, viewport={"width": 1280, "height": 2000}, color_scheme="dark")
    dialog = open_session(page, GROUP_CLASS)
    expect(card_of(dialog, "The class")).to_contain_text("Present")
    expect(card_of(dialog, "Meron Haile")).to_contain_text("Present")
    expect(card_of(dialog, "Liya Tadesse")).to_contain_text("Late")
    expect(card_of(dialog, "Samuel Desta")).to_contain_text("Absent")
    expect(dialog.get_by_role("radiogroup", name="Liya Tadesse")).to_be_visible()
    page.screenshot(path=PICTURES / "session-class-dark.png")


def test_a_student_of_a_class_sees_only_their_own_facts(open_window: OpenWindow) -> None:
    dialog = open_session(open_window(STUDENT_OF_THE_CLASS), GROUP_CLASS)
    shown = section(dialog, "What the whiteboard shows")
    expect(shown.get_by_role("heading", name="Liya Tadesse")).to_be_visible()
    expect(shown.get_by_role("heading", name="Meron Haile")).to_have_count(0)
    expect(shown).to_contain_text("What was measured of others in the class is not yours to see.")
    expect(shown.get_by_role("img")).to_have_count(2)


def test_a_name_that_looks_like_markup_is_shown_as_it_is_written(open_window: OpenWindow) -> None:
    dialog = open_session(open_window(ENGLISH_TUTOR), BY_TWO_NAMES)
    expect(card_of(dialog, HOSTILE.name)).to_contain_text("Present")


def test_what_may_still_change_says_so_and_cannot_be_accepted(open_window: OpenWindow) -> None:
    dialog = open_session(open_window(MATHS_TUTOR), RUNNING)
    suggestion = section(dialog, "Suggestion")
    expect(suggestion).to_contain_text("So far: tutor present, student late")
    expect(suggestion).to_contain_text("The lesson is still running.")
    expect(dialog.get_by_role("button", name="Accept suggestion")).to_be_hidden()


def test_what_may_still_change_is_read_again_and_takes_no_focus(open_window: OpenWindow) -> None:
    page = open_window(MATHS_TUTOR, own_context=True)
    page.clock.install()
    dialog = open_session(page, RUNNING)
    summary = dialog.get_by_text("As text")
    summary.click()
    with page.expect_response("**/attendance-suggestion") as again:
        page.clock.run_for(30_000)
    assert again.value.ok
    expect(summary).to_be_focused()
    expect(dialog.get_by_text("Scheduled from")).to_be_visible()


def test_without_a_whiteboard_the_dialog_says_to_mark_by_hand(open_window: OpenWindow) -> None:
    dialog = open_session(open_window(MATHS_TUTOR), NO_WHITEBOARD)
    expect(section(dialog, "Suggestion")).to_contain_text("please mark attendance manually")
    expect(dialog.get_by_role("button", name="Accept suggestion")).to_be_hidden()
    expect(section(dialog, "Decide by hand")).to_be_visible()


def test_a_lesson_that_has_not_begun_has_nothing_to_accept(open_window: OpenWindow) -> None:
    dialog = open_session(open_window(MATHS_TUTOR), TOMORROW)
    expect(section(dialog, "What the whiteboard shows")).to_contain_text("The lesson has not begun")
    expect(dialog).to_contain_text("attendance can be recorded from its start on")
    expect(section(dialog, "Decide by hand")).to_be_hidden()


def test_what_could_not_be_observed_is_not_called_presence(open_window: OpenWindow, site: Site) -> None:
    lost = stay(0, 20, sends_disconnect=False)
    (lesson,) = site.add(
        Story(what="Seen at first", enrolment=1, starts_in=-22, tutor=stay(0, 60), students={201: lost})
    )
    site.execute(_BLIND, lesson.whiteboard_id)
    dialog = open_session(open_window(MATHS_TUTOR), lesson.session_id)
    expect(card_of(dialog, "Sara Alemu")).to_contain_text("Cannot be known")
    expect(card_of(dialog, "Sara Alemu")).to_contain_text("could not be observed, so the status is not known.")
    dialog.get_by_text("As text").click()
    expect(dialog.get_by_role("listitem").filter(has_text="could not be observed").last).to_be_visible()
