"""Behind a pooler nothing of a session may be counted on, or left behind (docs/postgresql.md#pgbouncer)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from servicekit.database import pooler
from servicekit.database.engine import Database
from servicekit.database.prepared_statement import PreparedStatement

ROLE = "tracking_service"
OURS = text("SELECT current_user::text, current_setting('lock_timeout'), current_setting('statement_timeout')")
PREPARED = text("SELECT count(*) FROM pg_prepared_statements")
DOUBLED = PreparedStatement(
    "doubled", "SELECT array_agg(2 * one + :more) FROM unnest(:ones) AS one", {"ones": "integer[]", "more": "integer"}
)


@pytest.fixture
def database(module_database: str) -> Iterator[Database]:
    parameters = {"lock_timeout": "3s"}
    database = Database(module_database, role=ROLE, application="test", pool_size=1, parameters=parameters)
    yield database
    database.dispose()


@pytest.fixture
def pooled(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Return it as if a pooler had told the login another number than that of the server's process."""
    monkeypatch.setattr(pooler, "SERVER_PROCESS", "SELECT 0")
    return database


def test_a_session_of_our_own_keeps_its_role_and_settings(database: Database) -> None:
    with database.engine.connect() as connection:
        assert connection.execute(OURS).one() == (ROLE, "3s", "30s")
        assert not pooler.is_between(connection)


def test_behind_a_pooler_each_transaction_has_role_and_settings(pooled: Database) -> None:
    for _ in range(2):
        with pooled.transaction() as connection:
            assert connection.execute(OURS).one() == (ROLE, "3s", "30s")


def test_behind_a_pooler_the_next_one_meets_no_role_of_ours(pooled: Database) -> None:
    with pooled.transaction():
        pass
    with pooled.engine.connect() as connection:
        assert connection.execute(text("SELECT current_user = session_user")).scalar_one()


def test_behind_a_pooler_nothing_is_prepared(pooled: Database) -> None:
    with pooled.transaction() as connection:
        assert DOUBLED.execute(connection, {"ones": [1, 2], "more": 5}).scalar_one() == [7, 9]
        assert connection.execute(PREPARED).scalar_one() == 0
