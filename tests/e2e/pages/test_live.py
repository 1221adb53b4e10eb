"""Who is on the whiteboard now, and the way in: in the review of a lesson, and where live lessons are listed."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from development.demo.people import person
from development.demo.story import Story
from development.demo.timetable import Lesson
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.reviews import open_review
from tests.e2e.pages.site import Site

TUTOR, STUDENT, PARENT = person(101), person(201), person(301)
#: A tutor of whom no other test makes live lessons.
QUIET_TUTOR = person(103)
CLASS_TUTOR, MERON, SAMUEL = person(102), person(203), person(206)
NOW = Story(what="Going on, nobody there yet", enrolment=1, starts_in=-0.2, status="in-progress")
CLASS = Story(what="A class that goes on", enrolment=3, starts_in=-0.2, status="in-progress")
LIVE = Story(what="Of a tutor who has no others", enrolment=6, starts_in=-0.2, status="in-progress")
#: What the platform leaves so, although its time is over.
OVER = Story(what="Over, but still in progress", enrolment=1, starts_in=-3, minutes=30, status="in-progress")


def people(place: Locator) -> Locator:
    return place.get_by_role("list", name="Who is there").get_by_role("listitem")


def report(site: Site, lesson: Lesson, who: object, event: str) -> None:
    path = f"/api/whiteboard/sessions/{lesson.whiteboard_id}/{event}"
    site.call(who, "POST", path, user_type=who.role)  # type: ignore[arg-type, attr-defined]


def strip_of(page: Page, lesson: Lesson) -> Locator:
    """Return the line of a lesson among those that are live."""
    link = page.locator(f"a[href='/whiteboard?session={lesson.whiteboard_id}']")
    return page.get_by_role("list", name="Live now").get_by_role("listitem").filter(has=link)


def test_the_review_shows_who_comes_and_goes_by_name(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(NOW)
    live = open_review(open_window(TUTOR), lesson.session_id).locator("#live")
    expect(people(live)).to_have_text(["You, not there", "Sara Alemu missing"])
    report(site, lesson, STUDENT, "connect")
    expect(people(live).nth(1)).to_contain_text("Sara Alemu here since ")
    report(site, lesson, STUDENT, "disconnect")
    expect(people(live).nth(1)).to_contain_text("Sara Alemu left at ")
    join = live.get_by_role("link", name="Join")
    expect(join).to_have_attribute("href", f"/whiteboard?session={lesson.whiteboard_id}")


def test_a_tutor_sees_which_students_of_a_class_are_missing(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(CLASS)
    live = open_review(open_window(CLASS_TUTOR), lesson.session_id).locator("#live")
    report(site, lesson, MERON, "connect")
    report(site, lesson, CLASS_TUTOR, "connect")
    expect(people(live).nth(0)).to_contain_text("You, here since ")
    expect(people(live).filter(has_text="Meron Haile")).to_contain_text("here since ")
    expect(people(live).filter(has_text="Samuel Desta")).to_have_text("Samuel Desta missing")


def test_a_student_of_a_class_sees_the_tutor_and_no_classmates(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(CLASS)
    report(site, lesson, MERON, "connect")
    live = open_review(open_window(SAMUEL), lesson.session_id).locator("#live")
    expect(people(live)).to_have_text(["Hanna Tesfaye missing", "You, not there"])


def test_the_status_is_unknown_without_a_network(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(NOW)
    page = open_window(TUTOR)
    live = open_review(page, lesson.session_id).locator("#live")
    expect(people(live)).to_have_count(2)
    page.context.set_offline(offline=True)
    expect(live).to_contain_text("Who is there is not known at the moment.")
    page.context.set_offline(offline=False)
    expect(people(live)).to_have_count(2)
    expect(live).not_to_contain_text("not known")


def test_parents_who_may_not_watch_are_not_offered_to(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(NOW)
    dialog = open_review(open_window(PARENT), lesson.session_id)
    expect(dialog.locator("#live")).to_have_count(0)


def test_a_lesson_whose_time_is_over_is_not_live_whatever_the_platform_says(
    open_window: OpenWindow, site: Site
) -> None:
    (lesson,) = site.add(OVER)
    live = open_review(open_window(TUTOR), lesson.session_id).locator("#live")
    expect(live).to_be_hidden()


def test_the_week_begins_with_the_lessons_that_are_live(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(LIVE)
    page = open_window(QUIET_TUTOR, "#/week")
    line = strip_of(page, lesson)
    expect(line).to_contain_text("Live")
    expect(line).to_contain_text("natural science")
    expect(line.get_by_role("link", name="Join Preparation for")).to_be_visible()


def test_a_lesson_can_be_joined_shortly_before_it_begins(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(LIVE)
    # Ends are times of day, so the start is moved in SQL.
    site.execute(
        "UPDATE sessions SET status = 'scheduled', session_date = (t AT TIME ZONE 'Africa/Addis_Ababa')::date, "
        "start_time = (t AT TIME ZONE 'Africa/Addis_Ababa')::time(0), "
        "end_time = ((t + interval '1 hour') AT TIME ZONE 'Africa/Addis_Ababa')::time(0) "
        "FROM (SELECT now() + interval '8 minutes' AS t) AS soon WHERE id = %s",
        lesson.session_id,
    )
    line = strip_of(open_window(QUIET_TUTOR, "#/week"), lesson)
    expect(line).to_contain_text("Soon")
    expect(line.get_by_role("link", name="Join")).to_be_visible()
