"""Empties a database between tests, which is faster than making a new one and keeps its connections usable."""

from __future__ import annotations

from psycopg2.extensions import connection as Connection  # noqa: N812 - a class with a small name

#: Migrations write the rows of these.
_KEPT = "^(.*_alembic_version|session_groups)$"
#: A fold that is under way may have read records already, and would write them into the next test's sessions, which
#: have the same ids. So everything of their writers counts as folded; a process registers another one when it goes on.
_ALL_IS_FOLDED = """
UPDATE session_groups SET folded_at = now(), positions = (
    SELECT COALESCE(jsonb_object_agg(writer_id, jsonb_build_array(9223372036854775807, 9223372036854775807)), '{}')
    FROM journal_writers)
"""
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


class TableReset:
    """Deletes all rows of one database, and lets its sequences start again."""

    def __init__(self, connection: Connection) -> None:
        """`connection` must be a superuser's, in autocommit mode."""
        self._connection = connection
        with connection.cursor() as cursor:
            cursor.execute(_TABLES, (_KEPT,))
            tables = [table for (table,) in cursor.fetchall()]
            cursor.execute(_SEQUENCES)
            sequences = [sequence for (sequence,) in cursor.fetchall()]
            cursor.execute(_GUARDS)
            guards = cursor.fetchall()
        self._statements = [
            # A fold that is under way holds rows of this table, and waits for others.
            "LOCK TABLE session_groups IN EXCLUSIVE MODE",
            # Foreign keys are not checked in this mode, so the order of the tables does not matter.
            "SET session_replication_role = replica",
            *(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}" for table, trigger in guards),
            _ALL_IS_FOLDED,
            *(f"DELETE FROM {table}" for table in tables),  # noqa: S608 - names from the catalog
            *(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}" for table, trigger in guards),
            *(f"SELECT setval('{sequence}', 1, false)" for sequence in sequences),
            "SET session_replication_role = DEFAULT",
        ]

    def run(self) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute("; ".join(self._statements))
