"""Notes and evidence that are older than their retention time go from the ledger, which can be verified still."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from attendance_service.store.retention import RetentionStore, RetentionTimes
from attendance_service.use_cases.retention import RetentionJob
from servicekit.database.engine import Database
from testkit.eventually import eventually
from testkit.postgres import execute, query
from tests.integration.personal_data.abel import fill
from tests.integration.personal_data.commands import acting_as, findings

NOTES = {
    "attendance_decisions": "notes",
    "attendance_student_decisions": "note",
    "absence_notices": "reason",
    "attendance_claims": "note",
    "attendance_claim_answers": "note",
}


@pytest.fixture
def connected(database: str) -> Iterator[Database]:
    fill(database)
    with acting_as("attendance_service", database) as opened:
        yield opened


def delete(database: Database, **days: int) -> None:
    """Do what the job does in a day."""
    retention = RetentionStore(database, RetentionTimes(**days))
    for part in (retention.reduce_evidence, retention.delete_notes):
        while part().goes_on:
            pass


def values(url: str, table: str, column: str) -> set[Any]:
    return {value for (value,) in query(url, f"SELECT {column} FROM {table}")}  # noqa: S608


def test_old_evidence_says_only_what_was_suggested(database: str, connected: Database) -> None:
    before = query(database, "SELECT tutor_suggested, student_confidence, tutor_reason FROM attendance_decisions")
    delete(connected, evidence=30)
    documents = query(
        database, "SELECT evidence FROM attendance_decisions UNION ALL SELECT suggestion FROM settled_sessions"
    )
    assert {tuple(sorted(document)) for (document,) in documents if isinstance(document, dict)} == {
        (
            *("student_confidence", "student_reasons", "student_status_suggestion"),
            *("tutor_confidence", "tutor_reasons", "tutor_status_suggestion"),
        )
    }
    assert (
        query(database, "SELECT tutor_suggested, student_confidence, tutor_reason FROM attendance_decisions") == before
    )
    assert findings(database) == []


def test_old_notes_go_and_statuses_stay(database: str, connected: Database) -> None:
    delete(connected, notes=30)
    assert values(database, "attendance_decisions", "notes") == {None}
    assert values(database, "attendance_decisions", "tutor_excuse_reason") == {None}
    assert values(database, "attendance_student_decisions", "note") == {None}
    assert values(database, "sessions", "attendance_notes") == {None}
    assert values(database, "attendance_student_decisions", "status_after") == {"late"}


def test_notes_of_claims_and_notices_that_are_young_stay(database: str, connected: Database) -> None:
    """They are written by `fill`, just now."""
    before = [values(database, table, NOTES[table]) for table in list(NOTES)[2:]]
    delete(connected, notes=30)
    assert [values(database, table, NOTES[table]) for table in list(NOTES)[2:]] == before
    assert findings(database) == []


def test_nothing_is_deleted_without_a_time(database: str, connected: Database) -> None:
    before = [values(database, table, column) for table, column in NOTES.items()]
    delete(connected)
    assert [values(database, table, column) for table, column in NOTES.items()] == before


def test_a_day_s_second_round_adds_nothing_to_the_chains(database: str, connected: Database) -> None:
    delete(connected, notes=30, evidence=30)
    entries = query(database, "SELECT count(*) FROM ledger_entries")
    execute(database, "UPDATE attendance_retention_walks SET finished_at = now() - interval '1 day'")
    delete(connected, notes=30, evidence=30)
    assert query(database, "SELECT count(*) FROM ledger_entries") == entries


async def test_the_job_does_it_by_itself_and_can_be_stopped(database: str, connected: Database) -> None:
    job = RetentionJob(RetentionStore(connected, RetentionTimes(notes=30)), interval_seconds=0.01)
    running = asyncio.create_task(job.run())
    await eventually(lambda: values(database, "attendance_decisions", "notes") == {None})
    job.stop()
    await running
