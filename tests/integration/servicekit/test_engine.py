"""A failed transaction reports a conflict, an unreachable database, or neither."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from servicekit.database.engine import Database
from servicekit.errors import StorageConflict, StorageUnavailable, TransactionLost

#: As libpq wants it among its options.
REPEATABLE_READ = "repeatable\\ read"
LOCK = text("SELECT FROM whiteboard_sessions WHERE id = :id FOR UPDATE")
TOUCH = text("UPDATE whiteboard_sessions SET tutor_id = tutor_id WHERE id = 1")
END_MYSELF = text("SELECT pg_terminate_backend(pg_backend_pid())")


@contextmanager
def connected(url: str, **parameters: str) -> Iterator[Database]:
    database = Database(url, role="", application="test", pool_size=2, parameters=parameters)
    with database.transaction() as connection:
        connection.execute(
            text("INSERT INTO whiteboard_sessions (id, tutor_id) VALUES (1, 1), (2, 1) ON CONFLICT DO NOTHING")
        )
    yield database
    database.dispose()


def lock_in_order(database: Database, ids: Sequence[int], both_hold_one: threading.Barrier) -> None:
    first, second = ids
    with database.transaction() as connection:
        connection.execute(LOCK, {"id": first})
        both_hold_one.wait()
        connection.execute(LOCK, {"id": second})


def be_overtaken(database: Database) -> None:
    with database.transaction() as late:
        late.execute(text("SELECT FROM whiteboard_sessions"))
        with database.transaction() as early:
            early.execute(TOUCH)
        late.execute(TOUCH)


def test_the_victim_of_a_deadlock_reports_that_it_lost_and_the_other_transaction_commits(database: str) -> None:
    both_hold_one = threading.Barrier(2)
    with connected(database, deadlock_timeout="1ms") as pool, ThreadPoolExecutor() as threads:
        both = [threads.submit(lock_in_order, pool, ids, both_hold_one) for ids in ((1, 2), (2, 1))]
        errors = [done.exception() for done in both]
    assert {type(error) for error in errors} == {TransactionLost, type(None)}


def test_a_serialization_failure_is_a_lost_transaction(database: str) -> None:
    with connected(database, default_transaction_isolation=REPEATABLE_READ) as pool, pytest.raises(TransactionLost):
        be_overtaken(pool)


def test_a_lock_that_another_transaction_keeps_is_a_conflict(database: str) -> None:
    with connected(database, lock_timeout="1ms") as pool, pool.transaction() as holder:
        holder.execute(LOCK, {"id": 1})
        with pytest.raises(StorageConflict) as refused, pool.transaction() as waiting:
            waiting.execute(LOCK, {"id": 1})
    assert type(refused.value) is StorageConflict


def test_a_lost_connection_is_no_conflict(database: str) -> None:
    with connected(database) as pool, pytest.raises(StorageUnavailable) as lost, pool.transaction() as connection:
        connection.execute(END_MYSELF)
    assert type(lost.value) is StorageUnavailable


def test_a_statement_that_can_never_succeed_raises_the_error_of_the_driver(database: str) -> None:
    with connected(database) as pool, pytest.raises(ProgrammingError), pool.transaction() as connection:
        connection.execute(text("SELECT no_such_column FROM whiteboard_sessions"))
