"""Whether a database in which this history has not begun can be adopted."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from servicekit.database.migration.adopting import adoption_problems, read_tables
from servicekit.database.migration.errors import Problem
from tracking_service.migrations import observation, tables
from tracking_service.migrations.attendance_status import removal_problems
from tracking_service.migrations.whiteboard_sessions import WHITEBOARD_SESSIONS

#: Every name that this history takes.
_NEW = (*tables.CREATE_STATEMENTS, *observation.CREATE_STATEMENTS)


def judge(connection: Connection) -> tuple[Problem, ...]:
    """Return everything that has to be put right first; empty: it can be adopted."""
    found = read_tables(connection, (WHITEBOARD_SESSIONS,))
    existing = found.get(WHITEBOARD_SESSIONS.name)
    return (
        *adoption_problems(connection, (WHITEBOARD_SESSIONS,), found, _NEW),
        *(removal_problems(existing) if existing is not None else ()),
    )
