from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest

from development.demo.people import ENROLMENTS, PEOPLE, enrolment
from development.demo.stories import STORIES
from development.demo.timetable import Lesson, timetable

ZONE = ZoneInfo("Africa/Addis_Ababa")
MIDNIGHT = datetime(2026, 3, 9, tzinfo=UTC)
NOW = MIDNIGHT + timedelta(hours=10, minutes=7, seconds=30, microseconds=500)
LESSONS = timetable(STORIES, NOW, zone=ZONE)
#: The tracking service takes in nothing older than 24 h; the difference is for a start that takes long.
OLDEST = timedelta(hours=22)
EARLIEST_START, LATEST_START = time(7), time(20, 30)
#: Every hour of a day, at minutes on either side of the rounding.
TIMES = [MIDNIGHT + timedelta(hours=hour, minutes=minute) for hour in range(24) for minute in (0, 14, 15, 44, 59)]


def test_there_is_a_lesson_in_every_state() -> None:
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


@pytest.mark.parametrize("name", [person.name for person in PEOPLE] + [course.course for course in ENROLMENTS])
def test_names_are_ordinary_ones(name: str) -> None:
    assert name.replace(" ", "").replace(",", "").isalnum()


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


@pytest.mark.parametrize("now", TIMES, ids=lambda now: f"{now:%H:%M}")
def test_at_any_time_everything_that_happened_is_young_enough_to_be_streamed(now: datetime) -> None:
    for lesson in timetable(STORIES, now, zone=ZONE):
        stays = [stay for stays in (lesson.story.tutor, *lesson.story.students.values()) for stay in stays]
        assert all(lesson.start + timedelta(minutes=stay.joins) > now - OLDEST for stay in stays)


@pytest.mark.parametrize("now", TIMES, ids=lambda now: f"{now:%H:%M}")
def test_at_any_time_lessons_lie_between_morning_and_evening_but_for_the_one_in_progress(now: datetime) -> None:
    starts = {
        lesson.start.astimezone(ZONE).time()
        for lesson in timetable(STORIES, now, zone=ZONE)
        if lesson.story.status != "in-progress"
    }
    assert min(starts) >= EARLIEST_START
    assert max(starts) <= LATEST_START


@pytest.mark.parametrize("now", TIMES, ids=lambda now: f"{now:%H:%M}")
def test_at_any_time_the_status_of_each_lesson_fits(now: datetime) -> None:
    for lesson in timetable(STORIES, now, zone=ZONE):
        past, begun = lesson.end < now, lesson.start < now
        expected = {"scheduled": (False, False), "in-progress": (False, True)}.get(lesson.story.status, (True, True))
        assert (lesson.story.what, past, begun) == (lesson.story.what, *expected)


@pytest.mark.parametrize("now", TIMES, ids=lambda now: f"{now:%H:%M}")
def test_at_no_time_is_a_person_in_two_lessons_at_once(now: datetime) -> None:
    clashes = [
        (one.story.what, other.story.what)
        for one, other in combinations(timetable(STORIES, now, zone=ZONE), 2)
        if one.start < other.end and other.start < one.end and _people(one) & _people(other)
    ]
    assert clashes == []


def test_without_a_time_zone_every_hour_counts() -> None:
    placed = {story.starts_in: lesson for story, lesson in zip(STORIES, timetable(STORIES, MIDNIGHT), strict=True)}
    assert all(lesson.start == MIDNIGHT + timedelta(hours=hours) for hours, lesson in placed.items())


def _people(lesson: Lesson) -> set[int]:
    return set(_ids(lesson))


def _ids(lesson: Lesson) -> Iterator[int]:
    course = enrolment(lesson.story.enrolment)
    yield course.tutor
    yield from course.students
