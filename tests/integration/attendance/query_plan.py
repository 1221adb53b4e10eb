"""What the tests of query plans share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import TextClause, text

from servicekit.database.engine import Database
from testkit.postgres import execute


@contextmanager
def filled(database: str, rows: tuple[str, ...]) -> Iterator[Database]:
    """Fill the tables and connect as the service does."""
    execute(database, *rows)
    opened = Database(database, role="attendance_service", application="test", pool_size=1)
    try:
        yield opened
    finally:
        opened.dispose()


def plan(store: Database, statement: TextClause, parameters: dict[str, Any]) -> str:
    """Return PostgreSQL's plan of a statement."""
    with store.transaction() as connection:
        return "\n".join(connection.execute(text(f"EXPLAIN {statement.text}"), parameters).scalars())
