"""Empties a database between tests, which is faster than making a new one and keeps its connections usable."""

from __future__ import annotations

from psycopg2.extensions import connection as Connection  # noqa: N812 - classes with small names
from psycopg2.extensions import cursor as Cursor  # noqa: N812

#: Migrations write the rows of these.
_KEPT = "^(.*_alembic_version|session_groups)$"
#: A fold that is under way may have read records already, and would write them into the next test's sessions, which
#: have the same ids. So everything of their writers counts as folded; a process registers another one when it goes on.
_FOLDED = """
SELECT COALESCE(jsonb_object_agg(writer_id, jsonb_build_array(9223372036854775807, 9223372036854775807)), '{}')
FROM journal_writers
"""
_ALL_IS_FOLDED = f"UPDATE session_groups SET folded_at = now(), positions = ({_FOLDED})"  # noqa: S608 - constants
_TABLES = """
SELECT format('%%I.%%I', schemaname, tablename) FROM pg_tables
WHERE schemaname = 'public' AND tablename !~ %s
"""
#: A fold that is under way remembers how far it has read of each writer, so no other writer may get the same number.
_SEQUENCES = """
SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences
WHERE schemaname = 'public' AND sequencename <> 'journal_writers_writer_id_seq'
"""
#: Triggers that also run in replicas refuse to delete rows of append-only tables.
_GUARDS = """
SELECT tgrelid::regclass::text, quote_ident(tgname) FROM pg_trigger WHERE tgenabled = 'A' AND NOT tgisinternal
"""
#: Settings of a transaction that reach the workers; the first triggers ask for the last one.
_ON_WORKERS = (
    "BEGIN",
    "LOCK TABLE session_groups IN EXCLUSIVE MODE",
    "SET LOCAL citus.propagate_set_commands = 'local'",
    "SET LOCAL tracking.deletes_facts = 'on'",
)


def _distributed(cursor: Cursor) -> list[str]:
    """Return the tables that Citus has divided among workers."""
    cursor.execute("SELECT to_regclass('pg_dist_partition') IS NOT NULL")
    if cursor.fetchone() != (True,):
        return []
    cursor.execute("SELECT 'public.' || logicalrelid::text FROM pg_dist_partition ORDER BY logicalrelid")
    return [table for (table,) in cursor.fetchall()]


def _deletions(distributed: list[str]) -> list[str]:
    """Return the statements that empty them; others refer to the sessions, and a trigger notes which are deleted."""
    if not distributed:
        return []
    last = ("public.whiteboard_sessions", "public.membership_changes")
    ordered = [*(table for table in distributed if table not in last), *last]
    deleted = [f"DELETE FROM {table}" for table in ordered if table != "public.session_groups"]  # noqa: S608 - as above
    return [*_ON_WORKERS, *deleted]


class TableReset:
    """Deletes all rows of one database, and lets its sequences start again."""

    def __init__(self, connection: Connection) -> None:
        """`connection` must be a superuser's, in autocommit mode."""
        self._connection = connection
        with connection.cursor() as cursor:
            distributed = _distributed(cursor)
            cursor.execute(_TABLES, (_KEPT,))
            tables = [table for (table,) in cursor.fetchall() if table not in distributed]
            cursor.execute(_SEQUENCES)
            sequences = [sequence for (sequence,) in cursor.fetchall()]
            cursor.execute(_GUARDS)
            guards = [(table, trigger) for table, trigger in cursor.fetchall() if f"public.{table}" not in distributed]
        # Citus sends the whole message to its workers, so each statement needs one of its own.
        self._deletions = _deletions(distributed)
        self._statements = [
            # A fold that is under way holds rows of this table, and waits for others.
            *([] if distributed else ["LOCK TABLE session_groups IN EXCLUSIVE MODE"]),
            # Foreign keys are not checked in this mode, so the order of the tables does not matter.
            "SET session_replication_role = replica",
            *(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}" for table, trigger in guards),
            *([] if distributed else [_ALL_IS_FOLDED]),
            *(f"DELETE FROM {table}" for table in tables),  # noqa: S608 - names from the catalog
            *(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}" for table, trigger in guards),
            *(f"SELECT setval('{sequence}', 1, false)" for sequence in sequences),
            "SET session_replication_role = DEFAULT",
        ]

    def run(self) -> None:
        with self._connection.cursor() as cursor:
            for statement in self._deletions:
                cursor.execute(statement)
            if self._deletions:
                cursor.execute(f"SELECT CAST(({_FOLDED}) AS text)")
                cursor.execute("UPDATE session_groups SET folded_at = now(), positions = %s", cursor.fetchone())
                cursor.execute("COMMIT")
            cursor.execute("; ".join(self._statements))
