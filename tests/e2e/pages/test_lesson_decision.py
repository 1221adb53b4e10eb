"""Deciding on a lesson: what is written, and that no decision is overwritten unseen."""

from __future__ import annotations

from dataclasses import replace

from playwright.sync_api import expect

from development.demo.people import person
from development.demo.story import Mark, Story, stay
from testkit.browser import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.messages import alert, status
from tests.e2e.pages.reviews import choose, decide, expect_closed, open_review, section
from tests.e2e.pages.reviews import person as about
from tests.e2e.pages.site import Site

TUTOR, STUDENT, ADMIN = person(101), person(201), person(901)
PARENT = person(301)
PUNCTUAL = Story(what="Punctual", enrolment=1, starts_in=-22, tutor=stay(0, 60), students={201: stay(0, 60)})
#: Without facts nothing is suggested.
UNMARKED = Story(what="Not seen", enrolment=1, starts_in=-22, has_whiteboard=False)
#: sessions.id of the demo's lesson (development/demo/stories.py).
CANCELLED = 17


def path(session_id: int) -> str:
    """Return where a session is read."""
    return f"/api/tutor/sessions/{session_id}"


def test_accepting_records_what_was_shown(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(PUNCTUAL)
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    expect(decide(review)).to_have_text("Mark you and Sara present")
    review.get_by_role("textbox", name="Note").fill("A good lesson")
    decide(review).click()
    expect_closed(page)
    stored = site.call(TUTOR, "GET", path(lesson.session_id))
    [decided] = page.evaluate("window.received.decided")
    # The lesson may have been settled meanwhile, which adds its suggestion and outcome.
    assert decided == {name: stored[name] for name in decided}
    assert (stored["attendance_source"], stored["attendance_notes"]) == ("whiteboard_auto", "A good lesson")


def test_the_keyboard_alone_is_enough_to_decide(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(PUNCTUAL)
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    page.keyboard.press("Tab")
    expect(review.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Tab")
    expect(review.get_by_role("radiogroup", name="You").get_by_role("radio", name="Present")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(review.get_by_role("radiogroup", name="Sara Alemu").get_by_role("radio", name="Late")).to_be_checked()
    # Enter in a choice does what the button says.
    expect(decide(review)).to_have_text("Mark you present, Sara late")
    page.keyboard.press("Enter")
    expect_closed(page)
    stored = site.call(TUTOR, "GET", path(lesson.session_id))
    assert (stored["tutor_attendance_status"], stored["student_attendance_status"]) == ("present", "late")


def test_a_decision_is_reported_also_where_the_session_can_not_be_read_after_it(
    open_window: OpenWindow, site: Site
) -> None:
    (lesson,) = site.add(UNMARKED)
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    choose(review, "You", "Late")
    choose(review, "Sara Alemu", "Present")
    # Nothing else fails exactly between the two calls.
    page.route(f"**{path(lesson.session_id)}", lambda route: route.abort())
    decide(review).click()
    expect_closed(page)
    [received] = page.evaluate("window.received.decided")
    stored = site.call(TUTOR, "GET", path(lesson.session_id))
    # Neither is on any card; and the session may be settled in the meantime.
    not_in_the_answer = {"attendance_etag", "facts_changed_since_decision", "suggestion"}
    assert {name: received.get(name) for name in stored.keys() - not_in_the_answer} == {
        name: stored[name] for name in stored.keys() - not_in_the_answer
    }


def test_an_impatient_double_click_decides_once(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(PUNCTUAL)
    page = open_window(TUTOR)
    decide(open_review(page, lesson.session_id)).dblclick()
    expect_closed(page)
    history = site.call(TUTOR, "GET", f"{path(lesson.session_id)}/attendance-history")
    assert len(history["decisions"]) == 1


def test_facts_that_changed_are_shown_before_anything_is_written(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(replace(PUNCTUAL, students={}))
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    expect(decide(review)).to_have_text("Mark you present, Sara absent")
    review.get_by_role("textbox", name="Note").fill("Was on the phone")
    came_late = replace(lesson, story=replace(PUNCTUAL, students={201: stay(8, 60)}))
    site.record((came_late,), came_late.end)
    decide(review).click()
    expect(alert(review)).to_contain_text("The suggestion has changed since you looked")
    expect(decide(review)).to_have_text("Mark you present, Sara late")
    expect(review.get_by_role("heading", name="Attendance")).to_be_focused()
    expect(review.get_by_role("textbox", name="Note")).to_have_value("Was on the phone")
    page.screenshot(path=PICTURES / "lesson-suggestion-changed.png")
    assert site.call(TUTOR, "GET", path(lesson.session_id))["attendance_source"] == "system_default"
    decide(review).click()
    expect_closed(page)


def test_what_was_chosen_stays_chosen_when_the_suggestion_changes(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(replace(PUNCTUAL, students={}))
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    choose(review, "You", "Late")
    choose(review, "You", "Present")
    came_late = replace(lesson, story=replace(PUNCTUAL, tutor=stay(8, 60), students={201: stay(0, 60)}))
    site.record((came_late,), came_late.end)
    decide(review).click()
    expect(alert(review)).to_contain_text("The suggestion has changed since you looked")
    # The one is what a person chose, the other what is suggested now.
    expect(decide(review)).to_have_text("Mark you and Sara present")


def test_a_suggestion_that_is_out_of_date_can_not_be_accepted_while_the_new_one_is_missing(
    open_window: OpenWindow, site: Site
) -> None:
    (lesson,) = site.add(replace(PUNCTUAL, students={}))
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    came_late = replace(lesson, story=replace(PUNCTUAL, students={201: stay(8, 60)}))
    site.record((came_late,), came_late.end)
    suggestion_path = f"**{path(lesson.session_id)}/attendance-suggestion"
    page.route(suggestion_path, lambda route: route.abort())
    decide(review).click()
    expect(alert(review)).to_contain_text("The new one could not be loaded.")
    expect(review).to_contain_text("It could not be loaded who was connected.")
    # Nothing is chosen any more, so there is nothing to send.
    decide(review).click()
    expect(review.get_by_role("radiogroup", name="You")).to_contain_text("Choose one of these.")
    assert site.call(TUTOR, "GET", path(lesson.session_id))["attendance_source"] == "system_default"
    page.unroute(suggestion_path)
    review.get_by_role("button", name="Try again").click()
    expect(decide(review)).to_have_text("Mark you present, Sara late")
    decide(review).click()
    expect_closed(page)


def test_another_persons_decision_in_between_is_shown_and_not_overwritten(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(UNMARKED)
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    choose(review, "You", "Present")
    choose(review, "Sara Alemu", "Present")
    site.call(PARENT, "PUT", f"{path(lesson.session_id)}/attendance", student_attendance_status="late")
    decide(review).click()
    expect(alert(review)).to_contain_text("Almaz Tesema (parent) decided in the meantime: Sara Alemu Late.")
    expect(section(review, "Recorded")).to_contain_text("Late")
    expect(decide(review)).to_have_text("Mark you and Sara present")
    decide(review).click()
    expect_closed(page)
    stored = site.call(TUTOR, "GET", path(lesson.session_id))
    assert (stored["student_attendance_status"], stored["attendance_source"]) == ("present", "manual")


def test_an_admins_decision_in_between_stands(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(UNMARKED)
    review = open_review(open_window(TUTOR), lesson.session_id)
    choose(review, "You", "Present")
    choose(review, "Sara Alemu", "Present")
    site.call(
        ADMIN,
        "PUT",
        f"{path(lesson.session_id)}/attendance",
        tutor_attendance_status="absent",
        student_attendance_status="late",
    )
    decide(review).click()
    expect(alert(review)).to_contain_text(
        "Tigist Worku (admin) decided in the meantime: Abebe Kebede Absent, Sara Alemu Late."
    )
    expect(section(review, "Recorded")).to_contain_text("Decided by an admin")
    expect(review).to_contain_text("An admin decided this, so only an admin can change it.")
    expect(decide(review)).to_be_hidden()
    expect(review.get_by_role("radiogroup")).to_have_count(0)
    stored = site.call(TUTOR, "GET", path(lesson.session_id))
    assert (stored["tutor_attendance_status"], stored["attendance_source"]) == ("absent", "admin_override")


def test_where_only_the_student_is_an_admins_the_tutor_is_still_marked(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(replace(UNMARKED, mark=Mark(by=901, student="late")))
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    expect(review.get_by_role("radiogroup")).to_have_count(1)
    choose(review, "You", "Present")
    decide(review).click()
    expect_closed(page)
    stored = site.call(TUTOR, "GET", path(lesson.session_id))
    assert (stored["tutor_attendance_source"], stored["student_attendance_source"]) == ("manual", "admin_override")


def test_without_facts_nothing_is_chosen_beforehand_and_it_says_what_is_missing(
    open_window: OpenWindow, site: Site
) -> None:
    (lesson,) = site.add(UNMARKED)
    page = open_window(TUTOR, viewport={"width": 390, "height": 844})
    review = open_review(page, lesson.session_id)
    expect(review.get_by_role("radio")).to_have_count(6)
    expect(review.get_by_role("radio", checked=True)).to_have_count(0)
    expect(decide(review)).to_have_text("Mark attendance")
    choose(review, "You", "Late")
    decide(review).click()
    student = review.get_by_role("radiogroup", name="Sara Alemu")
    expect(student).to_contain_text("Choose one of these.")
    expect(student.get_by_role("radio", name="Present")).to_be_focused()
    page.screenshot(path=PICTURES / "lesson-choose.png")
    choose(review, "Sara Alemu", "Absent")
    expect(student).not_to_contain_text("Choose one of these.")
    decide(review).click()
    expect_closed(page)
    stored = site.call(TUTOR, "GET", path(lesson.session_id))
    assert (stored["tutor_attendance_status"], stored["student_attendance_status"]) == ("late", "absent")


def test_what_is_marked_is_changed_on_purpose_and_the_rest_stays_as_it_is(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(replace(PUNCTUAL, mark=Mark(by=101, tutor="late", student="late", notes="Rain")))
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    expect(section(review, "Recorded")).to_contain_text("Rain")
    expect(review.get_by_role("radiogroup")).to_have_count(0)
    expect(review.locator("button.primary:visible")).to_have_text(["Change"])
    review.get_by_role("button", name="Change").click()
    expect(review.get_by_role("heading", name="Attendance")).to_be_focused()
    expect(review.get_by_role("textbox", name="Note")).to_have_value("Rain")
    decide(review).click()
    expect(status(review)).to_contain_text("This is recorded already")
    choose(review, "Sara Alemu", "Present")
    expect(decide(review)).to_have_text("Change to Sara present")
    decide(review).click()
    expect_closed(page)
    stored = site.call(TUTOR, "GET", path(lesson.session_id))
    statuses = (stored["tutor_attendance_status"], stored["student_attendance_status"])
    assert (*statuses, stored["attendance_notes"]) == ("late", "present", "Rain")


def test_who_does_not_want_to_change_it_after_all_cancels(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(replace(PUNCTUAL, mark=Mark(by=101, tutor="late", student="late")))
    review = open_review(open_window(TUTOR), lesson.session_id)
    review.get_by_role("button", name="Change").click()
    choose(review, "You", "Absent")
    review.get_by_role("button", name="Cancel").click()
    expect(review.get_by_role("radiogroup")).to_have_count(0)
    expect(review.get_by_role("button", name="Change")).to_be_focused()
    review.get_by_role("button", name="Change").click()
    expect(review.get_by_role("radiogroup", name="You").get_by_role("radio", name="Late")).to_be_checked()


def test_what_is_decided_in_another_tab_is_shown_at_once(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(PUNCTUAL)
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    review.get_by_role("textbox", name="Note").fill("Still typing")
    site.call(TUTOR, "PUT", f"{path(lesson.session_id)}/attendance", use_suggestion=True)
    page.evaluate("(id) => new BroadcastChannel('attendance').postMessage(id)", lesson.session_id)
    expect(status(review).last).to_contain_text("Abebe Kebede (tutor) has just decided")
    expect(section(review, "Recorded")).to_contain_text("Present")
    review.get_by_role("button", name="Change").click()
    expect(review.get_by_role("textbox", name="Note")).to_have_value("Still typing")


def test_a_parent_reports_their_child_by_name_and_nothing_else(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(UNMARKED)
    page = open_window(PARENT)
    review = open_review(page, lesson.session_id)
    expect(review.get_by_role("radiogroup")).to_have_count(1)
    choose(review, "Was Sara Alemu there?", "Absent")
    expect(decide(review)).to_have_text("Report Sara absent")
    decide(review).click()
    expect_closed(page)
    stored = site.call(PARENT, "GET", path(lesson.session_id))
    assert (stored["student_attendance_source"], stored["tutor_attendance_source"]) == (
        "parent_reported",
        "system_default",
    )


def test_a_parent_adds_a_note_to_what_they_reported(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(replace(UNMARKED, mark=Mark(by=301, student="late")))
    page = open_window(PARENT)
    review = open_review(page, lesson.session_id)
    review.get_by_role("button", name="Change").click()
    review.get_by_role("textbox", name="Note").fill("The bus was late")
    decide(review).click()
    expect_closed(page)
    stored = site.call(PARENT, "GET", path(lesson.session_id))
    assert (stored["student_attendance_status"], stored["attendance_notes"]) == ("late", "The bus was late")


def test_a_parent_is_not_offered_what_an_admin_decided(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(replace(UNMARKED, mark=Mark(by=901, tutor="present", student="late")))
    review = open_review(open_window(PARENT), lesson.session_id)
    expect(review).to_contain_text("An admin decided this. If it is wrong, tell them")
    expect(review.get_by_role("button", name="Change")).to_be_hidden()
    expect(review.get_by_role("button", name="This is not right")).to_be_visible()


def test_a_student_sees_everything_and_decides_nothing(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(PUNCTUAL)
    review = open_review(open_window(STUDENT), lesson.session_id)
    expect(section(review, "Recorded")).to_contain_text("You Not marked yet")
    expect(about(review, "You")).to_contain_text("On time · 60 of 60 min")
    expect(review).to_contain_text("Held: 60 min together.")
    expect(review.get_by_role("radio")).to_have_count(0)
    expect(review.locator(".foot button:visible")).to_have_count(0)


def test_a_cancelled_lesson_is_only_shown_to_everybody(open_window: OpenWindow) -> None:
    for who in (TUTOR, STUDENT, ADMIN):
        review = open_review(open_window(who), CANCELLED)
        expect(review).to_contain_text("Cancelled: nothing to mark.")
        expect(review).not_to_contain_text("bsent")
        expect(review.get_by_role("radio")).to_have_count(0)
        expect(review.locator(".foot button:visible")).to_have_count(0)


def test_a_lesson_that_is_over_is_marked_whatever_its_status_says(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(replace(PUNCTUAL, status="in-progress", starts_in=-20))
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    expect(review).not_to_contain_text("Live")
    expect(review.get_by_role("link", name="Join")).to_have_count(0)
    expect(decide(review)).to_have_text("Mark you and Sara present")
    decide(review).click()
    expect_closed(page)
