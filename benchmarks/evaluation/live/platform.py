"""The rows that the platform would have written: scheduled sessions and their whiteboards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import create_engine, text

from benchmarks.evaluation.simulation.plan import ClassPlan
from benchmarks.evaluation.simulation.words import Role
from servicekit.database.engine import sqlalchemy_url

_INSERT_WHITEBOARDS = text("""
    -- Whiteboards of classes, by their numbers.
    INSERT INTO whiteboard_sessions (id, tutor_id, student_id, scheduled_start, scheduled_end, status)
    VALUES (:number, :tutor, :students, :start, :end, 'completed')
""")
_INSERT_SESSIONS = text("""
    -- Their schedules.
    INSERT INTO sessions (id, whiteboard_id, session_date, start_time, end_time, status)
    VALUES (:number, :number, :date, :start_time, :end_time, 'completed')
""")
_ROWS_PER_STATEMENT = 1_000


def schedule(url: str, plans: Iterable[ClassPlan], begins: datetime) -> None:
    """Insert classes; `begins` is the start of the calendar."""
    engine = create_engine(sqlalchemy_url(url))
    rows = (_row(plan, begins) for plan in plans)
    with engine.begin() as connection:
        while some := list(islice(rows, _ROWS_PER_STATEMENT)):
            connection.execute(_INSERT_WHITEBOARDS, some)
            connection.execute(_INSERT_SESSIONS, some)
    engine.dispose()


def _row(plan: ClassPlan, begins: datetime) -> Mapping[str, Any]:
    start = begins + timedelta(milliseconds=plan.starts_at)
    end = start + timedelta(milliseconds=plan.length)
    return {
        "number": plan.number,
        "tutor": next(person.user_id for person in plan.people if person.role is Role.TUTOR),
        "students": [person.user_id for person in plan.people if person.role is Role.STUDENT],
        "start": start,
        "end": end,
        "date": start.date(),
        "start_time": start.time(),
        "end_time": end.time(),
    }
