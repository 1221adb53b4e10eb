"""The tutor's week as a calendar."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

import pytest
from playwright.sync_api import Locator, Page, expect

from development.demo.people import person
from development.demo.story import Mark, Status, Story
from development.demo.timetable import Lesson
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.site import ZONE, Site
from tests.e2e.pages.test_accessibility import PHONE
from tests.e2e.pages.visits import wait_until_quiet

TUTOR, CLASS_TUTOR = person(101), person(102)
WEEK = timedelta(days=7)
#: Weeks in which nothing else happens: long ago, and long after.
_PAST, _COMING = count(90), count(90)


def monday(weeks: int) -> date:
    today = datetime.now(ZONE).date()
    return today - timedelta(days=today.weekday()) + weeks * WEEK


def past_week() -> date:
    return monday(-next(_PAST))


def coming_week() -> date:
    return monday(next(_COMING))


def at(
    day: date,
    start: str,
    *,
    minutes: int = 60,
    enrolment: int = 1,
    status: Status = "completed",
    mark: Mark | None = None,
) -> Story:
    """Return a lesson at this time of this day."""
    begins = datetime.combine(day, time.fromisoformat(start), ZONE)
    now = datetime.now(UTC)
    anchor = now.replace(minute=now.minute - now.minute % 15, second=0, microsecond=0)
    hours = (begins - anchor).total_seconds() / 3600
    return Story(what="In a week", enrolment=enrolment, starts_in=hours, minutes=minutes, status=status, mark=mark)


def open_week(open_window: OpenWindow, day: date, **options: object) -> Page:
    return open_window(TUTOR, f"#/week?day={day.isoformat()}", **options)


def block(page: Page, lesson: Lesson) -> Locator:
    return page.locator(f".lesson-block[data-session='{lesson.session_id}']")


def box(place: Locator) -> dict[str, float]:
    found = place.bounding_box()
    assert found is not None
    return dict(found)  # type: ignore[arg-type] # a TypedDict of floats


def test_a_lesson_lies_in_its_day_at_its_time(open_window: OpenWindow, site: Site) -> None:
    first = coming_week()
    early, late = site.add(
        at(first + timedelta(days=2), "10:00", status="scheduled"),
        at(first + timedelta(days=2), "14:00", minutes=120, status="scheduled"),
    )
    page = open_week(open_window, first)
    wednesday = page.get_by_role("region", name=f"{first + timedelta(days=2):%A}")
    expect(wednesday.get_by_role("listitem")).to_have_count(2)
    expect(block(page, early)).to_contain_text("10:00")
    expect(block(page, early)).to_contain_text("Mathematics, grade 9")
    expect(block(page, early)).to_contain_text("Sara Alemu")
    # An hour has the same height everywhere.
    hour = (box(block(page, late))["y"] - box(block(page, early))["y"]) / 4
    assert box(block(page, late))["height"] == pytest.approx(2 * hour, abs=3)


def test_each_lesson_shows_how_it_stands(open_window: OpenWindow, site: Site) -> None:
    first = past_week()
    marked, unmarked, cancelled = site.add(
        at(first, "09:00", mark=Mark(by=101, tutor="present", student="late")),
        at(first, "11:00"),
        at(first, "13:00", status="cancelled"),
    )
    page = open_week(open_window, first)
    expect(block(page, marked)).to_contain_text("Late")
    expect(block(page, unmarked)).to_contain_text("To mark")
    expect(block(page, cancelled)).to_contain_text("Cancelled")
    expect(page.get_by_role("status").filter(has_text="3 lessons · 1 to mark · Times in Addis Ababa")).to_be_visible()


def test_lessons_at_the_same_time_lie_side_by_side(open_window: OpenWindow, site: Site) -> None:
    first = coming_week()
    one, other, later = site.add(
        at(first, "10:00", status="scheduled"),
        at(first, "10:30", enrolment=2, status="scheduled"),
        at(first, "12:00", status="scheduled"),
    )
    page = open_week(open_window, first)
    left, right, alone = (box(block(page, lesson)) for lesson in (one, other, later))
    assert left["x"] + left["width"] <= right["x"]
    assert alone["width"] > 1.8 * left["width"]


def test_a_lesson_over_midnight_goes_on_in_the_next_day_and_week(open_window: OpenWindow, site: Site) -> None:
    first = coming_week()
    sunday = first + timedelta(days=6)
    (lesson,) = site.add(at(sunday, "23:30", status="scheduled"))
    page = open_week(open_window, first)
    expect(block(page, lesson)).to_have_count(1)
    page.get_by_role("button", name="Next week").click()
    wait_until_quiet(page)
    expect(page.get_by_role("region", name="Monday")).to_contain_text("since 23:30")
    expect(page.get_by_role("status").filter(has_text="0 lessons")).to_be_visible()


def test_an_empty_week_says_so(open_window: OpenWindow) -> None:
    page = open_week(open_window, coming_week())
    expect(page.get_by_text("No lessons this week.")).to_be_visible()


def test_weeks_are_turned_by_button_by_key_and_by_the_browsers_back_button(open_window: OpenWindow) -> None:
    first = coming_week()
    page = open_week(open_window, first)
    heading = page.get_by_role("heading", level=1)
    before = heading.inner_text()
    page.get_by_role("button", name="Next week").click()
    expect(heading).not_to_have_text(before)
    page.keyboard.press("PageUp")
    expect(heading).to_have_text(before)
    page.keyboard.press("PageUp")
    expect(heading).not_to_have_text(before)
    page.go_back()
    expect(heading).to_have_text(before)
    page.get_by_role("button", name="This week").click()
    expect(page.locator(".week-day.today")).to_have_count(1)
    expect(page.get_by_role("button", name="This week")).to_be_disabled()


def test_turning_the_week_from_a_lesson_leaves_the_focus_at_the_name_of_the_week(
    open_window: OpenWindow, site: Site
) -> None:
    first = coming_week()
    (lesson,) = site.add(at(first, "09:00", status="scheduled"))
    page = open_week(open_window, first)
    heading = page.get_by_role("heading", level=1)
    before = heading.inner_text()
    block(page, lesson).focus()
    page.keyboard.press("PageDown")
    expect(heading).not_to_have_text(before)
    expect(heading).to_be_focused()
    page.keyboard.press("PageUp")
    expect(heading).to_have_text(before)
    expect(block(page, lesson)).to_be_visible()


def test_what_another_tab_decides_shows_without_losing_the_focus(open_window: OpenWindow, site: Site) -> None:
    first = past_week()
    lesson, other = site.add(at(first, "09:00"), at(first, "11:00"))
    page = open_week(open_window, first)
    block(page, other).focus()
    site.call(
        TUTOR,
        "PUT",
        f"/api/tutor/sessions/{lesson.session_id}/attendance",
        tutor_attendance_status="present",
        student_attendance_status="late",
    )
    page.evaluate("(id) => new BroadcastChannel('attendance').postMessage(id)", lesson.session_id)
    expect(block(page, lesson)).to_contain_text("Late")
    expect(block(page, other)).to_be_focused()


def test_an_address_that_names_no_day_shows_this_week(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, "#/week?day=2026-02-31")
    expect(page.locator("h2[aria-current=date]")).to_have_count(1)


def test_arrow_keys_lead_from_lesson_to_lesson(open_window: OpenWindow, site: Site) -> None:
    first = coming_week()
    morning, noon, friday = site.add(
        at(first, "09:00", status="scheduled"),
        at(first, "12:00", status="scheduled"),
        at(first + timedelta(days=4), "12:30", status="scheduled"),
    )
    page = open_week(open_window, first)
    block(page, morning).focus()
    for key, expected in (
        ("ArrowDown", noon),
        ("ArrowRight", friday),
        ("ArrowLeft", noon),
        ("Home", morning),
        ("End", friday),
    ):
        page.keyboard.press(key)
        expect(block(page, expected)).to_be_focused()


def test_a_lesson_is_reviewed_over_its_week_and_shows_at_once_what_was_decided(
    open_window: OpenWindow, site: Site
) -> None:
    first = past_week()
    (lesson,) = site.add(at(first, "09:00"))
    page = open_week(open_window, first)
    block(page, lesson).click()
    expect(page).to_have_url(re.compile(rf"#/week/{lesson.session_id}\?day={first}"))
    review = page.get_by_role("dialog", name="Mathematics, grade 9")
    expect(review).to_be_visible()
    wait_until_quiet(page)
    site.call(
        TUTOR,
        "PUT",
        f"/api/tutor/sessions/{lesson.session_id}/attendance",
        tutor_attendance_status="present",
        student_attendance_status="absent",
    )
    page.keyboard.press("Escape")
    expect(review).to_have_count(0)
    expect(page).to_have_url(re.compile(rf"#/week\?day={first}"))
    expect(block(page, lesson)).to_contain_text("Absent")
    expect(block(page, lesson)).to_be_focused()


def test_the_address_of_a_lesson_opens_it_over_its_week(open_window: OpenWindow, site: Site) -> None:
    first = past_week()
    (lesson,) = site.add(at(first, "09:00"))
    page = open_window(TUTOR, f"#/week/{lesson.session_id}?day={first}")
    expect(page.get_by_role("dialog", name="Mathematics, grade 9")).to_be_visible()
    expect(block(page, lesson)).to_be_attached()


def test_a_phone_shows_one_day_below_a_strip_of_the_days(open_window: OpenWindow, site: Site) -> None:
    first = coming_week()
    monday_lesson, friday_lesson = site.add(
        at(first, "09:00", status="scheduled"), at(first + timedelta(days=4), "09:00", status="scheduled")
    )
    page = open_week(open_window, first, viewport=PHONE)
    expect(block(page, monday_lesson)).to_be_visible()
    expect(block(page, friday_lesson)).to_be_hidden()
    strip = page.get_by_role("group", name="Days of the week")
    expect(strip.get_by_role("button", pressed=True)).to_have_text(re.compile("Monday"))
    strip.get_by_role("button", name=re.compile("Friday.*1 lesson")).click()
    expect(block(page, friday_lesson)).to_be_visible()
    expect(block(page, monday_lesson)).to_be_hidden()
    strip.get_by_role("button", name=re.compile("Tuesday.*0 lessons")).click()
    expect(page.get_by_text("No lessons on this day.").filter(visible=True)).to_have_count(1)


def test_arrow_keys_turn_the_day_of_a_phone(open_window: OpenWindow, site: Site) -> None:
    first = coming_week()
    monday_lesson, friday_lesson = site.add(
        at(first, "09:00", status="scheduled"), at(first + timedelta(days=4), "09:00", status="scheduled")
    )
    page = open_week(open_window, first, viewport=PHONE)
    block(page, monday_lesson).focus()
    page.keyboard.press("ArrowRight")
    expect(block(page, friday_lesson)).to_be_focused()
    expect(block(page, friday_lesson)).to_be_visible()


def test_a_week_that_can_not_be_loaded_says_so_and_tries_again(open_window: OpenWindow, site: Site) -> None:
    first = coming_week()
    (lesson,) = site.add(at(first, "09:00", status="scheduled"))
    page = open_week(open_window, first - WEEK)
    page.context.set_offline(offline=True)
    page.get_by_role("button", name="Next week").click()
    alert = page.get_by_role("alert").filter(has_text="can't be reached")
    expect(alert).to_be_visible()
    page.context.set_offline(offline=False)
    alert.get_by_role("button", name="Try again").click()
    expect(block(page, lesson)).to_be_visible()


def test_the_present_time_is_a_line_in_the_present_week(open_window: OpenWindow, site: Site) -> None:
    site.add(Story(what="Now", enrolment=1, starts_in=0, status="in-progress"))
    page = open_window(TUTOR, "#/week")
    expect(page.locator(".week-day.today .now-line")).to_have_count(1)
    page.get_by_role("button", name="Next week").click()
    wait_until_quiet(page)
    expect(page.locator(".now-line")).to_have_count(0)
