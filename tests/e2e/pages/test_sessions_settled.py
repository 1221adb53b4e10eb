"""What the list shows of sessions that have settled, without opening them."""

from __future__ import annotations

from playwright.sync_api import expect

from development.demo.people import person
from development.demo.story import Mark, Story, stay
from testkit.browser import PICTURES
from testkit.eventually import eventually
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.lessons import address, card
from tests.e2e.pages.site import Site, in_a_thread

TUTOR, TUTOR_OF_CLASS, ADMIN = person(101), person(102), person(901)
CAME = {203: stay(0, 60), 204: stay(8, 60)}


def wait_until_settled(site: Site, session_id: int) -> None:
    """Wait until the service's own job has judged a session."""
    path = f"/api/tutor/sessions/{session_id}"
    in_a_thread(eventually(lambda: "suggestion" in site.get(ADMIN, path)))


def test_a_card_shows_what_is_suggested(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(
        Story(what="Late", enrolment=1, starts_in=-20, tutor=stay(0, 60), students={201: stay(10, 60)})
    )
    wait_until_settled(site, lesson.session_id)
    page = open_window(TUTOR, address(lesson))
    shown = card(page, lesson.session_id)
    expect(shown).to_contain_text("Suggested: tutor Present, student Late · high confidence")
    expect(shown).to_contain_text("Held: 50 min together, 50 min to be billed.")
    page.screenshot(path=PICTURES / "sessions-suggested.png")


def test_of_a_class_it_shows_how_many_of_each_status(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(Story(what="A class", enrolment=3, starts_in=-20, tutor=stay(0, 60), students=CAME))
    wait_until_settled(site, lesson.session_id)
    page = open_window(TUTOR_OF_CLASS, address(lesson))
    expect(card(page, lesson.session_id)).to_contain_text(
        "Suggested: tutor Present; class: 1 present, 1 late, 1 absent"
    )


def test_a_session_that_is_marked_shows_no_suggestion(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(
        Story(
            what="Marked",
            enrolment=1,
            starts_in=-20,
            tutor=stay(0, 60),
            students={201: stay(0, 60)},
            mark=Mark(by=101, tutor="present", student="late"),
        )
    )
    wait_until_settled(site, lesson.session_id)
    page = open_window(TUTOR, address(lesson))
    expect(card(page, lesson.session_id)).to_contain_text("Marked manually")
    expect(card(page, lesson.session_id)).not_to_contain_text("Suggested")


def test_what_cannot_be_known_is_not_called_a_suggestion(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(Story(what="Not seen", enrolment=1, starts_in=-21))
    wait_until_settled(site, lesson.session_id)
    page = open_window(TUTOR, address(lesson))
    expect(card(page, lesson.session_id)).to_contain_text("Who was there cannot be known.")
