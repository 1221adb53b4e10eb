"""A client that locks rows in another order than the service does, so that deadlocks are certain."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

import psycopg2
from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812 - a class with a small name

from testkit.postgres import query

#: Between two queries for waiting backends.
POLL_SECONDS = 0.005
MAX_WAIT_SECONDS = 120
_INTERVAL = "SELECT FROM presence_intervals WHERE whiteboard_session_id = %s AND user_type = %s FOR UPDATE"
_SESSION = "SELECT FROM whiteboard_sessions WHERE id = %s FOR UPDATE"


class WrongOrder:
    """Locks a session, then the tutor's interval in it; a context manager. Blocking."""

    def __init__(self, database: str, session_id: int) -> None:
        self._database = database
        self._session_id = session_id
        self._connection = psycopg2.connect(database)
        #: Holds the student's interval, so that a service that has the tutor's stops there.
        self._barrier = psycopg2.connect(database)
        self._thread = ThreadPoolExecutor(max_workers=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in (self._barrier, self._connection):
            connection.close()
        self._thread.shutdown()

    def deadlock(self) -> None:
        """Return when a service that held the tutor's interval and waited for the session has given up."""
        while not self._deadlocks():
            for connection in (self._barrier, self._connection):
                connection.rollback()

    def _deadlocks(self) -> bool:
        """Try once; False if no service held the interval."""
        _execute(self._barrier, _INTERVAL, self._session_id, "student")
        # PostgreSQL aborts the one that detects the deadlock first: never this client, which waits an hour for that.
        _execute(self._connection, "SET deadlock_timeout = '1h'")
        _execute(self._connection, _SESSION, self._session_id)
        self._wait_until(lambda: self._is_any(f"{_pid(self._barrier)} = ANY (pg_blocking_pids(pid))"))
        locking = self._thread.submit(_execute, self._connection, _INTERVAL, self._session_id, "tutor")
        self._wait_until(lambda: locking.done() or self._is_blocked_by_the_one_at_the_barrier())
        is_blocked = not locking.done()
        # A service looks for a deadlock once, a second after it began to wait. From now on it waits for the session,
        # and this client waits for the service already.
        self._barrier.rollback()
        locking.result(MAX_WAIT_SECONDS)
        return is_blocked

    def _is_blocked_by_the_one_at_the_barrier(self) -> bool:
        return self._is_any(
            f"pid = ANY (pg_blocking_pids({_pid(self._connection)}))"
            f" AND {_pid(self._barrier)} = ANY (pg_blocking_pids(pid))"
        )

    def _is_any(self, backend: str) -> bool:
        return bool(query(self._database, f"SELECT FROM pg_stat_activity WHERE {backend}"))

    def _wait_until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + MAX_WAIT_SECONDS
        while not condition():
            assert time.monotonic() < deadline, "no service writes this session"
            time.sleep(POLL_SECONDS)


def _execute(connection: PsycopgConnection, statement: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def _pid(connection: PsycopgConnection) -> int:
    return int(connection.info.backend_pid)
