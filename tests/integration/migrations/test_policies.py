"""From the first revision of the attendance tables to the one with policies."""

from __future__ import annotations

import pytest

from attendance_service.migrations.versions import r0012_erasure_by_index
from testkit.postgres import execute, migrate, query
from tests.integration.migrations.test_privileges import DECISION, PEOPLE_AND_SESSIONS
from tests.integration.migrations.test_student_decisions import BEFORE_STUDENT_DECISIONS

#: What revisions from 0002 on made, unmade: as the first revision left it.
_BACK_TO_THE_FIRST_REVISION = """
DROP TABLE attendance_policies;
DROP FUNCTION attendance_policies_refuse_change;
DROP TABLE settled_students, settled_sessions;
DROP TABLE absence_notices;
DROP FUNCTION absence_notices_refuse_change;
ALTER TABLE attendance_decisions DROP COLUMN policy_version,
    DROP COLUMN tutor_withdrawn, DROP COLUMN student_withdrawn;
UPDATE attendance_alembic_version SET version_num = '0001';
"""


@pytest.fixture
def first_revision(database: str) -> str:
    """Return a database of the version before, with a decision."""
    execute(database, *BEFORE_STUDENT_DECISIONS, _BACK_TO_THE_FIRST_REVISION, PEOPLE_AND_SESSIONS, DECISION)
    return database


def test_new_relations_and_columns_are_reported(first_revision: str) -> None:
    assert migrate(first_revision) == (
        "attendance_policies: created.",
        "attendance_policies_newest: created.",
        "attendance_decisions.policy_version: added; decisions so far were made under the built-in limits.",
        "attendance_decisions: rows may withdraw earlier decisions; those so far withdraw nothing.",
        "absence_notices: created.",
        "absence_notices_of_session: created.",
        "settled_sessions: created.",
        "settled_students: created.",
        "settled_sessions_recheck: created.",
        "settled_sessions_tutor: created.",
        "settled_sessions_whiteboard_tutor: created.",
        "settled_sessions_day: created.",
        "settled_sessions_outcome_tutor: created.",
        "settled_students_student: created.",
        "attendance_decisions: decisions may excuse the tutor; those so far excuse nobody.",
        "attendance_student_decisions: created.",
        "attendance_student_decisions_of_session: created.",
        "attendance_claims: created.",
        "attendance_claims_of_session: created.",
        "attendance_claims_of_student: created.",
        "attendance_claim_answers: created.",
        "attendance_claim_answers_decision: created.",
        "attendance_decisions_of_parents: created.",
        "ledger_entries: created.",
        "ledger_entries_recorded: created.",
        "ledger_checkpoints: created.",
        "ledger_checkpoint_heads: created.",
        "ledger_checkpoint_heads_checkpoint: created.",
        "ledger_entries: the rows of the ledger so far are chained as they are now.",
        "ledger_salts: created.",
        "erasures: created.",
        "erased_ids: created.",
        "attendance_retention_walks: created.",
        "ledger_entries: nobody had rewritten the ledger; its chains and checkpoints begin anew.",
        *(f"{name}: created." for name in r0012_erasure_by_index.NEW_RELATIONS),
    )


def test_decisions_from_before_were_taken_under_the_built_in_policy(first_revision: str) -> None:
    migrate(first_revision)
    assert query(first_revision, "SELECT policy_version FROM attendance_decisions") == [(0,)]


def test_a_replica_of_the_version_before_records_decisions_while_it_is_replaced(first_revision: str) -> None:
    migrate(first_revision)
    execute(first_revision, "SET ROLE attendance_service", DECISION)
    assert query(first_revision, "SELECT policy_version FROM attendance_decisions") == [(0,), (0,)]


def test_the_first_policy_is_version_one(first_revision: str) -> None:
    migrate(first_revision)
    execute(first_revision, "SET ROLE attendance_service; INSERT INTO attendance_policies (created_by) VALUES (1)")
    assert query(first_revision, "SELECT version, course_id, limits FROM attendance_policies") == [(1, None, None)]
