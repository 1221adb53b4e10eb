"""Chain the rows of the ledger by hashes, those so far as well (docs/decisions.md#hash-chains)."""

from __future__ import annotations

from attendance_service.migrations.ledger_chain import chain_statements
from servicekit.database.migration.adoption import creations
from servicekit.database.migration.append_only import append_only_statements
from servicekit.database.migration.transaction import Change, current_migration

revision = "0010"
down_revision = "0009"

#: One row per row of the ledger: its place in the chain of its session. `row_key` has the values of its primary key,
#: joined by slashes. `content_hash` is that of the row, `chain_hash` also covers the entry before it.
_LEDGER_ENTRIES = """
CREATE TABLE ledger_entries (
    session_id INTEGER NOT NULL REFERENCES sessions (id),
    position INTEGER NOT NULL,
    table_name TEXT NOT NULL,
    row_key TEXT NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    content_hash BYTEA NOT NULL,
    chain_hash BYTEA NOT NULL,
    PRIMARY KEY (session_id, position)
)
"""

#: The sessions that a checkpoint has to look at.
_LEDGER_ENTRIES_RECORDED = "CREATE INDEX ledger_entries_recorded ON ledger_entries (recorded_at)"

#: At most one per day (UTC). `hash` covers the checkpoint before it and its own heads.
_LEDGER_CHECKPOINTS = """
CREATE TABLE ledger_checkpoints (
    id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    day DATE NOT NULL UNIQUE,
    taken_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    hash BYTEA NOT NULL
)
"""

#: The newest entry of each chain that had grown since the checkpoint before.
_LEDGER_CHECKPOINT_HEADS = """
CREATE TABLE ledger_checkpoint_heads (
    session_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    checkpoint_id INTEGER NOT NULL REFERENCES ledger_checkpoints (id),
    chain_hash BYTEA NOT NULL,
    PRIMARY KEY (session_id, position)
)
"""

#: The heads of a checkpoint, in the order in which its hash covers them.
_LEDGER_CHECKPOINT_HEADS_CHECKPOINT = """
CREATE INDEX ledger_checkpoint_heads_checkpoint ON ledger_checkpoint_heads (checkpoint_id, session_id)
"""

#: The statements by the name of the relation that they create.
NEW_RELATIONS = {
    "ledger_entries": _LEDGER_ENTRIES,
    "ledger_entries_recorded": _LEDGER_ENTRIES_RECORDED,
    "ledger_checkpoints": _LEDGER_CHECKPOINTS,
    "ledger_checkpoint_heads": _LEDGER_CHECKPOINT_HEADS,
    "ledger_checkpoint_heads_checkpoint": _LEDGER_CHECKPOINT_HEADS_CHECKPOINT,
}

#: In the order of time. The students of a decision follow it, an answer follows the decision that it led to.
_CHAIN_EXISTING_ROWS = """
DO $do$
DECLARE
    existing record;
BEGIN
    FOR existing IN
        SELECT session_id, decided_at AS at, 1 AS rank, id, 'attendance_decisions' AS table_name,
               id::text AS row_key, to_jsonb(decision) AS entry
        FROM attendance_decisions AS decision
        UNION ALL
        SELECT decision.session_id, decision.decided_at, 2, decision.id, 'attendance_student_decisions',
               concat_ws('/', about.decision_id, about.student_id), to_jsonb(about)
        FROM attendance_student_decisions AS about JOIN attendance_decisions AS decision ON decision.id = decision_id
        UNION ALL
        SELECT session_id, announced_at, 3, id, 'absence_notices', id::text, to_jsonb(notice)
        FROM absence_notices AS notice
        UNION ALL
        SELECT session_id, raised_at, 4, id, 'attendance_claims', id::text, to_jsonb(claim)
        FROM attendance_claims AS claim
        UNION ALL
        SELECT claim.session_id, answered.answered_at, 5, claim.id, 'attendance_claim_answers', claim.id::text,
               to_jsonb(answered)
        FROM attendance_claim_answers AS answered JOIN attendance_claims AS claim ON claim.id = answered.claim_id
        ORDER BY session_id, at, rank, id, row_key
    LOOP
        PERFORM ledger_chain(existing.table_name, existing.row_key, existing.entry);
    END LOOP;
END
$do$
"""

_HINT = "It shows what was written to the ledger, and when."


def upgrade() -> None:
    """Add the chains, put every row so far into them, and let the database do so from now on."""
    migration = current_migration()
    migration.apply(*creations(NEW_RELATIONS))
    migration.execute(*chain_statements())
    migration.apply(
        Change(
            statement=_CHAIN_EXISTING_ROWS,
            note="ledger_entries: the rows of the ledger so far are chained as they are now.",
        )
    )
    for table in ("ledger_entries", "ledger_checkpoints", "ledger_checkpoint_heads"):
        migration.execute(*append_only_statements(table, hint=_HINT))
