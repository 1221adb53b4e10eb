"""Which words may stand in the columns of `sessions` that hold words: CHECK constraints, old and new."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.database.migration.adoption import Change
from servicekit.database.migration.found import FoundCheck, FoundTable
from servicekit.database.migration.statements import execute_verbatim

SOURCES = ("manual", "whiteboard_auto", "parent_reported", "admin_override", "system_default")
STATUSES = ("present", "late", "absent")
SOURCE_CHECK = "sessions_attendance_source_words"

_OLD_SOURCES = text("""
SELECT DISTINCT attendance_source::text FROM sessions
WHERE attendance_source IS NOT NULL AND NOT attendance_source::text = ANY (:sources)
ORDER BY 1
""")


def old_sources(connection: Connection) -> tuple[str, ...]:
    """Return the words in sessions.attendance_source that are none of ours."""
    return tuple(connection.execute(_OLD_SOURCES, {"sources": list(SOURCES)}).scalars())


def refusing_checks(connection: Connection, sessions: FoundTable) -> tuple[FoundCheck, ...]:
    """Return the constraints on a status alone that would refuse one of the documented words."""
    return tuple(
        check
        for column in ("tutor_attendance_status", "student_attendance_status")
        for check in checks_of(sessions, column)
        if any(_refuses(connection, check, column, word) for word in STATUSES)
    )


def checks_of(table: FoundTable, column: str) -> tuple[FoundCheck, ...]:
    """Return the constraints that judge this column and no other."""
    return tuple(check for check in table.checks if check.columns == {column})


def removals(checks: Iterable[FoundCheck]) -> Iterator[Change]:
    """Drop constraints, telling what they were."""
    for check in checks:
        yield Change(
            statement=f"ALTER TABLE sessions DROP CONSTRAINT {check.name}",
            told=f"sessions: constraint {check.name} dropped. It was: CHECK ({check.expression})",
        )


def source_check(old: Collection[str]) -> Iterator[Change]:
    """Allow the five words, and the old ones that rows hold already: an update of such a row must not fail.

    NULL stays allowed: it means "not marked".
    """
    words = ", ".join(_quoted(word) for word in (*SOURCES, *old))
    statement = f"ALTER TABLE sessions ADD CONSTRAINT {SOURCE_CHECK} CHECK (attendance_source IN ({words}))"
    told = f"sessions.attendance_source: takes the words {', '.join(SOURCES)}"
    kept = f"; also these, which rows hold from earlier: {', '.join(old)}" if old else ""
    yield Change(statement=statement, told=f"{told}{kept}.")


def _refuses(connection: Connection, check: FoundCheck, column: str, word: str) -> bool:
    """Ask PostgreSQL itself what the constraint says of a row with this word."""
    row = f"(SELECT CAST({_quoted(word)} AS varchar) AS {column}) AS candidate"
    verdict = execute_verbatim(connection, f"SELECT ({check.expression}) FROM {row}").scalar_one()  # noqa: S608 - the catalog's own
    return verdict is False


def _quoted(word: str) -> str:
    """Return an SQL literal: standard_conforming_strings leaves only the quote to be doubled."""
    return "'" + word.replace("'", "''") + "'"
