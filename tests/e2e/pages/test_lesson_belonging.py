"""Who belongs to a lesson, and to which time: guests, substitutes, lessons that were moved or held elsewhere."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import expect

from development.demo.people import person
from development.demo.story import Mark, Story, stay
from testkit.browser import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.lessons import card
from tests.e2e.pages.reviews import choose, decide, open_review, section
from tests.e2e.pages.reviews import person as about
from tests.e2e.pages.site import ZONE, Site

TUTOR, SUBSTITUTE, GUEST = person(101), person(102), person(202)
SUBSTITUTED = Story(
    what="Substituted", enrolment=1, starts_in=-20, students={201: stay(0, 60)}, guests={102: stay(-1, 60)}
)


def test_guests_are_shown_apart_and_in_the_timeline(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(
        Story(
            what="With a guest",
            enrolment=1,
            starts_in=-20,
            tutor=stay(0, 60),
            students={201: stay(0, 60)},
            guests={GUEST.user_id: stay(5, 40)},
        )
    )
    page = open_window(TUTOR, viewport={"width": 1200, "height": 1400})
    review = open_review(page, lesson.session_id)
    expect(review).to_contain_text(f"{GUEST.name}: a student who does not belong to this lesson")
    expect(review.get_by_role("slider", name=f"When {GUEST.name} (guest) was connected")).to_be_visible()
    page.screenshot(path=PICTURES / "lesson-guest.png")


def test_the_tutor_sees_who_substituted(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(SUBSTITUTED)
    review = open_review(open_window(TUTOR), lesson.session_id)
    expect(review).to_contain_text(f"{SUBSTITUTE.name}: another tutor, who substitutes")
    expect(about(review, "You")).to_contain_text("Never connected")
    expect(about(review, "You")).to_contain_text("another tutor was at the whiteboard")


def test_a_substitute_records_the_students_alone(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(SUBSTITUTED)
    page = open_window(SUBSTITUTE, viewport={"width": 1200, "height": 1600})
    review = open_review(page, lesson.session_id)
    expect(review).to_contain_text("You substituted in this lesson")
    expect(review.get_by_role("radiogroup")).to_have_count(1)
    page.screenshot(path=PICTURES / "lesson-substitute.png")
    choose(review, "Sara Alemu", "Present")
    expect(decide(review)).to_have_text("Mark Sara present")
    decide(review).click()
    expect(review).to_have_count(0)
    stored = site.get(TUTOR, f"/api/tutor/sessions/{lesson.session_id}")
    assert (stored["student_attendance_source"], stored["tutor_attendance_source"]) == ("manual", "system_default")


def test_a_substitute_withdraws_what_they_recorded(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(SUBSTITUTED)
    marks = {"students": [{"student_id": person(201).profile_id, "status": "present"}]}
    site.call(SUBSTITUTE, "PUT", f"/api/tutor/sessions/{lesson.session_id}/attendance", **marks)
    review = open_review(open_window(SUBSTITUTE), lesson.session_id)
    expect(decide(review)).to_be_hidden()
    review.get_by_role("button", name="Withdraw").click()
    review.page.get_by_role("alertdialog", name="Withdraw").get_by_role("button", name="Withdraw").click()
    expect(decide(review)).to_be_visible()
    stored = site.get(TUTOR, f"/api/tutor/sessions/{lesson.session_id}")
    assert stored["student_attendance_source"] == "system_default"


def test_a_lesson_that_was_perhaps_held_earlier_says_when(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(
        Story(what="Earlier", enrolment=1, starts_in=-20, tutor=stay(-55, -2), students={201: stay(-54, -3)})
    )
    start, end = ((lesson.start + timedelta(minutes=minutes)).astimezone(ZONE) for minutes in (-54, -3))
    review = open_review(open_window(TUTOR), lesson.session_id)
    expect(review).to_contain_text(f"Tutor and students were there together from {start:%H:%M} to {end:%H:%M}")


def test_a_lesson_that_was_moved_says_what_it_was_before(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(
        Story(
            what="Moved", enrolment=1, starts_in=-21, minutes=30, mark=Mark(by=101, tutor="present", student="absent")
        )
    )
    later = lesson.start.astimezone(ZONE) + timedelta(days=400)
    site.execute("UPDATE sessions SET session_date = %s WHERE id = %s", later.date(), lesson.session_id)
    day = later.date().isoformat()
    page = open_window(TUTOR, f"#/lessons?from={day}&to={day}")
    expect(card(page, lesson.session_id)).to_contain_text("Moved since it was marked")
    review = open_review(page, lesson.session_id)
    expect(section(review, "Recorded")).to_contain_text("Before, it was: you present, Sara absent (Marked manually).")
    page.screenshot(path=PICTURES / "lesson-moved.png")
