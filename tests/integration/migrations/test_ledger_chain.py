"""From the ninth revision of the attendance tables to the one whose ledger is chained."""

from __future__ import annotations

import pytest

from attendance_service.domain.ledger_chain import session_findings
from attendance_service.store.ledger_verification import session_ledgers
from servicekit.database.engine import Database
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
        (3, "attendance_student_decisions", "1/1"),
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
