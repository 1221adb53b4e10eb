"""Takes the rows out of tables while these are distributed, and puts them into the shards afterwards.

Citus copies rows to the shards, and leaves them on the coordinator's disk as well, where nobody sees them any more and
no erasure reaches them. It can't remove them from tables that others refer to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.database.migration.transaction import execute_verbatim

#: Triggers that run also where foreign keys are not checked: they refuse deletions, or note them.
_GUARDS = text("""
    SELECT CAST(CAST(tgrelid AS regclass) AS text), quote_ident(tgname) FROM pg_trigger
    WHERE tgenabled = 'A' AND NOT tgisinternal AND tgrelid = ANY (CAST(CAST(:tables AS text[]) AS regclass[]))
""")
_COLUMNS = text("""
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) AS names, bool_or(attidentity = 'a') AS has_identity
    FROM pg_attribute
    WHERE attrelid = CAST(:table AS regclass) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
""")
_IS_EMPTY = "SELECT NOT EXISTS (SELECT FROM {})"


@contextmanager
def rows_moved(connection: Connection, tables: Iterable[str]) -> Iterator[None]:
    """Empty tables, and insert their rows again in the order in which the tables are named.

    The caller's transaction has locked them. What foreign keys say is true again when it ends.
    """
    full = [table for table in tables if not execute_verbatim(connection, _IS_EMPTY.format(table)).scalar_one()]
    for table in full:
        execute_verbatim(connection, f"CREATE TEMPORARY TABLE moved_{table} ON COMMIT DROP AS TABLE {table}")
    guards = [(table, trigger) for table, trigger in connection.execute(_GUARDS, {"tables": full})]
    execute_verbatim(connection, "SET LOCAL session_replication_role = replica")
    for table, trigger in guards:
        execute_verbatim(connection, f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    for table in full:
        execute_verbatim(connection, f"DELETE FROM {table}")  # noqa: S608 - names of ours
    for table, trigger in guards:
        execute_verbatim(connection, f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")
    execute_verbatim(connection, "SET LOCAL session_replication_role = DEFAULT")
    yield
    for table in full:
        columns = connection.execute(_COLUMNS, {"table": table}).one()
        overriding = "OVERRIDING SYSTEM VALUE" if columns.has_identity else ""
        execute_verbatim(
            connection,
            f"INSERT INTO {table} ({columns.names}) {overriding} SELECT {columns.names} FROM moved_{table}",  # noqa: S608
        )


def vacuum(connection: Connection, tables: Iterable[str]) -> None:
    """Remove what deleted rows leave on the disk, and count what is in the shards; in no transaction.

    Without statistics a worker finds the rows of a fold in a way that takes 20 times as long.
    """
    execute_verbatim(connection, f"VACUUM (ANALYZE) {', '.join(tables)}")
