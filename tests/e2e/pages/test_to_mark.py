"""The tutor's first page: which lessons wait to be marked, and what their lines say and offer."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from development.demo.people import Person, person
from development.demo.story import Absence, Claim, Mark, Story, stay
from testkit.browser import PICTURES
from testkit.tokens import token
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.lessons import card
from tests.e2e.pages.messages import alert, status
from tests.e2e.pages.own_course import add_course, found
from tests.e2e.pages.site import Site

TUTOR, TUTOR_OF_CLASS, TUTOR_WITH_CLAIM, ADMIN = person(103), person(102), person(101), person(901)
PUNCTUAL = Story(what="Both punctual", enrolment=5, starts_in=-5, tutor=stay(0, 60), students={201: stay(0, 60)})
LATE = replace(PUNCTUAL, what="Late", students={201: stay(10, 60)})
NO_SHOW = replace(PUNCTUAL, what="No-show", tutor=stay(0, 25), students={})
UNSEEN = replace(PUNCTUAL, what="Not seen", tutor=(), students={}, has_whiteboard=False)
DOUBTFUL = replace(PUNCTUAL, what="The tutor left early", tutor=stay(0, 30))
GROUP = Story(
    what="A class",
    enrolment=3,
    starts_in=-5,
    tutor=stay(0, 60),
    students={203: stay(0, 60), 204: stay(8, 60), 206: ()},
)


@pytest.mark.parametrize(
    ("story", "says", "offers"),
    [
        (PUNCTUAL, ["Both present", "On time · 60 of 60 min together"], ["Accept", "Review"]),
        (LATE, ["You present", "Sara late", "10 min late · 50 of 60 min"], ["Accept", "Review"]),
        (NO_SHOW, ["Sara did not come", "You waited 25 min"], ["Accept", "Review"]),
        (UNSEEN, ["No whiteboard"], ["Mark manually"]),
        (replace(UNSEEN, has_whiteboard=True), ["Can't be known"], ["Mark manually"]),
        (DOUBTFUL, ["likely"], ["Accept", "Review"]),
    ],
    ids=lambda value: value.what if isinstance(value, Story) else "",
)
def test_a_line_says_what_is_suggested_and_offers_what_can_be_done(
    open_window: OpenWindow, site: Site, story: Story, says: list[str], offers: list[str]
) -> None:
    course = f"Line of {story.what} {story.has_whiteboard}"
    (lesson,) = add_course(site, course, story)
    page = open_window(TUTOR, found("#/to-mark", course))
    line = card(page, lesson.session_id)
    for words in (course, "Sara Alemu", *says):
        expect(line).to_contain_text(words)
    for word in offers:
        expect(line.locator("button, .button").filter(has_text=re.compile(f"^{word}"))).to_be_visible()
    if "Accept" not in offers:
        expect(line.get_by_role("button", name="Accept")).to_have_count(0)


def test_of_a_class_the_exceptions_are_named_and_counted(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = add_course(site, "Line of a class", GROUP)
    page = open_window(TUTOR_OF_CLASS, found("#/to-mark", "Line of a class"))
    line = card(page, lesson.session_id)
    for words in ("Group of 3", "1 present", "1 late", "1 absent", "Samuel never connected · Liya 8 min late"):
        expect(line).to_contain_text(words)
    expect(line.get_by_role("link", name="Review 2")).to_be_visible()


def test_the_title_counts_what_is_to_do_and_says_what_is_clear(open_window: OpenWindow, site: Site) -> None:
    add_course(site, "Counted", PUNCTUAL, replace(LATE, starts_in=-7), replace(UNSEEN, starts_in=-9))
    page = open_window(TUTOR, found("#/to-mark", "Counted"))
    expect(page.get_by_role("heading", level=1)).to_have_text("3 lessons to mark")
    expect(status(page.get_by_role("main"))).to_contain_text("2 are clear, 1 needs a look.")
    expect(page.get_by_role("main")).to_contain_text("Times in Addis Ababa")
    expect(page.get_by_role("button", name="Accept 2 clear suggestions")).to_be_visible()
    page.screenshot(path=PICTURES / "to-mark.png")


def test_lessons_that_are_over_are_listed_whatever_the_platform_says_and_no_others(
    open_window: OpenWindow, site: Site
) -> None:
    lessons = add_course(
        site,
        "Over or not",
        replace(PUNCTUAL, status="in-progress"),
        replace(UNSEEN, starts_in=-9, status="missed"),
        replace(UNSEEN, starts_in=-12, status="cancelled"),
        replace(UNSEEN, starts_in=-14, mark=Mark(by=103, tutor="present", student="absent")),
    )
    site.execute("UPDATE sessions SET session_date = CURRENT_DATE + 3 WHERE id = %s", lessons[3].session_id)
    page = open_window(TUTOR, found("#/to-mark", "Over or not"))
    expect(page.locator("li[data-lesson]")).to_have_count(2)
    for lesson in lessons[:2]:
        expect(card(page, lesson.session_id)).to_be_visible()


def test_what_a_parent_reported_leaves_the_tutor_to_be_marked(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = add_course(site, "Reported", replace(UNSEEN, mark=Mark(by=301, student="absent")))
    page = open_window(TUTOR, found("#/to-mark", "Reported"))
    line = card(page, lesson.session_id)
    for words in ("You not marked", "Sara absent", "Reported by a parent"):
        expect(line).to_contain_text(words)
    expect(line.get_by_role("link", name="Review")).to_be_visible()


def test_an_objection_and_an_announced_absence_are_on_the_line(open_window: OpenWindow, site: Site) -> None:
    claim = Claim(by=201, status="present", note="I was there")
    absence = Absence(by=301, student=201, reason="A wedding")
    objected, announced = add_course(
        site,
        "Objected",
        replace(NO_SHOW, claim=claim),
        Story(what="Announced", enrolment=5, starts_in=5, status="scheduled", absence=absence),
    )
    page = open_window(TUTOR, found("#/to-mark", "Objected"))
    expect(card(page, objected.session_id)).to_contain_text("1 open claim")
    expect(card(page, objected.session_id).get_by_role("button", name="Accept")).to_have_count(0)
    expect(card(page, announced.session_id)).to_have_count(0)


def test_the_lessons_are_under_their_days(open_window: OpenWindow, site: Site) -> None:
    add_course(site, "Two days", replace(UNSEEN, starts_in=-24 * 40), replace(UNSEEN, starts_in=-24 * 41))
    page = open_window(TUTOR, found("#/to-mark", "Two days"))
    days = page.get_by_role("main").get_by_role("heading", level=2).filter(has_text="1 lesson")
    expect(days).to_have_count(2)


def test_search_and_choice_are_in_the_address_and_last(open_window: OpenWindow, site: Site) -> None:
    clear, other = add_course(site, "Chosen from", PUNCTUAL, replace(UNSEEN, starts_in=-9))
    page = open_window(TUTOR, "#/to-mark")
    page.get_by_label("Search these lessons").fill("chosen FROM")
    expect(page.locator("li[data-lesson]")).to_have_count(2)
    page.get_by_text("Need a look", exact=True).click()
    expect(card(page, clear.session_id)).to_have_count(0)
    expect(card(page, other.session_id)).to_be_visible()
    page.reload()
    expect(card(page, other.session_id)).to_be_visible()
    expect(card(page, clear.session_id)).to_have_count(0)
    page.get_by_role("button", name="Clear filters").click()
    page.wait_for_url("**/#/to-mark")
    expect(card(page, clear.session_id)).to_be_visible()


def test_a_tutor_without_any_lesson_has_nothing_to_mark_and_is_told_so(open_window: OpenWindow) -> None:
    page = open_window(TUTOR)
    page.evaluate(f"localStorage.setItem('token', {token(999, 'tutor')!r})")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing to mark")
    expect(page.get_by_role("main")).to_contain_text("There are no lessons yet.")


def test_without_filters_that_fit_it_says_so(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, found("#/to-mark", "no such course"))
    expect(page.get_by_role("main")).to_contain_text("No lesson fits these filters.")


def test_without_a_connection_it_says_so_and_can_be_tried_again(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = add_course(site, "Offline", PUNCTUAL)
    page = open_window(TUTOR, "#/to-mark?search=nothing")
    page.context.set_offline(True)
    page.get_by_label("Search these lessons").fill("Offline")
    expect(alert(page.get_by_role("main"))).to_contain_text("The server can't be reached.")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(card(page, lesson.session_id)).to_be_visible()


def test_a_lesson_opens_at_an_address_of_its_own_and_closing_it_goes_back(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = add_course(site, "Opened", LATE)
    page = open_window(TUTOR, found("#/to-mark", "Opened"))
    opener = card(page, lesson.session_id).get_by_role("link", name="Review")
    opener.click()
    page.wait_for_url(f"**/#/to-mark/{lesson.session_id}?search=Opened")
    page.get_by_role("button", name="Close").first.click()
    page.wait_for_url("**/#/to-mark?search=Opened")
    expect(opener).to_be_focused()


def test_keys_lead_from_line_to_line_and_accept(open_window: OpenWindow, site: Site) -> None:
    first, second = add_course(site, "By keys", PUNCTUAL, replace(PUNCTUAL, starts_in=-9))
    page = open_window(TUTOR, found("#/to-mark", "By keys"))
    expect(card(page, first.session_id)).to_be_visible()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    expect(card(page, first.session_id).locator(".title")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(card(page, second.session_id).locator(".title")).to_be_focused()
    page.keyboard.press("a")
    expect(card(page, second.session_id)).to_contain_text("Marked")
    page.keyboard.press("u")
    expect(card(page, second.session_id).get_by_role("button", name="Accept")).to_be_focused()
    page.keyboard.press("k")
    expect(card(page, first.session_id).locator(".title")).to_be_focused()


def test_what_is_live_and_what_waits_stand_beside_the_list(open_window: OpenWindow, site: Site) -> None:
    live, claimed = add_course(
        site, "Beside", replace(PUNCTUAL, what="Live", starts_in=-0.2, status="in-progress"), NO_SHOW
    )
    page = open_window(TUTOR, found("#/to-mark", "Beside"))
    overview = page.locator(".overview")
    expect(overview.get_by_role("link", name="Beside").first).to_have_attribute("href", f"#/to-mark/{live.session_id}")
    expect(overview.get_by_role("heading", name="This month")).to_be_visible()
    claim = {"claimed_status": "present", "note": "I was beside"}
    site.call(person(201), "POST", f"/api/tutor/sessions/{claimed.session_id}/claims", **claim)
    # As another tab announces it.
    page.evaluate(f"new BroadcastChannel('attendance').postMessage({claimed.session_id})")
    expect(overview.locator(".waiting")).to_contain_text("I was beside")
    expect(overview.locator(".waits")).to_contain_text("claim")
    page.screenshot(path=PICTURES / "to-mark-beside.png")


def shown_count(page: Page) -> str:
    """Return what the navigation says to wait."""
    return page.locator("#toMark-count").inner_text()


def test_the_navigation_counts_what_waits(open_window: OpenWindow, site: Site) -> None:
    add_course(site, "Counted in the navigation", UNSEEN)
    page = open_window(TUTOR, "#/lessons")
    expect(page.locator("#toMark-count")).to_have_text(re.compile(r"^[1-9]\d*$"))
    assert int(shown_count(page)) >= 1


def mark_all(site: Site, tutor: Person) -> None:
    """Mark all that waits to be marked by a tutor, not through the page."""
    for lesson in site.get(tutor, "/api/tutor/sessions", attendance_filter="to_mark", page_size="200")["sessions"]:
        students = [{"student_id": student["student_id"], "status": "present"} for student in lesson["students"]]
        marks = {"tutor_attendance_status": "present", "students": students}
        site.call(tutor, "PUT", f"/api/tutor/sessions/{lesson['id']}/attendance", **marks)


def test_where_nothing_is_to_mark_what_waits_for_an_answer_comes_first_and_is_counted(
    open_window: OpenWindow, site: Site
) -> None:
    claim = Claim(by=201, status="present", note="I was on the phone with you")
    mark = Mark(by=101, tutor="present", student="absent")
    site.add(replace(UNSEEN, enrolment=1, starts_in=-21, mark=mark, claim=claim))
    mark_all(site, TUTOR_WITH_CLAIM)
    page = open_window(TUTOR_WITH_CLAIM, "#/to-mark", viewport={"width": 390, "height": 844})
    main = page.get_by_role("main")
    claimed = main.get_by_role("listitem").filter(has_text="I was on the phone with you")
    expect(claimed).to_be_in_viewport()
    done = main.get_by_text("All your lessons are marked.")
    expect(done).to_be_visible()
    top, below = claimed.bounding_box(), done.bounding_box()
    assert top is not None
    assert below is not None
    assert top["y"] < below["y"]
    expect(main.get_by_role("searchbox")).to_be_hidden()
    expect(main).not_to_contain_text("0 lessons below")
    page.screenshot(path=PICTURES / "to-mark-claim-phone.png", full_page=True)
    waiting = main.locator(".waiting-item.claim, .waiting-item.parents_word").count()
    expect(page.locator("#toMark-count")).to_have_text(str(waiting))
    page.get_by_role("link", name="Lessons").click()
    expect(page.locator("#toMark-count")).to_have_text(str(waiting))


def test_only_tutors_have_this_page(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, "#/to-mark")
    expect(page.get_by_role("link", name="To mark")).to_have_count(0)
    expect(page.get_by_role("heading", name="lessons to mark")).to_have_count(0)
