"""From the ninth revision of the attendance tables to the one whose ledger is chained."""

from __future__ import annotations

import pytest

from attendance_service.domain.ledger_chain import session_findings
from attendance_service.migrations.ledger_chain import chain_statements
from attendance_service.migrations.versions import r0010_ledger_chain
from attendance_service.store.ledger_verification import session_ledgers
from servicekit.database.engine import Database
from servicekit.database.migration.append_only import append_only_statements
from servicekit.database.migration.transaction import MigrationFailed
from testkit.postgres import execute, migrate, query
from tests.integration.migrations.test_privileges import (
    ANSWER,
    CLAIM,
    DECISION,
    NOTICE,
    PEOPLE_AND_SESSIONS,
    STUDENT_DECISION,
)
from tests.integration.migrations.test_student_decisions import BEFORE_CHAINS


@pytest.fixture
def chained_later(database: str) -> str:
    """Return a database whose ledger was written before there were chains."""
    execute(database, *BEFORE_CHAINS, "UPDATE attendance_alembic_version SET version_num = '0009'")
    execute(database, PEOPLE_AND_SESSIONS, NOTICE, DECISION, STUDENT_DECISION, CLAIM, ANSWER)
    migrate(database)
    return database


def test_the_ledger_so_far_is_chained_in_the_order_of_time(chained_later: str) -> None:
    assert query(chained_later, "SELECT position, table_name, row_key FROM ledger_entries ORDER BY 1") == [
        (1, "absence_notices", "1"),
        (2, "attendance_decisions", "1"),
        (3, "attendance_student_decisions", "1"),
        (4, "attendance_claims", "1"),
        (5, "attendance_claim_answers", "1"),
    ]


def test_it_verifies_also_with_what_is_added_then(chained_later: str) -> None:
    execute(chained_later, CLAIM)
    database = Database(chained_later, role="attendance_service", application="test", pool_size=1)
    try:
        (ledger,) = [ledger for batch in session_ledgers(database) for ledger in batch.ledgers]
    finally:
        database.dispose()
    assert (len(ledger.entries), list(session_findings(ledger))) == (6, [])


@pytest.fixture
def at_the_tenth_revision(chained_later: str) -> str:
    """Return a database of the version before people could be erased."""
    execute(
        chained_later,
        *BEFORE_CHAINS,
        *r0010_ledger_chain.NEW_RELATIONS.values(),
        *chain_statements(),
        r0010_ledger_chain._CHAIN_EXISTING_ROWS,  # noqa: SLF001 - what this revision did
        "UPDATE attendance_alembic_version SET version_num = '0010'",
    )
    for table in ("ledger_entries", "ledger_checkpoints", "ledger_checkpoint_heads"):
        execute(chained_later, *append_only_statements(table, hint=""))
    return chained_later


def test_chains_begin_anew_with_hashes_from_which_nobody_can_be_found_out(at_the_tenth_revision: str) -> None:
    migrate(at_the_tenth_revision)
    assert query(at_the_tenth_revision, "SELECT count(*), min(position), max(position) FROM ledger_entries") == [
        (5, 1, 5)
    ]
    assert query(at_the_tenth_revision, "SELECT salts ? 'raised_by' FROM ledger_salts WHERE table_name ~ 'claims'") == [
        (True,)
    ]


@pytest.mark.parametrize(
    "done",
    [
        "UPDATE attendance_claims SET claimed_status = 'present'",
        "DELETE FROM attendance_claim_answers",
        "UPDATE ledger_entries SET chain_hash = '' WHERE position = 2",
        (
            "INSERT INTO ledger_checkpoints (day, hash) VALUES (now(), ''); "
            "INSERT INTO ledger_checkpoint_heads VALUES (1, 9, 1, '')"
        ),
    ],
)
def test_chains_do_not_begin_anew_if_somebody_has_rewritten_the_ledger(at_the_tenth_revision: str, done: str) -> None:
    """Else what was done to it would be hidden."""
    for table in ("attendance_claims", "attendance_claim_answers", "ledger_entries"):
        execute(at_the_tenth_revision, f"ALTER TABLE {table} DISABLE TRIGGER USER")
    execute(at_the_tenth_revision, done)
    with pytest.raises(MigrationFailed, match="the ledger is not as it was written"):
        migrate(at_the_tenth_revision)
