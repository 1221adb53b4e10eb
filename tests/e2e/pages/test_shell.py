"""What is around every view."""

from __future__ import annotations

from playwright.sync_api import expect

from development.demo.people import person
from tests.e2e.pages.conftest import OpenWindow

TUTOR, STUDENT = person(101), person(201)


def test_a_tutor_starts_at_their_sessions(open_window: OpenWindow) -> None:
    page = open_window(TUTOR)
    expect(page.get_by_role("heading", level=1)).to_have_text("Lessons")
    expect(page).to_have_title("Lessons · Attendance")
    expect(page.get_by_role("navigation").get_by_role("link", name="Lessons")).to_have_attribute("aria-current", "page")


def test_an_address_that_leads_nowhere_says_so_and_leads_back(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, "#/elsewhere")
    expect(page.get_by_role("main")).to_contain_text("There is no such page.")
    page.get_by_role("link", name="Go to the start").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lessons")


def test_without_a_sign_in_the_page_says_what_to_do(open_window: OpenWindow) -> None:
    page = open_window(TUTOR)
    page.evaluate("localStorage.setItem('token', '')")
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("You are not signed in.")


def test_a_page_that_cannot_be_loaded_offline_is_loaded_when_tried_again(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, own_context=True, saves_data=True)
    expect(page.get_by_role("heading", level=1)).to_have_text("Lessons")
    page.context.set_offline(True)
    page.get_by_role("link", name="Reports").click()
    expect(page.get_by_role("main")).to_contain_text("The server can't be reached.")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Lessons")
