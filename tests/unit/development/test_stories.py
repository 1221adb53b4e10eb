from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations
from unicodedata import bidirectional

import pytest

from development.demo.people import ENROLMENTS, PEOPLE, enrolment
from development.demo.stories import STORIES
from development.demo.timetable import Lesson, timetable

NOW = datetime(2026, 3, 9, 10, 7, 30, 500, tzinfo=UTC)
LESSONS = timetable(STORIES, NOW)
#: The tracking service takes in nothing older than 24 h; the difference is for whoever starts slowly.
OLDEST = timedelta(hours=20)
#: Fills more than two lines of a phone.
LONG_NAME_CHARACTERS = 100


def test_lessons_are_told_in_every_state() -> None:
    assert {story.status for story in STORIES} == {"scheduled", "in-progress", "completed", "cancelled", "missed"}


def test_the_first_lesson_is_the_one_of_the_guide() -> None:
    first = LESSONS[0]
    assert (first.session_id, first.whiteboard_id, first.story.status) == (1, 1, "completed")
    assert enrolment(first.story.enrolment).tutor == 101
    assert first.story.mark is None


def test_the_guides_student_report_has_its_student() -> None:
    assert [person.user_id for person in PEOPLE if person.role == "student" and person.profile_id == 28] == [201]


def test_some_lessons_are_decided_and_some_are_not() -> None:
    assert {story.mark is None for story in STORIES if story.status == "completed"} == {True, False}


def test_one_name_would_be_an_attack_if_a_page_did_not_escape_it() -> None:
    assert any("<img" in person.name for person in PEOPLE)


def test_some_names_are_hard_to_lay_out() -> None:
    names = [person.name for person in PEOPLE]
    assert any("'" in name and '"' in name for name in names)
    assert any(bidirectional(name[0]) == "AL" for name in names)
    assert max(len(course.course) for course in ENROLMENTS) > LONG_NAME_CHARACTERS


def test_a_parent_has_two_children_one_of_them_in_the_group_class() -> None:
    classes = [course.students for course in ENROLMENTS if len(course.students) > 1]
    children = [
        [child.user_id for child in PEOPLE if child.role == "student" and child.profile_id in parent.children]
        for parent in PEOPLE
    ]
    [two] = [siblings for siblings in children if len(siblings) > 1]
    assert [any(child in students for students in classes) for child in two] == [True, False]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.story.what)
def test_only_those_who_are_enrolled_take_part(lesson: Lesson) -> None:
    assert lesson.story.students.keys() <= set(enrolment(lesson.story.enrolment).students)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.story.what)
def test_everything_that_happened_is_young_enough_to_be_streamed(lesson: Lesson) -> None:
    stays = [stay for stays in (lesson.story.tutor, *lesson.story.students.values()) for stay in stays]
    assert all(lesson.start + timedelta(minutes=stay.joins) > NOW - OLDEST for stay in stays)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.story.what)
def test_the_status_fits_the_time(lesson: Lesson) -> None:
    past, begun = lesson.end < NOW, lesson.start < NOW
    expected = {"scheduled": (False, False), "in-progress": (False, True)}.get(lesson.story.status, (True, True))
    assert (past, begun) == expected


def test_nobody_is_in_two_lessons_at_once() -> None:
    clashes = [
        (one.story.what, other.story.what)
        for one, other in combinations(LESSONS, 2)
        if one.start < other.end and other.start < one.end and _people(one) & _people(other)
    ]
    assert clashes == []


@pytest.mark.parametrize("minute", range(60))
def test_at_any_minute_the_lesson_that_goes_on_is_going_on(minute: int) -> None:
    now = NOW.replace(minute=minute)
    lesson = next(lesson for lesson in timetable(STORIES, now) if lesson.story.status == "in-progress")
    assert lesson.start < now < lesson.end


def _people(lesson: Lesson) -> set[int]:
    return set(_ids(lesson))


def _ids(lesson: Lesson) -> Iterator[int]:
    course = enrolment(lesson.story.enrolment)
    yield course.tutor
    yield from course.students
