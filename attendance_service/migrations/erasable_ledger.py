"""Statements by which the database chains the rows of the ledger so that personal fields can be erased.

docs/decisions.md#hash-chains says what is hashed, and docs/decisions.md#erased-people what an erasure leaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from servicekit.database.migration.definer import FIX_SEARCH_PATH, RESET_SEARCH_PATH, REVOKE_EXECUTE


class ErasableTable(NamedTuple):
    """A table of the ledger."""

    key: str
    #: Its columns that can name a person.
    personal: tuple[str, ...]


ERASABLE_TABLES: Final[Mapping[str, ErasableTable]] = MappingProxyType(
    {
        "attendance_decisions": ErasableTable(
            "id", ("decided_by", "notes", "tutor_excuse_reason", "evidence", "suggestion_etag")
        ),
        "attendance_student_decisions": ErasableTable("id", ("student_id", "note", "excuse_reason")),
        "absence_notices": ErasableTable("id", ("student_id", "announced_by", "reason")),
        "attendance_claims": ErasableTable("id", ("student_id", "raised_by", "note")),
        "attendance_claim_answers": ErasableTable("claim_id", ("answered_by", "note")),
    }
)
#: The functions that erase set this for themselves. Whatever else an UPDATE does, the triggers below refuse.
MAY_ERASE: Final = "attendance.erases"

#: Whether the ledger is as it was written, before its chains are begun anew: else that would hide what was done to it.
REQUIRE_INTACT_LEDGER = """
DO $do$
BEGIN
    IF EXISTS (
        WITH row_of (table_name, row_key, entry) AS (
            SELECT 'attendance_decisions', id::text, to_jsonb(own) FROM attendance_decisions AS own
            UNION ALL
            SELECT 'attendance_student_decisions', concat_ws('/', decision_id, student_id), to_jsonb(own)
            FROM attendance_student_decisions AS own
            UNION ALL SELECT 'absence_notices', id::text, to_jsonb(own) FROM absence_notices AS own
            UNION ALL SELECT 'attendance_claims', id::text, to_jsonb(own) FROM attendance_claims AS own
            UNION ALL SELECT 'attendance_claim_answers', claim_id::text, to_jsonb(own)
            FROM attendance_claim_answers AS own
        )
        SELECT FROM row_of FULL JOIN ledger_entries AS chained USING (table_name, row_key)
        WHERE sha256(convert_to(ledger_content(row_of.entry), 'UTF8')) IS DISTINCT FROM chained.content_hash
    ) OR EXISTS (
        SELECT FROM (SELECT *, lag(chain_hash) OVER chain AS previous, row_number() OVER chain AS expected
                     FROM ledger_entries WINDOW chain AS (PARTITION BY session_id ORDER BY position)) AS entry
        WHERE position <> expected OR chain_hash <> sha256(COALESCE(previous, '') || content_hash || convert_to(
            concat_ws(' ', session_id, position, table_name, row_key), 'UTF8'))
    ) OR EXISTS (
        SELECT FROM ledger_checkpoint_heads AS head
        WHERE NOT EXISTS (SELECT FROM ledger_entries AS entry WHERE entry.session_id = head.session_id
                          AND entry.position = head.position AND entry.chain_hash = head.chain_hash)
    ) THEN
        RAISE EXCEPTION 'the ledger is not as it was written'
            USING HINT = 'With the version before, python -m attendance_service.verify names what was changed.';
    END IF;
END
$do$
"""

#: The hash of each personal field that is set, by its name.
_LEAVES = """
CREATE FUNCTION ledger_leaves(entry JSONB, salts JSONB) RETURNS JSONB LANGUAGE sql IMMUTABLE AS $$
    SELECT COALESCE(jsonb_object_agg(
        key, encode(sha256(convert_to((salts ->> key) || ' ' || (entry -> key)::text, 'UTF8')), 'hex')), '{}')
    FROM jsonb_object_keys(salts) AS key
$$
"""

#: What is left of an evidence: what was suggested, which columns of its decision say as well.
_REDUCED = """
CREATE FUNCTION reduced_evidence(evidence JSONB) RETURNS JSONB LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'tutor_status_suggestion', evidence -> 'tutor_status_suggestion',
        'tutor_confidence', evidence -> 'tutor_confidence',
        'tutor_reasons', jsonb_path_query_array(evidence, '$.tutor_reasons[0]'),
        'student_status_suggestion', evidence -> 'student_status_suggestion',
        'student_confidence', evidence -> 'student_confidence',
        'student_reasons', jsonb_path_query_array(evidence, '$.student_reasons[0]')))
$$
"""

#: Whether a field became what an erased one is.
_IS_ERASED = """
CREATE FUNCTION is_erased(before JSONB, after JSONB) RETURNS BOOLEAN LANGUAGE sql IMMUTABLE AS $$
    SELECT before <> 'null' AND (after = 'null' OR CASE jsonb_typeof(before)
        WHEN 'number' THEN jsonb_typeof(after) = 'number' AND after < '0'
        WHEN 'object' THEN after = reduced_evidence(before)
        ELSE after = '"[erased]"' END)
$$
"""

#: The lock of the session's row lets one transaction at a time add to its chain.
_CHAIN = """
CREATE FUNCTION ledger_chain(
    entry_session INTEGER, entry_table TEXT, entry_key TEXT, entry_hash BYTEA, leaves JSONB) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    last_position INTEGER;
    last_hash BYTEA;
BEGIN
    PERFORM FROM sessions WHERE id = entry_session FOR NO KEY UPDATE;
    SELECT position, chain_hash INTO last_position, last_hash FROM ledger_entries
    WHERE session_id = entry_session ORDER BY position DESC LIMIT 1;
    last_position := COALESCE(last_position, 0) + 1;
    INSERT INTO ledger_entries (session_id, position, table_name, row_key, content_hash, chain_hash, personal)
    VALUES (entry_session, last_position, entry_table, entry_key, entry_hash,
            sha256(COALESCE(last_hash, '') || entry_hash || convert_to(
                concat_ws(' ', entry_session, last_position, entry_table, entry_key), 'UTF8')), leaves::text);
END
$$
"""

#: SECURITY DEFINER, so that a service's role, which may not write entries, adds one by writing to the ledger alone.
#: An UPDATE may only erase personal fields, of a row that is as it was written; what was erased is in its entry.
_APPEND = """
CREATE FUNCTION ledger_append() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET timezone = 'UTC' SET search_path FROM CURRENT AS $$
DECLARE
    entry JSONB := to_jsonb(NEW);
    entry_key TEXT := entry ->> TG_ARGV[0];
    names TEXT[] := TG_ARGV[1:];
    entry_session INTEGER := COALESCE(
        (entry ->> 'session_id')::integer,
        (SELECT session_id FROM attendance_claims WHERE id = (entry ->> 'claim_id')::integer));
    kept TEXT := ledger_content(entry - names);
    before JSONB;
    known JSONB;
    leaves JSONB;
    erased TEXT[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        known := (SELECT COALESCE(jsonb_object_agg(name, gen_random_uuid()), '{}') FROM unnest(names) AS name
                  WHERE entry -> name <> 'null');
        INSERT INTO ledger_salts (table_name, row_key, salts) VALUES (TG_TABLE_NAME, entry_key, known);
        leaves := ledger_leaves(entry, known);
    ELSE
        before := to_jsonb(OLD);
        erased := ARRAY(SELECT name FROM unnest(names) AS name WHERE before -> name <> entry -> name);
        IF before - names <> entry - names
            OR EXISTS (SELECT FROM unnest(erased) AS name WHERE NOT is_erased(before -> name, entry -> name)) THEN
            RAISE EXCEPTION '% is append-only: only personal fields can be erased', TG_TABLE_NAME
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF erased = '{}' THEN
            RETURN NULL;
        END IF;
        SELECT salts INTO known FROM ledger_salts WHERE table_name = TG_TABLE_NAME AND row_key = entry_key;
        SELECT personal::jsonb INTO leaves FROM ledger_entries
        WHERE session_id = entry_session AND table_name = TG_TABLE_NAME AND row_key = entry_key
            AND content_hash = sha256(convert_to(kept || personal, 'UTF8'))
        ORDER BY position DESC LIMIT 1;
        IF leaves IS NULL OR NOT leaves @> ledger_leaves(before, known) THEN
            RAISE EXCEPTION '% % is not as it was written: nothing can be erased from it', TG_TABLE_NAME, entry_key
                USING HINT = 'python -m attendance_service.verify names what was changed.';
        END IF;
        leaves := leaves || (
            SELECT jsonb_object_agg(name, 'erased:' || encode(sha256(convert_to((entry -> name)::text, 'UTF8')), 'hex'))
            FROM unnest(erased) AS name);
        UPDATE ledger_salts SET salts = salts - erased WHERE table_name = TG_TABLE_NAME AND row_key = entry_key;
    END IF;
    PERFORM ledger_chain(
        entry_session, TG_TABLE_NAME, entry_key, sha256(convert_to(kept || leaves::text, 'UTF8')), leaves);
    RETURN NULL;
END
$$
"""

_REVOKE = REVOKE_EXECUTE.format("ledger_chain(INTEGER, TEXT, TEXT, BYTEA, JSONB), ledger_append()")

#: Refuses everything that is no erasure before it does anything; what an erasure does, `ledger_append` checks.
_REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION {table}_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('{may_erase}', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '{table} is append-only: % is refused', TG_OP
        USING ERRCODE = 'insufficient_privilege', HINT = 'Record what is right besides: the newest counts.';
END
$$
"""

#: By tables that stay append-only, and from which a person can be erased.
ERASABLE: Final = (*ERASABLE_TABLES, "attendance_policies")


def _rows_so_far() -> str:
    """Return SQL that puts all rows into their chains, in the order of time, as the trigger does."""
    return """
    FOR existing IN
        SELECT session_id, decided_at AS at, 1 AS rank, id AS number, 'attendance_decisions' AS table_name,
               id::text AS row_key, to_jsonb(own) AS entry
        FROM attendance_decisions AS own
        UNION ALL
        SELECT decision.session_id, decision.decided_at, 2, own.id, 'attendance_student_decisions', own.id::text,
               to_jsonb(own)
        FROM attendance_student_decisions AS own JOIN attendance_decisions AS decision ON decision.id = decision_id
        UNION ALL
        SELECT session_id, announced_at, 3, id, 'absence_notices', id::text, to_jsonb(own) FROM absence_notices AS own
        UNION ALL
        SELECT session_id, raised_at, 4, id, 'attendance_claims', id::text, to_jsonb(own) FROM attendance_claims AS own
        UNION ALL
        SELECT claim.session_id, own.answered_at, 5, claim.id, 'attendance_claim_answers', claim.id::text, to_jsonb(own)
        FROM attendance_claim_answers AS own JOIN attendance_claims AS claim ON claim.id = own.claim_id
        ORDER BY session_id, at, rank, number
    LOOP
        names := personal_of -> existing.table_name;
        known := (SELECT COALESCE(jsonb_object_agg(name, gen_random_uuid()), '{}')
                  FROM jsonb_array_elements_text(names) AS name WHERE existing.entry -> name <> 'null');
        INSERT INTO ledger_salts VALUES (existing.table_name, existing.row_key, known);
        leaves := ledger_leaves(existing.entry, known);
        kept := ledger_content(existing.entry - ARRAY(SELECT jsonb_array_elements_text(names)));
        PERFORM ledger_chain(existing.session_id, existing.table_name, existing.row_key,
                             sha256(convert_to(kept || leaves::text, 'UTF8')), leaves);
    END LOOP;"""


def _personal_of() -> str:
    """Return the personal columns by table, as SQL of a JSON object."""
    tables = [
        f"'{table}', to_jsonb(CAST('{{{','.join(own.personal)}}}' AS text[]))" for table, own in ERASABLE_TABLES.items()
    ]
    return f"jsonb_build_object({', '.join(tables)})"


_CHAIN_TABLES = ("ledger_checkpoint_heads", "ledger_checkpoints", "ledger_entries")
BEGIN_CHAINS_ANEW = f"""
DO $do$
DECLARE
    personal_of JSONB := {_personal_of()};
    existing record;
    names JSONB;
    known JSONB;
    leaves JSONB;
    kept TEXT;
BEGIN
    SET LOCAL timezone = 'UTC';
    {"".join(f"ALTER TABLE {table} DISABLE TRIGGER {table}_append_only; " for table in _CHAIN_TABLES)}
    {"".join(f"DELETE FROM {table}; " for table in _CHAIN_TABLES)}
    {"".join(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only; " for table in _CHAIN_TABLES)}
    {_rows_so_far()}
END
$do$
"""  # noqa: S608 - constants


def erasable_ledger_statements() -> tuple[str, ...]:
    """Return the statements that chain every row that is added from now on, and every erasure."""
    return (
        "DROP FUNCTION ledger_append() CASCADE",
        "DROP FUNCTION ledger_chain(TEXT, TEXT, JSONB)",
        FIX_SEARCH_PATH,
        *(_LEAVES, _REDUCED, _IS_ERASED, _CHAIN, _APPEND),
        RESET_SEARCH_PATH,
        _REVOKE,
        *(statement for table, own in ERASABLE_TABLES.items() for statement in _triggers(table, own)),
        *(_REFUSE_CHANGE.format(table=table, may_erase=MAY_ERASE) for table in ERASABLE),
    )


def _triggers(table: str, own: ErasableTable) -> tuple[str, str]:
    arguments = ", ".join(f"'{name}'" for name in (own.key, *own.personal))
    return (
        (
            f"CREATE TRIGGER {table}_chained AFTER INSERT OR UPDATE ON {table} FOR EACH ROW "
            f"EXECUTE FUNCTION ledger_append({arguments})"
        ),
        # ALWAYS: also where session_replication_role switches ordinary triggers off.
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_chained",
    )
