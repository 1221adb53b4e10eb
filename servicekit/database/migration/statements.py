"""Run SQL that carries names and words found in the database."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection, CursorResult


def execute_verbatim(connection: Connection, statement: str) -> CursorResult[Any]:
    """Run the statement letter by letter: neither % nor : means a parameter."""
    return connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
