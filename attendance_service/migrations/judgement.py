"""Whether a database in which this history has not begun can be adopted."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.engine import Connection

from attendance_service.migrations import policies, tables
from attendance_service.migrations.platform_tables import PLATFORM_TABLES
from attendance_service.migrations.sessions import SESSIONS
from servicekit.database.migration.adopting import adoption_problems, read_tables
from servicekit.database.migration.catalog import exists
from servicekit.database.migration.errors import Problem

_TABLES = (*PLATFORM_TABLES, SESSIONS)
#: Names that the revisions need.
_NEW = (*tables.CREATE_STATEMENTS, *policies.CREATE_STATEMENTS)
#: Made by the tracking history, which comes first; sessions refer to it.
_WHITEBOARD_SESSIONS = "whiteboard_sessions"


def judge(connection: Connection) -> tuple[Problem, ...]:
    """Return everything that has to be put right first; empty: it can be adopted."""
    found = read_tables(connection, _TABLES)
    return (*_order_problems(connection), *adoption_problems(connection, _TABLES, found, _NEW))


def _order_problems(connection: Connection) -> Iterator[Problem]:
    if not exists(connection, _WHITEBOARD_SESSIONS):
        yield Problem(
            subject=_WHITEBOARD_SESSIONS,
            description="is missing; run the tracking history first (python -m tracking_service.migrate)",
        )
