"""Statements by which the database itself chains the rows of the ledger (docs/decisions.md#hash-chains)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

#: The tables whose rows are chained, with the columns of their keys.
LEDGER_TABLES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "attendance_decisions": ("id",),
        "attendance_student_decisions": ("decision_id", "student_id"),
        "absence_notices": ("id",),
        "attendance_claims": ("id",),
        "attendance_claim_answers": ("claim_id",),
    }
)

#: Without NULLs, so that a column that a later migration adds changes no row's content. jsonb is written in one way.
_CONTENT = """
CREATE FUNCTION ledger_content(entry JSONB) RETURNS TEXT LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_object_agg(key, value)::text FROM jsonb_each(entry) WHERE value <> 'null'
$$
"""

#: `entry` is the row; its timestamps are written in UTC. The lock of the session's row lets one transaction at a time
#: add to its chain.
_CHAIN = """
CREATE FUNCTION ledger_chain(entry_table TEXT, entry_key TEXT, entry JSONB) RETURNS void
LANGUAGE plpgsql SET timezone = 'UTC' SET search_path FROM CURRENT AS $$
DECLARE
    entry_session INTEGER := COALESCE(
        (entry ->> 'session_id')::integer,
        (SELECT session_id FROM attendance_claims WHERE id = (entry ->> 'claim_id')::integer));
    entry_hash BYTEA := sha256(convert_to(ledger_content(entry), 'UTF8'));
    last_position INTEGER;
    last_hash BYTEA;
BEGIN
    PERFORM FROM sessions WHERE id = entry_session FOR NO KEY UPDATE;
    SELECT position, chain_hash INTO last_position, last_hash FROM ledger_entries
    WHERE session_id = entry_session ORDER BY position DESC LIMIT 1;
    last_position := COALESCE(last_position, 0) + 1;
    INSERT INTO ledger_entries (session_id, position, table_name, row_key, content_hash, chain_hash)
    VALUES (entry_session, last_position, entry_table, entry_key, entry_hash,
            sha256(COALESCE(last_hash, '') || entry_hash || convert_to(
                concat_ws(' ', entry_session, last_position, entry_table, entry_key), 'UTF8')));
END
$$
"""

#: SECURITY DEFINER, so that a service's role, which may not write entries, adds one by writing to the ledger alone.
_APPEND = """
CREATE FUNCTION ledger_append() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET timezone = 'UTC' SET search_path FROM CURRENT AS $$
DECLARE
    entry JSONB := to_jsonb(NEW);
BEGIN
    PERFORM ledger_chain(TG_TABLE_NAME, (
        SELECT string_agg(entry ->> name, '/' ORDER BY place) FROM unnest(TG_ARGV) WITH ORDINALITY AS key (name, place)
    ), entry);
    RETURN NULL;
END
$$
"""

#: The functions look for tables in our schema first: else a temporary table of the same name would come before them.
_FIX_SEARCH_PATH = "SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true)"
_RESET_SEARCH_PATH = "RESET search_path"

_REVOKE = "REVOKE EXECUTE ON FUNCTION ledger_chain(TEXT, TEXT, JSONB), ledger_append() FROM PUBLIC"


def chain_statements() -> tuple[str, ...]:
    """Return the statements that chain every row that is added from now on."""
    triggers = [statement for table in LEDGER_TABLES for statement in _trigger(table)]
    return (_FIX_SEARCH_PATH, _CONTENT, _CHAIN, _APPEND, _RESET_SEARCH_PATH, _REVOKE, *triggers)


def _trigger(table: str) -> tuple[str, str]:
    key = ", ".join(f"'{column}'" for column in LEDGER_TABLES[table])
    return (
        f"CREATE TRIGGER {table}_chained AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION ledger_append({key})",
        # ALWAYS: also where session_replication_role switches ordinary triggers off.
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_chained",
    )
