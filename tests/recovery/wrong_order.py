"""A client that locks rows in another order than the service does, so that deadlocks are certain."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

import psycopg2

from testkit.postgres import query

#: Between two queries for waiting backends; far less than the second after which PostgreSQL detects a deadlock.
POLL_SECONDS = 0.005
MAX_WAIT_SECONDS = 120


class WrongOrder:
    """Locks a session, then the intervals of its participants; a context manager. Blocking."""

    def __init__(self, database: str, session_id: int) -> None:
        self._database = database
        self._session_id = session_id
        self._connection = psycopg2.connect(database)
        self._cursor = self._connection.cursor()

    def __enter__(self) -> Self:
        # PostgreSQL aborts the one that detects the deadlock first: never this client, which waits an hour for that.
        self._cursor.execute("SET deadlock_timeout = '1h'")
        self._cursor.execute("SELECT FROM whiteboard_sessions WHERE id = %s FOR UPDATE", (self._session_id,))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def deadlock(self) -> None:
        """Return when a service that held the intervals and waited for the session has given up."""
        self._wait_until_a_service_waits()
        statement = "SELECT FROM presence_intervals WHERE whiteboard_session_id = %s FOR UPDATE"
        self._cursor.execute(statement, (self._session_id,))

    def _wait_until_a_service_waits(self) -> None:
        own = self._connection.info.backend_pid
        waiting = f"SELECT FROM pg_stat_activity WHERE {own} = ANY (pg_blocking_pids(pid))"
        deadline = time.monotonic() + MAX_WAIT_SECONDS
        while not query(self._database, waiting):
            assert time.monotonic() < deadline, "no service writes this session"
            time.sleep(POLL_SECONDS)
