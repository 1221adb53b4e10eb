"""CHECK constraints on the columns of `sessions` that hold statuses and sources, old and new."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.database.migration.existing import ExistingCheck, ExistingTable
from servicekit.database.migration.transaction import Change, Migration, execute_verbatim

SOURCES = ("manual", "whiteboard_auto", "parent_reported", "admin_override", "system_default")
STATUSES = ("present", "late", "absent")
SOURCE_CHECK = "sessions_attendance_source_words"

_OLD_SOURCES = text("""
SELECT DISTINCT attendance_source::text FROM sessions
WHERE attendance_source IS NOT NULL AND NOT attendance_source::text = ANY (:sources)
ORDER BY 1
""")


def replace_word_checks(migration: Migration, existing_sessions: ExistingTable | None) -> None:
    """Drop the constraints that would refuse documented values, and create one on the source."""
    if existing_sessions is not None:
        # The values that are read here and then allowed must still be the only ones when the constraint is created.
        migration.lock("sessions")
        sources = _checks_of(existing_sessions, "attendance_source")
        migration.apply(*_removals((*sources, *_refusing_checks(migration.connection, existing_sessions))))
    migration.apply(_source_check(_old_sources(migration.connection)))


def _old_sources(connection: Connection) -> tuple[str, ...]:
    """Return the undocumented values in sessions.attendance_source."""
    return tuple(connection.execute(_OLD_SOURCES, {"sources": list(SOURCES)}).scalars())


def _refusing_checks(connection: Connection, sessions: ExistingTable) -> Iterator[ExistingCheck]:
    """Return the constraints on a status alone that would refuse a documented one."""
    for column in ("tutor_attendance_status", "student_attendance_status"):
        for check in _checks_of(sessions, column):
            if any(_refuses(connection, check, column, status) for status in STATUSES):
                yield check


def _checks_of(table: ExistingTable, column: str) -> tuple[ExistingCheck, ...]:
    """Return the constraints that read this column and no other."""
    return tuple(check for check in table.checks if check.columns == {column})


def _removals(checks: Iterable[ExistingCheck]) -> Iterator[Change]:
    for check in checks:
        yield Change(
            statement=f"ALTER TABLE sessions DROP CONSTRAINT {check.name}",
            note=f"sessions: constraint {check.name} dropped. It was: CHECK ({check.expression})",
        )


def _source_check(old: Collection[str]) -> Change:
    """Allow the five documented sources, and the old ones in existing rows: an update of such a row must not fail.

    NULL stays allowed: it means "not marked".
    """
    allowed = ", ".join(_quoted(source) for source in (*SOURCES, *old))
    statement = f"ALTER TABLE sessions ADD CONSTRAINT {SOURCE_CHECK} CHECK (attendance_source IN ({allowed}))"
    note = f"sessions.attendance_source: accepts {', '.join(SOURCES)}"
    kept = f"; also these values of existing rows: {', '.join(old)}" if old else ""
    return Change(statement=statement, note=f"{note}{kept}.")


def _refuses(connection: Connection, check: ExistingCheck, column: str, value: str) -> bool:
    """Let PostgreSQL evaluate the constraint for a row with this value."""
    row = f"(SELECT CAST({_quoted(value)} AS varchar) AS {column}) AS candidate"
    verdict = execute_verbatim(connection, f"SELECT ({check.expression}) FROM {row}").scalar_one()  # noqa: S608 - the catalog's own
    return verdict is False


def _quoted(value: str) -> str:
    """Return an SQL literal: with standard_conforming_strings only the quote has to be doubled."""
    return "'" + value.replace("'", "''") + "'"
