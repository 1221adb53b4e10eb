"""The removal of whiteboard_sessions.attendance_status, as documented; what stood in it is kept."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.database.migration.adoption import Change, view_problem
from servicekit.database.migration.errors import Problem
from servicekit.database.migration.found import FoundTable
from servicekit.database.migration.transaction import lock_tables

REMOVED_COLUMN = "attendance_status"
ARCHIVE = "whiteboard_attendance_status_archive"

#: Keep every value that is not NULL, as text, for its type may be the platform's own.
_KEEP = text(f"""
INSERT INTO {ARCHIVE} (whiteboard_session_id, attendance_status)
SELECT id, {REMOVED_COLUMN}::text FROM whiteboard_sessions WHERE {REMOVED_COLUMN} IS NOT NULL
""")  # noqa: S608 - made of the names above alone


def removal_problems(whiteboard_sessions: FoundTable) -> tuple[Problem, ...]:
    """Return what keeps the column from being dropped; empty: nothing, or there is no such column."""
    column = whiteboard_sessions.columns.get(REMOVED_COLUMN)
    if column is None:
        return ()
    problem = view_problem(whiteboard_sessions.name, column, "removed")
    return (problem,) if problem is not None else ()


def removal(connection: Connection) -> Change:
    """Copy what stands in the column to the archive, keep everybody out, and return the change that drops it."""
    lock_tables(connection, ("whiteboard_sessions",))
    kept = connection.execute(_KEEP).rowcount
    return Change(
        statement=f"ALTER TABLE whiteboard_sessions DROP COLUMN {REMOVED_COLUMN}",
        told=f"whiteboard_sessions.{REMOVED_COLUMN}: removed; what stood in it is kept in {ARCHIVE} ({kept} rows).",
    )
