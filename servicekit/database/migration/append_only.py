"""Statements that make a table append-only, for its owner as well."""

from __future__ import annotations


def append_only_statements(table: str, *, hint: str) -> tuple[str, ...]:
    """Return the statements, in their order; `hint` is what the refusal advises."""
    return (
        f"""
CREATE OR REPLACE FUNCTION {table}_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '{table} is append-only: % is refused', TG_OP
        USING ERRCODE = 'insufficient_privilege', HINT = '{hint}';
END
$$
""",
        # Per statement, so that it also refuses one that changes no row, and TRUNCATE.
        f"""
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse_change()
""",
        # ALWAYS: also where session_replication_role switches ordinary triggers off.
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only",
    )
