"""Absences that are announced before a lesson."""

from __future__ import annotations

from datetime import datetime

from playwright.sync_api import expect

from development.demo.people import person
from development.demo.story import Story
from testkit.browser import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.lessons import card
from tests.e2e.pages.messages import status
from tests.e2e.pages.records import form, row
from tests.e2e.pages.reviews import expect_closed, open_review, section
from tests.e2e.pages.site import ZONE, Site

TUTOR, STUDENT, PARENT, ADMIN = person(101), person(201), person(301), person(901)
COMING = Story(what="To come", enrolment=1, starts_in=30, status="scheduled")


def test_a_parent_announces_that_their_child_will_not_come_and_takes_it_back(
    open_window: OpenWindow, site: Site
) -> None:
    (lesson,) = site.add(COMING)
    page = open_window(PARENT, f"#/children/{STUDENT.profile_id}", viewport={"width": 390, "height": 844})
    more = page.get_by_role("button", name="Show all")
    if not row(page, lesson.session_id).is_visible():
        more.last.click()
    row(page, lesson.session_id).get_by_role("button", name="Announce an absence").click()
    expect(form(page).get_by_role("heading", name="Sara will not come")).to_be_visible()
    form(page).get_by_role("button", name="Announce", exact=True).click()
    expect(form(page)).to_contain_text("Write a few words.")
    expect(form(page).get_by_label("Why")).to_be_focused()
    form(page).get_by_label("Why").fill("A visit to the dentist")
    page.screenshot(path=PICTURES / "absence-announce-phone.png")
    form(page).get_by_role("button", name="Announce", exact=True).click()
    announced = row(page, lesson.session_id)
    expect(announced).to_contain_text("A visit to the dentist")
    expect(status(page)).to_contain_text("The absence is announced. Abebe Kebede sees it.")
    path = f"/api/tutor/sessions/{lesson.session_id}"
    assert site.get(TUTOR, path)["students"][0]["absence_announced"] == "A visit to the dentist"
    page.screenshot(path=PICTURES / "absence-announced-phone.png")
    take_back = announced.get_by_role("button", name="Will come after all")
    take_back.click()
    expect(row(page, lesson.session_id).get_by_role("button", name="Announce an absence")).to_be_focused()
    assert "absence_announced" not in site.get(TUTOR, path)["students"][0]
    page.get_by_role("button", name="Undo").click()
    expect(row(page, lesson.session_id)).to_contain_text("A visit to the dentist")
    expect(row(page, lesson.session_id).get_by_role("button", name="Will come after all")).to_be_focused()
    assert site.get(TUTOR, path)["students"][0]["absence_announced"] == "A visit to the dentist"


def test_a_parent_announces_an_absence_for_all_lessons_of_a_day_or_week(open_window: OpenWindow, site: Site) -> None:
    monday = (24 * (7 - datetime.now(ZONE).weekday()) + 24 * 7) - datetime.now(ZONE).hour
    #: Two on the Monday after next, and one on its Wednesday; the last is of the week after.
    hours = (monday + 9, monday + 14, monday + 48 + 9, monday + 24 * 7 + 9)
    lessons = site.add(*(Story(what="Several", enrolment=1, starts_in=each, status="scheduled") for each in hours))
    page = open_window(PARENT, f"#/children/{STUDENT.profile_id}", viewport={"width": 390, "height": 844})
    more = page.get_by_role("button", name="Show all")
    expect(more.last).to_be_visible()
    more.last.click()
    row(page, lessons[0].session_id).get_by_role("button", name="Announce an absence").click()
    form(page).get_by_label("Why").fill("A journey")
    expect(form(page).get_by_role("radio", name="This one")).to_be_checked()
    expect(form(page).get_by_role("radio", name="All 2 of this day")).to_be_attached()
    form(page).get_by_role("radio", name="All 3 of this week").check()
    page.screenshot(path=PICTURES / "absences-announce-phone.png")
    form(page).get_by_role("button", name="Announce", exact=True).click()
    expect(status(page)).to_contain_text("3 absences are announced. The tutors see them.")
    for lesson in lessons[:3]:
        expect(row(page, lesson.session_id)).to_contain_text("A journey")
    announced = [site.get(TUTOR, f"/api/tutor/sessions/{lesson.session_id}")["students"][0] for lesson in lessons]
    assert [student.get("absence_announced") for student in announced] == ["A journey"] * 3 + [None]


def test_an_announced_absence_is_shown_however_many_lessons_come(open_window: OpenWindow, site: Site) -> None:
    lessons = site.add(*(Story(what="To come", enrolment=1, starts_in=40 + n, status="scheduled") for n in range(6)))
    path = f"/api/tutor/sessions/{lessons[-1].session_id}/absence-notices"
    site.call(PARENT, "POST", path, student_id=STUDENT.profile_id, reason="A wedding in Gondar")
    page = open_window(PARENT)
    expect(row(page, lessons[-1].session_id)).to_contain_text("Will not come")
    expect(row(page, lessons[-1].session_id)).to_contain_text("Reason: A wedding in Gondar")


def test_students_and_parents_read_that_the_tutor_will_not_come(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(Story(what="Next", enrolment=1, starts_in=1, status="scheduled"))
    path = f"/api/tutor/sessions/{lesson.session_id}/absence-notices"
    site.call(TUTOR, "POST", path, about_tutor=True, reason="A power cut")
    for who in (STUDENT, PARENT):
        page = open_window(who)
        expect(row(page, lesson.session_id)).to_contain_text("Abebe Kebede will not come: A power cut")
    notice = open_window(ADMIN, "#/claims").locator(".waiting-item", has_text="A power cut")
    expect(notice).to_contain_text("with Sara Alemu")
    site.execute("UPDATE sessions SET status = 'cancelled' WHERE id = %s", lesson.session_id)


def test_the_tutor_sees_it_on_the_card_and_the_student_in_the_lesson(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(COMING)
    path = f"/api/tutor/sessions/{lesson.session_id}/absence-notices"
    site.call(PARENT, "POST", path, student_id=STUDENT.profile_id, reason="A wedding")
    day = lesson.start.astimezone(ZONE).date().isoformat()
    page = open_window(TUTOR, f"#/lessons?from={day}&to={day}")
    expect(card(page, lesson.session_id)).to_contain_text("Sara Alemu will not come: A wedding")
    review = open_review(open_window(STUDENT), lesson.session_id)
    expect(section(review, "Announced absences")).to_contain_text("will not come: A wedding")
    expect(section(review, "Announced absences").get_by_role("button")).to_have_count(0)


def test_a_tutor_takes_their_own_notice_back(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(COMING)
    path = f"/api/tutor/sessions/{lesson.session_id}"
    site.call(TUTOR, "POST", f"{path}/absence-notices", about_tutor=True, reason="A power cut")
    page = open_window(TUTOR)
    review = open_review(page, lesson.session_id)
    review.get_by_role("button", name="Will come after all of Abebe Kebede").click()
    expect(review.get_by_role("button", name="Announce an absence of Abebe Kebede")).to_be_visible()
    page.keyboard.press("Escape")
    expect_closed(page)
    assert "tutor_absence_announced" not in site.get(TUTOR, path)


def test_a_notice_that_comes_too_late_is_refused_with_the_reason(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(Story(what="Next", enrolment=1, starts_in=0.5, status="scheduled"))
    page = open_window(PARENT)
    row(page, lesson.session_id).get_by_role("button", name="Announce an absence").click()
    site.execute("UPDATE sessions SET session_date = session_date - 30 WHERE id = %s", lesson.session_id)
    form(page).get_by_label("Why").fill("Too late")
    form(page).get_by_role("button", name="Announce", exact=True).click()
    expect(form(page).get_by_role("alert")).to_contain_text("has begun")
    expect(form(page).get_by_label("Why")).to_have_value("Too late")
