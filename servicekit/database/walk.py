"""Walks through all rows of a table, some at a time, in one of several replicas (docs/operations.md#retention).

The table of walks says how far a task has come. Its row is locked while a part is worked on, so replicas share a walk,
and the next one goes on where a process was stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.database.engine import Database

#: Rows are looked through again after this time; what they hold ages by days.
_INTERVAL = "interval '20 hours'"
#: Rows that are looked through in one transaction: some milliseconds, and few locks.
ROWS_PER_PART = 500
#: A walk takes this share of the time, so that millions of rows do not hold up calls and heartbeats.
SHARE_OF_TIME = 0.2


class Part(NamedTuple):
    """What became of a part of a walk."""

    #: What `work` returned, in all.
    done: int
    #: Whether there is more to walk through now.
    goes_on: bool


#: Another replica works on it, or the walk of the day is over.
NOTHING_TO_DO = Part(0, goes_on=False)


def pause_seconds(took: float) -> float:
    """Return how long to wait after a part that took so many seconds."""
    return took * (1 / SHARE_OF_TIME - 1)


class TableWalk:
    """A walk through the ids of a table. Blocking."""

    def __init__(self, database: Database, *, walks: str, table: str) -> None:
        """Nothing is read yet; `walks` is the table of walks, and both names are constants of the code."""
        self._database = database
        self._insert = text(f"INSERT INTO {walks} (task) VALUES (:task) ON CONFLICT DO NOTHING")  # noqa: S608
        self._lock = text(
            f"SELECT walked_to FROM {walks} WHERE task = :task "  # noqa: S608
            f"AND (finished_at IS NULL OR walked_to > 0 OR finished_at < now() - {_INTERVAL}) FOR UPDATE SKIP LOCKED"
        )
        self._next = text(f"SELECT id FROM {table} WHERE id > :after ORDER BY id LIMIT {ROWS_PER_PART}")  # noqa: S608
        self._move = text(f"UPDATE {walks} SET walked_to = :walked_to WHERE task = :task")  # noqa: S608
        self._finish = text(f"UPDATE {walks} SET walked_to = 0, finished_at = now() WHERE task = :task")  # noqa: S608

    def go_on(
        self,
        task: str,
        work: Callable[[Connection, Sequence[int]], int],
        find: Callable[[int], Sequence[int]] | None = None,
    ) -> Part:
        """Do the work on the next ids, in one transaction; StorageUnavailable.

        With `find`, the ids are those that it returns: the next ones after a given one, in their order.
        """
        with self._database.transaction() as connection:
            connection.execute(self._insert, {"task": task})
            walked_to = connection.execute(self._lock, {"task": task}).scalar()
            if walked_to is None:
                return NOTHING_TO_DO
            ids = self._after(connection, walked_to) if find is None else find(walked_to)
            if not ids:
                connection.execute(self._finish, {"task": task})
                return NOTHING_TO_DO
            done = work(connection, ids)
            connection.execute(self._move, {"task": task, "walked_to": ids[-1]})
            return Part(done, goes_on=True)

    def _after(self, connection: Connection, walked_to: int) -> Sequence[int]:
        return list(connection.execute(self._next, {"after": walked_to}).scalars())
