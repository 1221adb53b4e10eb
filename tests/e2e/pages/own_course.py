"""Lessons of a course of their own: a search for its name finds them, and no lesson of another test."""

from __future__ import annotations

from itertools import count
from urllib.parse import quote

from development.demo.people import Person, enrolment, person
from development.demo.story import Story
from development.demo.timetable import Lesson
from testkit.eventually import eventually
from tests.e2e.pages.site import Site, in_a_thread

ADMIN = person(901)
#: What is suggested about older lessons, or without a whiteboard, says little.
RECENT_HOURS = 23
_NUMBERS = count(5001)
_COURSE = "INSERT INTO courses (id, course_name) VALUES (%s, %s)"
_ENROLMENT = """
    INSERT INTO enrolled_courses (id, tutor_id, students_id, package_id, course_id)
    SELECT %s, tutor_id, students_id, package_id, ARRAY[%s] FROM enrolled_courses WHERE id = %s
"""
_MOVE = "UPDATE sessions SET enrolled_courses_id = %s WHERE id = ANY (%s)"


def add_course(site: Site, name: str, *stories: Story) -> tuple[Lesson, ...]:
    """Add lessons that belong to a course of this name; what is suggested about them is there when this returns.

    All have the same people: those of the enrolment that the first one names.
    """
    lessons = site.add(*stories)
    number, ids = next(_NUMBERS), [lesson.session_id for lesson in lessons]
    site.execute(_COURSE, number, name)
    site.execute(_ENROLMENT, number, number, stories[0].enrolment)
    site.execute(_MOVE, number, ids)
    for lesson in lessons:
        if lesson.story.has_whiteboard and -RECENT_HOURS < lesson.story.starts_in < -1:
            wait_until_settled(site, lesson.session_id, name)
    return lessons


def tutor_of(story: Story) -> Person:
    """Return who gives a lesson."""
    return person(enrolment(story.enrolment).tutor)


def found(path: str, course: str) -> str:
    """Return the address of a list in which only the lessons of this course are."""
    return f"{path}?search={quote(course)}"


def wait_until_settled(site: Site, session_id: int, course: str = "") -> None:
    """Wait until the service's own job has judged a session."""

    def is_settled() -> bool:
        session = site.get(ADMIN, f"/api/tutor/sessions/{session_id}")
        return "suggestion" in session and course in session["course_name"]

    in_a_thread(eventually(is_settled))
