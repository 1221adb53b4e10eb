"""Rows that the evaluation writes itself: those of the platform, and those that past outages would have left.

The platform writes scheduled sessions and their whiteboards. The tracking service writes when its replicas took events,
and how long a relay's stream lasted (docs/presence.md#observation-gaps). An outage of the past can't be repeated, so
these rows are written into the evaluation's own database as the replicas would have left them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import islice, pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import create_engine, text

from benchmarks.evaluation.simulation import calendar
from benchmarks.evaluation.simulation.plan import ClassPlan, Role
from servicekit.auth.principal import SERVICE_ROLE
from servicekit.database.engine import sqlalchemy_url

#: The replica that ran on the days of the calendar.
_REPLICA = UUID(int=0)
_ROWS_PER_STATEMENT = 1_000

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
_INSERT_COVERAGE = text("""
    -- A time in which the replica took events.
    INSERT INTO observation_coverage (replica_id, started_at, observed_until) VALUES (:replica, :start, :end)
    ON CONFLICT DO NOTHING
""")
_INSERT_COVERAGE_UP_TO_NOW = text("""
    -- The last such time: the service that runs now continues from here.
    INSERT INTO observation_coverage (replica_id, started_at, observed_until) VALUES (:replica, :start, now())
    ON CONFLICT DO NOTHING
""")
_DATE_STREAMS_BACK = text("""
    -- A relay that was connected all the time, and resumed its streams without a missing number after each outage.
    UPDATE heartbeat_streams SET opened_at = :begins WHERE owner = :owner
""")


def schedule(url: str, plans: Iterable[ClassPlan], begins: datetime) -> None:
    """Insert the sessions and whiteboards of classes; `begins` is the start of the calendar."""
    engine = create_engine(sqlalchemy_url(url))
    rows = (_schedule_row(plan, begins) for plan in plans)
    with engine.begin() as connection:
        while portion := list(islice(rows, _ROWS_PER_STATEMENT)):
            connection.execute(_INSERT_WHITEBOARDS, portion)
            connection.execute(_INSERT_SESSIONS, portion)
    engine.dispose()


def record_coverage(url: str, seed: int, begins: datetime) -> None:
    """Record when the replicas took events since `begins`, the start of the calendar; the services already run."""
    gaps = [calendar.slot(seed, number).uncovered for number in range(calendar.SLOTS)]
    ends = [0, *(time for gap in gaps for time in gap)]
    covered = [_coverage_row(begins, start, end) for start, end in list(pairwise(ends))[::2]]
    engine = create_engine(sqlalchemy_url(url))
    with engine.begin() as connection:
        connection.execute(_INSERT_COVERAGE, covered)
        last = {"replica": _REPLICA, "start": begins + timedelta(milliseconds=ends[-1])}
        connection.execute(_INSERT_COVERAGE_UP_TO_NOW, last)
    engine.dispose()


def record_resumed_streams(url: str, relay: str, begins: datetime) -> None:
    """Record that the streams of the relay with this identity lasted since `begins`."""
    engine = create_engine(sqlalchemy_url(url))
    with engine.begin() as connection:
        connection.execute(_DATE_STREAMS_BACK, {"owner": f"{SERVICE_ROLE}:{relay}", "begins": begins})
    engine.dispose()


def _schedule_row(plan: ClassPlan, begins: datetime) -> Mapping[str, Any]:
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


def _coverage_row(begins: datetime, start: int, end: int) -> Mapping[str, Any]:
    return {
        "replica": _REPLICA,
        "start": begins + timedelta(milliseconds=start),
        "end": begins + timedelta(milliseconds=end),
    }
