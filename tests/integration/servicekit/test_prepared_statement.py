"""Statements that PostgreSQL plans once per connection."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from servicekit.database.engine import Database
from servicekit.database.prepared_statement import PreparedStatement
from servicekit.errors import StorageUnavailable

ADD = PreparedStatement(
    "add", "SELECT sum(number) + :more::bigint FROM unnest(:numbers) AS number", {"numbers": "int[]", "more": "int"}
)
PREPARED = text("SELECT count(*) FROM pg_prepared_statements WHERE name = 'add'")
END_MYSELF = text("SELECT pg_terminate_backend(pg_backend_pid())")


@pytest.fixture
def pool(database: str) -> Iterator[Database]:
    pool = Database(database, role="", application="test", pool_size=1)
    yield pool
    pool.dispose()


def added(pool: Database) -> int:
    with pool.transaction() as connection:
        return int(ADD.execute(connection, {"numbers": [1, 2], "more": 4}).scalar_one())


def test_parameters_are_passed_by_name(pool: Database) -> None:
    assert added(pool) == 7


def test_a_connection_prepares_a_statement_once(pool: Database) -> None:
    added(pool)
    added(pool)
    with pool.transaction() as connection:
        assert connection.execute(PREPARED).scalar_one() == 1


def test_a_rollback_leaves_it_prepared(pool: Database) -> None:
    with pool.engine.connect() as connection:
        ADD.execute(connection, {"numbers": [], "more": 0})
        connection.rollback()
    assert added(pool) == 7


def test_a_new_connection_prepares_it_again(pool: Database) -> None:
    added(pool)
    with pytest.raises(StorageUnavailable), pool.transaction() as connection:
        connection.execute(END_MYSELF)
    assert added(pool) == 7
