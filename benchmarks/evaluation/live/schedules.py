"""The platform's rows of classes: who they are, who is enrolled, which whiteboard names whom, and when they meet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, create_engine, text

from benchmarks.evaluation.simulation.plan import ClassPlan, Place, Role, Situation
from servicekit.database.url import sqlalchemy_url

#: tutor_profiles.id and student_profiles.id are users.id plus this, so that a mix-up is noticed.
_PROFILES_FROM = 1_000_000_000
_ROWS_PER_STATEMENT = 1_000

_INSERT_USERS = text("INSERT INTO users (id) SELECT unnest(CAST(:users AS integer[]))")
_INSERT_PROFILES = {
    role: text(f"""
        INSERT INTO {role}_profiles (id, user_id)
        SELECT {_PROFILES_FROM} + id, id FROM unnest(CAST(:users AS integer[])) AS id
    """)  # noqa: S608 - constants
    for role in Role
}
_INSERT_ENROLMENTS = text("""
    -- Rosters of classes, by their numbers.
    INSERT INTO enrolled_courses (id, tutor_id, students_id) VALUES (:number, :tutor, :students)
""")
_INSERT_WHITEBOARDS = text("""
    -- Whiteboards of classes, by their numbers.
    INSERT INTO whiteboard_sessions (id, tutor_id, student_id, scheduled_start, scheduled_end, status)
    VALUES (:number, :tutor, :students, :start, :end, 'completed')
""")
_INSERT_SESSIONS = text("""
    -- Their schedules.
    INSERT INTO sessions (id, enrolled_courses_id, whiteboard_id, session_date, start_time, end_time, status)
    VALUES (:number, :enrolment, :number, :date, :start_time, :end_time, 'completed')
""")
_TAKE_OFF = text("""
    -- Take a student off a whiteboard.
    UPDATE whiteboard_sessions SET student_id = array_remove(student_id, :student) WHERE id = :number
""")


def schedule(url: str, plans: Iterable[ClassPlan], begins: datetime) -> None:
    """Insert the people, rosters, whiteboards and sessions of classes; `begins` is the start of the calendar."""
    remaining = iter(plans)
    engine = create_engine(sqlalchemy_url(url))
    with engine.begin() as connection:
        while portion := list(islice(remaining, _ROWS_PER_STATEMENT)):
            _insert_people(connection, portion)
            enrolled = [_enrolment(plan) for plan in portion if _has_enrolment(plan)]
            if enrolled:
                connection.execute(_INSERT_ENROLMENTS, enrolled)
            connection.execute(_INSERT_WHITEBOARDS, [_whiteboard(plan, begins) for plan in portion])
            connection.execute(_INSERT_SESSIONS, [_session(plan, begins) for plan in portion])
    engine.dispose()


def take_off(url: str, plans: Iterable[ClassPlan]) -> None:
    """Take those off the whiteboards' lists who are named only until the lesson is over."""
    rows = [
        {"number": plan.number, "student": person.user_id}
        for plan in plans
        for person in plan.people
        if person.place is Place.TAKEN_OFF
    ]
    engine = create_engine(sqlalchemy_url(url))
    with engine.begin() as connection:
        if rows:
            connection.execute(_TAKE_OFF, rows)
    engine.dispose()


def _insert_people(connection: Connection, plans: Sequence[ClassPlan]) -> None:
    people = [person for plan in plans for person in plan.people]
    connection.execute(_INSERT_USERS, {"users": [person.user_id for person in people]})
    for role, statement in _INSERT_PROFILES.items():
        connection.execute(statement, {"users": [person.user_id for person in people if person.role is role]})


def _has_enrolment(plan: ClassPlan) -> bool:
    return plan.situation is not Situation.NO_ENROLMENT


def _enrolment(plan: ClassPlan) -> Mapping[str, Any]:
    profiles = {
        role: [_PROFILES_FROM + person.user_id for person in plan.people if person.is_judged and person.role is role]
        for role in Role
    }
    return {"number": plan.number, "tutor": profiles[Role.TUTOR][0], "students": profiles[Role.STUDENT]}


def _whiteboard(plan: ClassPlan, begins: datetime) -> Mapping[str, Any]:
    named = [person for person in plan.people if person.place is not Place.ROSTER]
    start = begins + timedelta(milliseconds=plan.starts_at)
    return {
        "number": plan.number,
        "tutor": next(person.user_id for person in named if person.role is Role.TUTOR),
        "students": [person.user_id for person in named if person.role is Role.STUDENT],
        "start": start,
        "end": start + timedelta(milliseconds=plan.length),
    }


def _session(plan: ClassPlan, begins: datetime) -> Mapping[str, Any]:
    start = begins + timedelta(milliseconds=plan.starts_at)
    return {
        "number": plan.number,
        "enrolment": plan.number if _has_enrolment(plan) else None,
        "date": start.date(),
        "start_time": start.time(),
        "end_time": (start + timedelta(milliseconds=plan.length)).time(),
    }
