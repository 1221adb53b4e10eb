"""Adds the statements of databases to the traces of a process that has some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from servicekit.database.engine import Database

if TYPE_CHECKING:
    from servicekit.tracing.tracing import Tracing


def trace_databases(tracing: Tracing | None, *databases: Database) -> None:
    """Make a span of each statement that is executed for a call, if there are traces."""
    if tracing is None:
        return
    from servicekit.tracing.statements import trace_statements  # noqa: PLC0415 - costs time and memory

    for database in databases:
        trace_statements(database.engine, tracing.tracer)
