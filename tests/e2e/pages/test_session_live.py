"""Who is on the whiteboard now, in the dialog of a session."""

from __future__ import annotations

from playwright.sync_api import expect

from development.demo.people import person
from development.demo.story import Story
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.session_dialogs import open_session
from tests.e2e.pages.site import Site

TUTOR, STUDENT, PARENT = person(101), person(201), person(301)
NOW = Story(what="Going on, nobody there yet", enrolment=1, starts_in=-0.2, status="in-progress")


def test_the_dialog_shows_who_comes_and_goes(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(NOW)
    dialog = open_session(open_window(TUTOR), lesson.session_id)
    live = dialog.locator("#live")
    expect(live).to_contain_text("Now: the tutor has not come, the student has not come.")
    whiteboard = f"/api/whiteboard/sessions/{lesson.whiteboard_id}"
    site.call(STUDENT, "POST", f"{whiteboard}/connect", user_type="student")
    expect(live).to_contain_text("the student is here (since ")
    site.call(STUDENT, "POST", f"{whiteboard}/disconnect", user_type="student")
    expect(live).to_contain_text("the student left at ")
    link = live.get_by_role("link", name="Open the whiteboard")
    expect(link).to_have_attribute("href", f"/whiteboard?session={lesson.whiteboard_id}")


def test_the_status_is_unknown_without_a_network(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(NOW)
    page = open_window(TUTOR)
    live = open_session(page, lesson.session_id).locator("#live")
    expect(live).to_contain_text("Now: the tutor")
    page.context.set_offline(offline=True)
    expect(live).to_contain_text("Who is here is not known at the moment.")


def test_parents_who_may_not_watch_are_not_offered_to(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(NOW)
    dialog = open_session(open_window(PARENT), lesson.session_id)
    expect(dialog.locator("#live")).to_have_count(0)
