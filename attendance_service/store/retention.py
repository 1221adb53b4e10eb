"""Deleting notes and evidence that are older than their retention time (docs/operations.md#retention)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import TextClause, text
from sqlalchemy.engine import Connection

from attendance_service.store.settled import SESSIONS_FIRST
from servicekit.database import arrays
from servicekit.database.engine import Database
from servicekit.database.walk import Part, TableWalk

_REDUCE_EVIDENCE = text("""
SELECT reduce_old_evidence(CAST(:sessions AS integer[]), now() - make_interval(days => :days))
""")
_DELETE_NOTES = text("SELECT delete_old_notes(CAST(:sessions AS integer[]), now() - make_interval(days => :days))")


@dataclass(frozen=True, kw_only=True, slots=True)
class RetentionTimes:
    """For how many days something is kept; 0: for ever."""

    evidence: int = 0
    notes: int = 0


class RetentionStore:
    """Deletes what is old, some sessions at a time. Blocking."""

    def __init__(self, database: Database, times: RetentionTimes) -> None:
        """Nothing is deleted yet."""
        self._times = times
        self._walk = TableWalk(database, walks="attendance_retention_walks", table="sessions")

    def reduce_evidence(self) -> Part:
        """Leave of old evidence what was suggested; StorageUnavailable."""
        return self._delete("evidence", _REDUCE_EVIDENCE, self._times.evidence)

    def delete_notes(self) -> Part:
        """Delete old notes and reasons; StorageUnavailable."""
        return self._delete("notes", _DELETE_NOTES, self._times.notes)

    def _delete(self, task: str, statement: TextClause, days: int) -> Part:
        if not days:
            return Part(0, goes_on=False)
        return self._walk.go_on(task, partial(_fields_deleted, statement, days))


def _fields_deleted(statement: TextClause, days: int, connection: Connection, sessions: Sequence[int]) -> int:
    connection.execute(SESSIONS_FIRST)
    return int(connection.execute(statement, {"sessions": arrays.integers(sessions), "days": days}).scalar_one())
