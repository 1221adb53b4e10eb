"""A class of forty, of a course of its own: 31 on time, 5 late, 4 who never came."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from development.demo.heartbeats import presence_events, stream
from development.demo.story import Stay, Story, stay
from development.demo.timetable import Lesson, timetable
from servicekit.auth.issuer import issue_service_token
from servicekit.clock import SystemClock
from testkit.tokens import SECRET
from tests.e2e.pages.site import ZONE, Site, in_a_thread

#: Ids of users, profiles and the enrolment; lessons and whiteboards have higher ones than those of other tests.
FIRST_STUDENT, ENROLMENT, LESSON = 30_001, 30_000, 30_001
ON_TIME, LATE, ABSENT = 31, 5, 4
STUDENTS = ON_TIME + LATE + ABSENT
NAMES = ("Abel", "Bilen", "Caleb", "Dina", "Elias", "Feven", "Girma", "Helen", "Isaac", "Jember")
FATHERS = ("Alemu", "Bekele", "Chala", "Desta")
#: Of the demo: the tutor of its class.
_ENROLMENT_OF_TUTOR, _TUTOR_PROFILE, _TUTOR = 3, 2, 102


def name_of(index: int) -> str:
    """Return the name of a student, from 0."""
    return f"{NAMES[index % len(NAMES)]} {FATHERS[index // len(NAMES)]}"


def _stays(index: int) -> tuple[Stay, ...]:
    if index < ON_TIME:
        return stay(0, 60) if index % 3 else (*stay(1, 20), *stay(24, 60))
    return stay(6 + index - ON_TIME, 58) if index < ON_TIME + LATE else ()


def add_big_class(site: Site, number: int = LESSON) -> Lesson:
    """Add the class with one lesson, which is over; `number` is the lesson's and the whiteboard's id."""
    students = [FIRST_STUDENT + index for index in range(STUDENTS)]
    story = Story(
        what="A class of forty",
        enrolment=_ENROLMENT_OF_TUTOR,
        starts_in=-19,
        tutor=stay(-1, 60),
        students={student: _stays(index) for index, student in enumerate(students)},
    )
    now = datetime.now(UTC)
    (lesson,) = timetable([story], now, first_id=number)
    for index, student in enumerate(students):
        first, father = name_of(index).split()
        site.execute(
            "INSERT INTO users (id, first_name, father_name) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            student,
            first,
            father,
        )
        site.execute(
            "INSERT INTO student_profiles (id, user_id, username) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            student,
            student,
            f"student.{student}",
        )
    site.execute(
        "INSERT INTO courses (id, course_name) VALUES (%s, 'Exam preparation') ON CONFLICT DO NOTHING", ENROLMENT
    )
    site.execute(
        "INSERT INTO enrolled_courses (id, tutor_id, students_id, course_id) VALUES (%s, %s, %s, ARRAY[%s]) "
        "ON CONFLICT DO NOTHING",
        ENROLMENT,
        _TUTOR_PROFILE,
        students,
        ENROLMENT,
    )
    site.execute(
        "INSERT INTO whiteboard_sessions (id, tutor_id, student_id, title, scheduled_start, scheduled_end, status) "
        "VALUES (%s, %s, %s, 'Exam preparation', %s, %s, 'completed')",
        lesson.whiteboard_id,
        _TUTOR,
        students,
        lesson.start,
        lesson.end,
    )
    relay = issue_service_token(SECRET, service="test-whiteboard", clock=SystemClock())
    in_a_thread(stream(presence_events((lesson,), now), site.tracking.address, relay))
    start = lesson.start.astimezone(ZONE)
    end = start + timedelta(minutes=story.minutes)
    site.execute(
        "INSERT INTO sessions (id, enrolled_courses_id, whiteboard_id, session_date, start_time, end_time, status) "
        "VALUES (%s, %s, %s, %s, %s, %s, 'completed')",
        lesson.session_id,
        ENROLMENT,
        lesson.whiteboard_id,
        start.date(),
        start.time(),
        end.time(),
    )
    return lesson
