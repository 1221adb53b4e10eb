"""The rows that the platform itself would have written: people, courses, scheduled lessons.

Everything that the services own is written by the services.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import TextClause, text
from sqlalchemy.engine import Connection

from development.demo.people import ENROLMENTS, PEOPLE, Person, enrolment, person
from development.demo.timetable import Lesson

_ANY_USER = text("SELECT EXISTS (SELECT FROM users)")
_PEOPLE_OF_DEMO = text("SELECT count(*) FROM users WHERE id = :id AND first_name = :first_name")

# None changes what an interrupted first attempt has inserted.
_INSERT_USER = text(
    "INSERT INTO users (id, first_name, father_name) VALUES (:id, :first_name, :father_name) ON CONFLICT DO NOTHING"
)
_INSERT_TUTOR = text(
    "INSERT INTO tutor_profiles (id, user_id, username) VALUES (:id, :user_id, :username) ON CONFLICT DO NOTHING"
)
_INSERT_STUDENT = text(
    "INSERT INTO student_profiles (id, user_id, username, parent_id) "
    "VALUES (:id, :user_id, :username, :parent_id) ON CONFLICT DO NOTHING"
)
_INSERT_PARENT = text(
    "INSERT INTO parent_profiles (id, user_id, children_ids) "
    "VALUES (:id, :user_id, :children_ids) ON CONFLICT DO NOTHING"
)
_INSERT_COURSE = text("INSERT INTO courses (id, course_name) VALUES (:id, :name) ON CONFLICT DO NOTHING")
_INSERT_PACKAGE = text("INSERT INTO tutor_packages (id, name) VALUES (:id, :name) ON CONFLICT DO NOTHING")
_INSERT_ENROLMENT = text(
    "INSERT INTO enrolled_courses (id, tutor_id, students_id, package_id, course_id) "
    "VALUES (:id, :tutor_id, :students_id, :id, ARRAY[:id]) ON CONFLICT DO NOTHING"
)
_INSERT_WHITEBOARD = text(
    "INSERT INTO whiteboard_sessions (id, tutor_id, student_id, title, scheduled_start, scheduled_end, status) "
    "VALUES (:id, :tutor_id, :student_id, :title, :start, :end, :status) ON CONFLICT DO NOTHING"
)
_INSERT_SESSION = text(
    "INSERT INTO sessions (id, enrolled_courses_id, whiteboard_id, session_date, start_time, end_time, status) "
    "VALUES (:id, :enrolment_id, :whiteboard_id, :date, :start, :end, :status) ON CONFLICT DO NOTHING"
)

#: The next row that is inserted gets a higher id than all of these.
_CONTINUE_NUMBERS = text(
    "SELECT setval(pg_get_serial_sequence(name, 'id'), 1000) FROM unnest(ARRAY["
    "'users', 'tutor_profiles', 'student_profiles', 'parent_profiles', 'courses', 'tutor_packages', "
    "'enrolled_courses', 'whiteboard_sessions', 'sessions']) AS name"
)


_Rows = tuple[TextClause, Sequence[Mapping[str, Any]]]


def has_users(connection: Connection) -> bool:
    """Return whether the database has users."""
    return bool(connection.execute(_ANY_USER).scalar_one())


def is_demo(connection: Connection) -> bool:
    """Return whether the database has all people of the demo."""
    return all(
        connection.execute(_PEOPLE_OF_DEMO, {"id": known.user_id, "first_name": known.first_name}).scalar_one()
        for known in PEOPLE
    )


def insert_rows(connection: Connection, lessons: Iterable[Lesson]) -> None:
    """Insert everything that connections need: people, courses and whiteboards."""
    whiteboards = [_whiteboard(lesson) for lesson in lessons if lesson.whiteboard_id is not None]
    _insert(connection, *_people_rows(), *_course_rows(), (_INSERT_WHITEBOARD, whiteboards))


def insert_sessions(connection: Connection, lessons: Iterable[Lesson], zone: ZoneInfo) -> None:
    """Insert the tutoring sessions; their dates are those of `zone`.

    To be called when the connections are recorded: a session that is over is judged as soon as it is there.
    """
    _insert(connection, (_INSERT_SESSION, [_session(lesson, zone) for lesson in lessons]))


def _insert(connection: Connection, *statements: _Rows) -> None:
    for statement, rows in statements:
        if rows:
            connection.execute(statement, rows)
    connection.execute(_CONTINUE_NUMBERS)


def _people_rows() -> tuple[_Rows, ...]:
    users = [
        {"id": known.user_id, "first_name": known.first_name, "father_name": known.father_name} for known in PEOPLE
    ]
    return (
        (_INSERT_USER, users),
        (_INSERT_TUTOR, [_profile(known) for known in PEOPLE if known.role == "tutor"]),
        (_INSERT_STUDENT, [_profile(known) for known in PEOPLE if known.role == "student"]),
        (_INSERT_PARENT, [_profile(known) for known in PEOPLE if known.role == "parent"]),
    )


def _profile(known: Person) -> Mapping[str, Any]:
    parents = [
        parent.profile_id for parent in PEOPLE if known.role == "student" and known.profile_id in parent.children
    ]
    return {
        "id": known.profile_id,
        "user_id": known.user_id,
        "username": known.username,
        "parent_id": parents,
        "children_ids": list(known.children),
    }


def _course_rows() -> tuple[_Rows, ...]:
    names = [{"id": course.enrolment_id, "name": course.course} for course in ENROLMENTS]
    enrolments = [
        {
            "id": course.enrolment_id,
            "tutor_id": person(course.tutor).profile_id,
            "students_id": [person(student).profile_id for student in course.students],
        }
        for course in ENROLMENTS
    ]
    return (_INSERT_COURSE, names), (_INSERT_PACKAGE, names), (_INSERT_ENROLMENT, enrolments)


def _whiteboard(lesson: Lesson) -> Mapping[str, Any]:
    course = enrolment(lesson.story.enrolment)
    guests = [person(user_id) for user_id in lesson.story.guests]
    substitutes = [guest.user_id for guest in guests if guest.role == "tutor"]
    return {
        "id": lesson.whiteboard_id,
        "tutor_id": substitutes[0] if substitutes else course.tutor,
        "student_id": [*course.students, *(guest.user_id for guest in guests if guest.role == "student")],
        "title": course.course,
        "start": lesson.start,
        "end": lesson.end,
        "status": lesson.story.status,
    }


def _session(lesson: Lesson, zone: ZoneInfo) -> Mapping[str, Any]:
    start, end = lesson.start.astimezone(zone), lesson.end.astimezone(zone)
    return {
        "id": lesson.session_id,
        "enrolment_id": lesson.story.enrolment,
        "whiteboard_id": lesson.whiteboard_id,
        "date": start.date(),
        "start": start.time(),
        "end": end.time(),
        "status": lesson.story.status,
    }
