"""`erase` leaves nothing of a person in our tables; the ledger can be verified still, and reports say the same."""

from __future__ import annotations

import subprocess
from typing import Any

import psycopg2.errors
import pytest
from sqlalchemy.exc import DBAPIError

from attendance_service.domain.ledger_chain import erased_fields
from development.postgres import EmbeddedPostgres
from testkit.citus import needs_one_postgresql
from testkit.postgres import execute, query
from tests.integration.migrations.schema import dump
from tests.integration.personal_data.abel import (
    ABEL,
    ABEL_STUDENT,
    ABOUT_SARA,
    CLASS,
    HANA,
    SARA_STUDENT,
    TRACES,
    fill,
)
from tests.integration.personal_data.commands import erase_in_process, export_in_process, findings, ledgers, run
from tests.integration.personal_data.test_columns import OF_PLATFORM

#: What the platform's rows say is the platform's to erase.
UNENROL = (
    f"UPDATE enrolled_courses SET students_id = array_remove(students_id, {ABEL_STUDENT})",  # noqa: S608
    "UPDATE enrolled_courses SET tutor_id = 11",
    f"UPDATE whiteboard_sessions SET student_id = array_remove(student_id, {ABEL})",  # noqa: S608
    f"UPDATE whiteboard_sessions SET tutor_id = {HANA}",  # noqa: S608
    "DELETE FROM student_profiles WHERE user_id = 913000205",
    "DELETE FROM tutor_profiles WHERE user_id = 913000205",
    "DELETE FROM users WHERE id = 913000205",
)


def erase(database: str, user_id: int = ABEL) -> subprocess.CompletedProcess[str]:
    return run("attendancectl", database, "erase", "--user", str(user_id))


@pytest.fixture
def erased(database: str) -> str:
    """Return a database from which Abel was erased."""
    fill(database)
    erase_in_process(database, ABEL)
    return database


def test_the_commands_erase(database: str) -> None:
    fill(database)
    done = erase(database)
    assert done.returncode == 0
    # On several servers, one shard after the other.
    assert all(line.startswith("tracking_service: erased in ") for line in done.stderr.splitlines())
    assert [line.split(";")[0] for line in done.stdout.splitlines()] == [
        "attendance_service: erased",
        "tracking_service: erased",
    ]
    verified = run("attendance_service.verify", database).stdout.splitlines()
    assert verified[-1] == "The ledger is as it was written."
    assert verified[-2].startswith("Erased: ")


@needs_one_postgresql
def test_nothing_of_the_person_is_left_in_our_tables(erased: str, postgres_server: EmbeddedPostgres) -> None:
    execute(erased, *UNENROL)
    left = [line for line in dump(postgres_server, erased).splitlines() if any(trace in line for trace in TRACES)]
    assert left == []


def test_the_platform_may_delete_the_person_then(erased: str) -> None:
    execute(erased, *UNENROL)
    assert query(erased, f"SELECT count(*) FROM users WHERE id = {ABEL}") == [(0,)]  # noqa: S608


def test_others_keep_what_is_about_them(erased: str) -> None:
    assert query(erased, f"SELECT note FROM attendance_claims WHERE student_id = {SARA_STUDENT}") == [(ABOUT_SARA,)]  # noqa: S608
    notes = query(
        erased,
        f"SELECT session_id, note FROM attendance_student_decisions WHERE student_id = {SARA_STUDENT} ORDER BY 1",  # noqa: S608
    )
    assert notes == [(CLASS, ABOUT_SARA), (3, None), (4, ABOUT_SARA)]
    assert query(erased, f"SELECT count(*) FROM presence_intervals WHERE user_id = {HANA}") == [(3,)]  # noqa: S608


def test_statuses_stay_under_a_number_that_is_the_same_everywhere(erased: str) -> None:
    ((pseudonym,),) = query(erased, "SELECT DISTINCT student_id FROM attendance_student_decisions WHERE student_id < 0")
    assert query(
        erased,
        f"SELECT session_id, status FROM settled_students WHERE student_id = {pseudonym} ORDER BY 1",  # noqa: S608
    ) == [(1, "late"), (2, "late")]
    assert query(
        erased,
        f"SELECT status_after FROM attendance_student_decisions WHERE student_id = {pseudonym}",  # noqa: S608
    ) == [("late",), ("late",)]


def test_the_ledger_can_be_verified_and_says_how_much_was_erased(erased: str) -> None:
    assert (findings(erased), erased_fields(ledgers(erased)) > 20) == ([], True)


def test_erasing_twice_erases_what_came_between(erased: str) -> None:
    execute(erased, f"UPDATE presence_intervals SET user_id = {ABEL} WHERE user_id = {HANA}")  # noqa: S608
    erase_in_process(erased, ABEL)
    assert query(erased, f"SELECT count(*) FROM presence_intervals WHERE user_id = {ABEL}") == [(0,)]  # noqa: S608
    assert findings(erased) == []


def test_nothing_is_exported_after_it(erased: str) -> None:
    execute(erased, *UNENROL)
    assert export_in_process(erased, ABEL) == {}


def test_a_lesson_that_has_not_settled_is_in_the_way(database: str) -> None:
    fill(database)
    execute(database, "UPDATE sessions SET session_date = session_date + 1 WHERE id = 2")
    done = erase(database)
    assert (done.returncode, done.stdout) == (2, "")
    assert "1 lessons with this person have not settled yet (sessions 2)" in done.stderr
    assert query(database, "SELECT count(*) FROM erasures") == [(0,)]


def insider(database: str, table: str, *statements: str) -> None:
    """Act as the tables' owner, who switches every trigger of a table off and on again."""
    triggers = query(
        database,
        f"SELECT tgname FROM pg_trigger WHERE tgrelid = '{table}'::regclass AND NOT tgisinternal",  # noqa: S608
    )
    execute(
        database,
        f"ALTER TABLE {table} DISABLE TRIGGER USER",
        *statements,
        *(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}" for (name,) in triggers),
    )


@pytest.mark.parametrize(
    "change",
    [
        "status_after = 'present' WHERE id = 1",
        "note = 'other' WHERE id = 1",
        "note = NULL WHERE id = 1",
        "note = 'other' WHERE id = 2",
        "student_id = -99 WHERE id = 2",
        "student_id = 5 WHERE id = 2",
    ],
)
def test_what_else_was_changed_is_still_named(erased: str, change: str) -> None:
    insider(
        erased,
        "attendance_student_decisions",
        f"UPDATE attendance_student_decisions SET {change}",  # noqa: S608
    )
    key = change[-1]
    assert findings(erased) == [f"session {CLASS}: attendance_student_decisions {key} was changed after it was written"]


def test_an_erased_evidence_that_says_something_else_is_named(erased: str) -> None:
    insider(
        erased,
        "attendance_decisions",
        "UPDATE attendance_decisions SET evidence = evidence || '{\"has_whiteboard\": false}' WHERE id = 1",
    )
    assert findings(erased) == [f"session {CLASS}: attendance_decisions 1 was changed after it was written"]


def test_a_salt_that_is_missing_without_an_erasure_is_named(database: str) -> None:
    fill(database)
    execute(database, "UPDATE ledger_salts SET salts = salts - 'note' WHERE table_name = 'attendance_claims'")
    assert {finding.split(": ")[1] for finding in findings(database)} == {
        "attendance_claims 1 was changed after it was written",
        "attendance_claims 2 was changed after it was written",
    }


def test_a_row_that_was_rewritten_before_cannot_be_erased(database: str) -> None:
    fill(database)
    insider(database, "attendance_claims", "UPDATE attendance_claims SET claimed_status = 'late' WHERE id = 1")
    with pytest.raises(DBAPIError, match="attendance_claims 1 is not as it was written"):
        erase_in_process(database, ABEL)


ERASES: tuple[Any, ...] = ("SET attendance.erases = 'on'",)


@pytest.mark.parametrize(
    "change",
    [
        "attendance_decisions SET tutor_status_after = 'late'",
        "attendance_decisions SET notes = 'other'",
        "attendance_decisions SET decided_by = 101",
        "attendance_decisions SET evidence = '{}'",
        "attendance_claims SET claimed_status = 'late'",
        "absence_notices SET reason = 'other'",
    ],
)
def test_even_the_owner_who_lets_erasures_pass_cannot_rewrite_anything(database: str, change: str) -> None:
    fill(database)
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="only personal fields can be erased"):
        execute(database, *ERASES, f"UPDATE {change}")


@needs_one_postgresql
def test_every_table_of_the_platform_is_left_alone(database: str, postgres_server: EmbeddedPostgres) -> None:
    fill(database)
    before = dump(postgres_server, database, *OF_PLATFORM)
    erase_in_process(database, ABEL)
    assert dump(postgres_server, database, *OF_PLATFORM) == before


@pytest.mark.parametrize("service", ["tracking_service", "attendance_service"])
def test_the_service_s_own_role_may_not_erase(database: str, service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    setting = f"{service.removesuffix('_service').upper()}_ERASURE_ROLE"
    monkeypatch.setenv(setting, service)
    done = run(f"{service}.erase", database, "--user", str(ABEL))
    assert done.returncode != 0
    assert "permission denied for function erase" in done.stderr
