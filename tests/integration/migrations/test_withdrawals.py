"""What the ledger accepts as a withdrawal."""

from __future__ import annotations

import psycopg2
import pytest

from testkit.postgres import execute
from tests.integration.migrations.test_privileges import PEOPLE_AND_SESSIONS

_INSERT = (
    "INSERT INTO attendance_decisions (session_id, decided_by, decided_by_role, source, source_before, limits, {}) "
    "VALUES (1, 1, 'tutor', '{}', 'manual', '{{}}', {})"
)


def test_a_withdrawal_has_the_default_source_and_no_status(database: str) -> None:
    execute(database, PEOPLE_AND_SESSIONS, _INSERT.format("tutor_withdrawn", "system_default", "TRUE"))


@pytest.mark.parametrize(
    ("columns", "source", "values"),
    [
        ("tutor_withdrawn", "manual", "TRUE"),
        ("tutor_status_after", "system_default", "'present'"),
        ("tutor_withdrawn, tutor_status_after", "system_default", "TRUE, 'present'"),
        ("student_withdrawn, student_status_after", "system_default", "TRUE, 'present'"),
    ],
)
def test_nothing_else_is_a_withdrawal(database: str, columns: str, source: str, values: str) -> None:
    execute(database, PEOPLE_AND_SESSIONS)
    with pytest.raises(psycopg2.errors.CheckViolation):
        execute(database, _INSERT.format(columns, source, values))


def test_a_withdrawal_is_kept_for_ever(database: str) -> None:
    execute(database, PEOPLE_AND_SESSIONS, _INSERT.format("tutor_withdrawn", "system_default", "TRUE"))
    for statement in ("UPDATE attendance_decisions SET tutor_withdrawn = FALSE", "DELETE FROM attendance_decisions"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            execute(database, statement)
