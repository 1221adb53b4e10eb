"""Let a person be erased from the ledger, so that it can still be verified (docs/adr/0019-erasure.md).

The chains are begun anew: their entries so far have hashes of whole rows, from which ids could be found out by trying.
"""

from __future__ import annotations

from attendance_service.migrations.erasable_ledger import (
    BEGIN_CHAINS_ANEW,
    REQUIRE_INTACT_LEDGER,
    erasable_ledger_statements,
)
from attendance_service.migrations.erasing import ERASE_PERSON, ERASE_PERSON_SIGNATURE
from attendance_service.migrations.forgetting import (
    DELETE_NOTES,
    DELETE_NOTES_SIGNATURE,
    REDUCE_EVIDENCE,
    REDUCE_EVIDENCE_SIGNATURE,
)
from servicekit.database.migration.adoption import creations
from servicekit.database.migration.definer import REVOKE_EXECUTE
from servicekit.database.migration.transaction import Change, current_migration

revision = "0011"
down_revision = "0010"

#: What is mixed into the hash of each personal field. It is deleted with the field, so that nobody can find out by
#: trying what the field was.
_LEDGER_SALTS = """
CREATE TABLE ledger_salts (
    table_name TEXT NOT NULL,
    row_key TEXT NOT NULL,
    salts JSONB NOT NULL,
    PRIMARY KEY (table_name, row_key)
)
"""

#: One row per person who was erased. It does not say who.
_ERASURES = """
CREATE TABLE erasures (
    id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    erased_at TIMESTAMPTZ NOT NULL DEFAULT now()
)
"""

#: Pseudonyms are the negative numbers of this sequence: they are no ids of the platform's.
_ERASED_IDS = "CREATE SEQUENCE erased_ids AS INTEGER"

#: How far each task of the retention job has come: one row per task.
_ATTENDANCE_RETENTION_WALKS = """
CREATE TABLE attendance_retention_walks (
    task TEXT PRIMARY KEY,
    walked_to INTEGER NOT NULL DEFAULT 0,
    finished_at TIMESTAMPTZ
)
"""

#: The statements by the name of the relation that they create.
NEW_RELATIONS = {
    "ledger_salts": _LEDGER_SALTS,
    "erasures": _ERASURES,
    "erased_ids": _ERASED_IDS,
    "attendance_retention_walks": _ATTENDANCE_RETENTION_WALKS,
}

#: The key of its rows must not name the student.
_NUMBER_STUDENT_DECISIONS = (
    "ALTER TABLE attendance_student_decisions ADD COLUMN id BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE"
)
#: `personal` has a hash of each personal field, or what it became when it was erased.
_ADD_PERSONAL = "ALTER TABLE ledger_entries ADD COLUMN personal TEXT NOT NULL DEFAULT '{}'"
#: Once somebody is erased from a settled session, it is not judged again: they would be missing.
_ADD_PEOPLE_ERASED = "ALTER TABLE settled_sessions ADD COLUMN people_erased BOOLEAN NOT NULL DEFAULT FALSE"
#: A pseudonym is no user; and the platform may delete a user who was erased. That a caller exists, the service checks.
_DROP_REFERENCES = (
    "ALTER TABLE attendance_decisions DROP CONSTRAINT attendance_decisions_decided_by_fkey",
    "ALTER TABLE absence_notices DROP CONSTRAINT absence_notices_announced_by_fkey",
    "ALTER TABLE attendance_claims DROP CONSTRAINT attendance_claims_raised_by_fkey",
    "ALTER TABLE attendance_claim_answers DROP CONSTRAINT attendance_claim_answers_answered_by_fkey",
    "ALTER TABLE attendance_policies DROP CONSTRAINT attendance_policies_created_by_fkey",
)


def upgrade() -> None:
    """Make sure that nobody has rewritten the ledger so far; then begin its chains anew."""
    migration = current_migration()
    migration.execute(REQUIRE_INTACT_LEDGER)
    migration.apply(*creations(NEW_RELATIONS))
    migration.execute(_NUMBER_STUDENT_DECISIONS, _ADD_PERSONAL, _ADD_PEOPLE_ERASED, *_DROP_REFERENCES)
    migration.execute(*erasable_ledger_statements())
    migration.apply(
        Change(
            statement=BEGIN_CHAINS_ANEW,
            note="ledger_entries: nobody had rewritten the ledger; its chains and checkpoints begin anew.",
        )
    )
    migration.execute(*ERASE_PERSON, *REDUCE_EVIDENCE, *DELETE_NOTES)
    migration.execute(
        *map(REVOKE_EXECUTE.format, (ERASE_PERSON_SIGNATURE, REDUCE_EVIDENCE_SIGNATURE, DELETE_NOTES_SIGNATURE))
    )
