"""Failures while a person decides: the review says what happened, and nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg2
from playwright.sync_api import Locator, Page, expect

from development.demo.people import person
from development.demo.story import Mark, Story
from testkit.browser import PICTURES
from testkit.tokens import token
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.messages import alert
from tests.e2e.pages.reviews import begin_to_open, decide, expect_closed, open_review
from tests.e2e.pages.site import Site, token_of

TUTOR = person(101)
MARKED = Story(what="Marked", enrolment=1, starts_in=-22, mark=Mark(by=101, tutor="late", student="late"))
NOTES = "Sara's bus was late"


def type_notes(site: Site, page: Page) -> tuple[int, Locator]:
    """Open a marked session of their own and type notes; return its id and the review."""
    (lesson,) = site.add(MARKED)
    review = open_review(page, lesson.session_id)
    review.get_by_role("button", name="Change").click()
    review.get_by_role("textbox", name="Note").fill(NOTES)
    return lesson.session_id, review


def save(review: Locator) -> None:
    """Press the button that saves."""
    expect(decide(review)).to_have_text("Save")
    decide(review).click()


def expect_failure(review: Locator, sentence: str) -> None:
    """Wait until the review shows a failure; what was typed is still there."""
    expect(alert(review)).to_contain_text(sentence)
    expect(review.get_by_role("textbox", name="Note")).to_have_value(NOTES)


def try_again(site: Site, page: Page, session_id: int) -> None:
    """Press "Try again" and see that the notes are stored."""
    page.get_by_role("button", name="Try again").click()
    expect_closed(page)
    assert site.call(TUTOR, "GET", f"/api/tutor/sessions/{session_id}")["attendance_notes"] == NOTES


def covers(one: Locator, other: Locator) -> bool:
    """Return whether one lies over the other."""
    first, second = one.bounding_box(), other.bounding_box()
    assert first
    assert second
    return first["y"] + first["height"] > second["y"] and second["y"] + second["height"] > first["y"]


@contextmanager
def held(site: Site, session_id: int) -> Iterator[None]:
    """Hold the session's row locked, as another change to it does."""
    connection = psycopg2.connect(site.database)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM sessions WHERE id = %s FOR UPDATE", (session_id,))
        yield
    connection.close()


def test_after_an_expired_sign_in_saving_goes_on_with_a_new_one(open_window: OpenWindow, site: Site) -> None:
    page = open_window(TUTOR, viewport={"width": 390, "height": 844}, color_scheme="dark")
    session_id, review = type_notes(site, page)
    expired = token(TUTOR.user_id, "tutor", lifetime=-timedelta(hours=1))
    page.evaluate("(token) => localStorage.setItem('token', token)", expired)
    save(review)
    expect_failure(review, "Your sign-in has expired.")
    expect(decide(review)).to_be_in_viewport()
    assert not covers(alert(review), decide(review))
    page.screenshot(path=PICTURES / "lesson-expired.png")
    page.evaluate("(token) => localStorage.setItem('token', token)", token_of(TUTOR))
    try_again(site, page, session_id)


def test_after_a_network_failure_saving_goes_on_when_the_network_is_back(open_window: OpenWindow, site: Site) -> None:
    page = open_window(TUTOR)
    session_id, review = type_notes(site, page)
    page.context.set_offline(offline=True)
    save(review)
    expect_failure(review, "The server can't be reached.")
    page.context.set_offline(offline=False)
    try_again(site, page, session_id)


def test_when_the_service_can_not_save_now_saving_goes_on_once_it_can(open_window: OpenWindow, site: Site) -> None:
    page = open_window(TUTOR)
    session_id, review = type_notes(site, page)
    with held(site, session_id):
        save(review)
        expect_failure(review, "The service can't be reached at the moment.")
    try_again(site, page, session_id)


def test_a_session_that_could_not_be_read_is_read_by_trying_again(open_window: OpenWindow) -> None:
    page = open_window(TUTOR)
    review = open_review(page, 1)
    page.keyboard.press("Escape")
    expect_closed(page)
    page.context.set_offline(offline=True)
    begin_to_open(page, 1)
    expect(alert(review)).to_contain_text("The server can't be reached.")
    page.context.set_offline(offline=False)
    review.get_by_role("button", name="Try again").click()
    expect(review.get_by_role("radiogroup", name="You")).to_be_visible()


def test_notes_that_are_not_saved_are_thrown_away_only_after_asking(open_window: OpenWindow, site: Site) -> None:
    page = open_window(TUTOR)
    _, review = type_notes(site, page)
    page.keyboard.press("Escape")
    page.screenshot(path=PICTURES / "lesson-unsaved.png")
    question = page.get_by_role("alertdialog", name="Notes that are not saved")
    question.get_by_role("button", name="Go on writing").click()
    expect(review.get_by_role("textbox", name="Note")).to_have_value(NOTES)
    review.get_by_role("button", name="Close").click()
    question.get_by_role("button", name="Throw away").click()
    expect_closed(page)


def test_a_dialog_without_notes_closes_at_once(open_window: OpenWindow) -> None:
    page = open_window(TUTOR)
    open_review(page, 1)
    page.keyboard.press("Escape")
    expect_closed(page)


def test_notes_are_there_again_after_the_view_was_left(open_window: OpenWindow, site: Site) -> None:
    page = open_window(TUTOR)
    session_id, _ = type_notes(site, page)
    page.evaluate("window.view.abort()")
    expect_closed(page)
    review = open_review(page, session_id)
    expect(review.get_by_role("textbox", name="Note")).to_have_value(NOTES)
    expect(review.get_by_text("What you chose and wrote here before is still there")).to_be_visible()


def test_notes_that_are_too_long_are_counted_and_not_cut_off(open_window: OpenWindow, site: Site) -> None:
    page = open_window(TUTOR)
    _, review = type_notes(site, page)
    review.get_by_role("textbox", name="Note").fill("😀" * 2001)
    expect(review).to_contain_text("2,001 of 2,000 characters")
    save(review)
    expect(review.get_by_role("textbox", name="Note")).to_be_focused()
    expect(review).to_contain_text("1 too many")
    review.get_by_role("textbox", name="Note").fill("😀" * 2000)
    save(review)
    expect_closed(page)
