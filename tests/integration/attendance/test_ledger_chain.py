"""The database chains what is written to the ledger, and the verification names whoever touched it since."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import pytest_asyncio

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.migrations.erasable_ledger import ERASABLE_TABLES
from attendance_service.store.executor import DatabaseExecutor
from attendance_service.store.ledger_checkpoints import LedgerCheckpointStore
from servicekit.database.engine import Database
from tests.integration.attendance.claims import answer, claim, days_ago
from tests.integration.attendance.classes import SARA
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import Platform

INTACT = "The ledger is as it was written."


def verify(database: str, *arguments: str) -> tuple[int, list[str]]:
    """Run the command and return its exit status and what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "attendance_service.verify", *arguments],
        env={**os.environ, "DATABASE_URL": database},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).splitlines()


def found(database: str, *arguments: str) -> list[str]:
    """Return what the command found."""
    status, printed = verify(database, *arguments)
    findings = [line for line in printed if line.startswith(("session ", "checkpoint "))]
    assert status == (1 if findings else 0), printed
    return findings


@contextmanager
def insider(platform: Platform) -> Iterator[Platform]:
    """Act as the tables' owner, who switches every trigger off and on again."""
    tables = [*ERASABLE_TABLES, "ledger_entries", "ledger_checkpoints", "ledger_checkpoint_heads"]
    for table in tables:
        platform.run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield platform
    for table in tables:
        for (name,) in platform.rows(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", table
        ):
            platform.run(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


async def take_checkpoint(database: str) -> str:
    """Take the day's checkpoint as the service does, and return its hash."""
    store = LedgerCheckpointStore(
        DatabaseExecutor(Database(database, role="attendance_service", application="test", pool_size=1), 1)
    )
    taken = await store.take_if_due()
    assert taken is not None
    assert await store.take_if_due() is None
    return taken.hash.hex()


@pytest_asyncio.fixture(loop_scope="module")
async def decided(tutor: Client, lesson: int) -> int:
    """Return a session on which the tutor decided twice."""
    await tutor.mark(lesson, student_attendance_status=pb.absent, attendance_notes="ልጁ አልመጣም")
    await tutor.mark(lesson, student_attendance_status=pb.late)
    return lesson


async def test_everything_that_is_written_is_chained_in_its_order(
    tutor: Client, parent: Client, recent: int, platform: Platform, database: str
) -> None:
    await tutor.mark(recent, student_attendance_status=pb.absent)
    raised = await claim(parent, recent)
    await answer(tutor, raised.claim_id, pb.accepted)
    chained = platform.rows("SELECT table_name FROM ledger_entries WHERE session_id = %s ORDER BY position", recent)
    assert [table for (table,) in chained] == [
        *("attendance_decisions", "attendance_student_decisions"),
        "attendance_claims",
        *("attendance_decisions", "attendance_student_decisions"),
        "attendance_claim_answers",
    ]
    assert verify(database)[1][-1] == INTACT


async def test_an_announced_absence_is_chained(parent: Client, platform: Platform, database: str) -> None:
    session_id = platform.add_session(**days_ago(-2))
    await parent.report("AnnounceAbsence", session_id=session_id, student_id=SARA, reason="Fever")
    assert platform.rows("SELECT table_name FROM ledger_entries WHERE session_id = %s", session_id) == [
        ("absence_notices",)
    ]
    assert found(database) == []


async def test_concurrent_decisions_form_one_chain(tutor: Client, lesson: int, database: str) -> None:
    await asyncio.gather(*(tutor.mark(lesson, student_attendance_status=pb.late) for _ in range(16)))
    status, printed = verify(database)
    assert (status, printed[-2:]) == (0, ["Entries: 32, of 1 sessions with a ledger.", INTACT])


async def test_a_row_that_the_owner_changes_is_named(decided: int, platform: Platform, database: str) -> None:
    with insider(platform):
        platform.run("UPDATE attendance_student_decisions SET status_after = 'present' WHERE decision_id = 2")
    assert found(database) == [f"session {decided}: attendance_student_decisions 2 was changed after it was written"]


async def test_a_row_that_the_owner_deletes_is_named(decided: int, platform: Platform, database: str) -> None:
    with insider(platform):
        platform.run("DELETE FROM attendance_student_decisions WHERE decision_id = 2")
    assert found(database) == [f"session {decided}: attendance_student_decisions 2 was deleted"]


async def test_a_row_that_the_owner_adds_with_the_triggers_off_is_named(
    decided: int, platform: Platform, database: str
) -> None:
    with insider(platform):
        platform.run(
            "INSERT INTO attendance_claims (session_id, student_id, claimed_status, note, raised_by, raised_by_role) "
            "SELECT session_id, %s, 'present', 'x', decided_by, 'parent' FROM attendance_decisions LIMIT 1",
            SARA,
        )
    assert found(database) == [f"session {decided}: attendance_claims 1 was added past the chain"]


async def test_a_chain_that_the_owner_computes_anew_differs_from_the_checkpoint(
    decided: int, platform: Platform, database: str
) -> None:
    kept = await take_checkpoint(database)
    assert found(database, "--checkpoint", kept) == []
    with insider(platform):
        platform.run("UPDATE attendance_decisions SET notes = 'She came' WHERE id = 1")
        platform.run("DELETE FROM ledger_entries")
        for table, own in ERASABLE_TABLES.items():
            names = "{" + ",".join(own.personal) + "}"
            platform.run(
                f"SELECT ledger_chain(t.session_id, '{table}', id::text, sha256(convert_to(ledger_content(to_jsonb(t) "  # noqa: S608
                f"- '{names}'::text[]) || leaves::text, 'UTF8')), leaves) "
                f"FROM {table} AS t JOIN ledger_salts ON table_name = '{table}' AND row_key = id::text "
                "CROSS JOIN LATERAL ledger_leaves(to_jsonb(t), salts) AS leaves"
                if own.key == "id"
                else "SELECT 1"
            )
    (finding,) = found(database)
    assert finding.startswith(f"session {decided}: its chain was rewritten: entry 4 is not the one of the checkpoint")


@pytest.mark.usefixtures("decided")
async def test_a_checkpoint_that_the_owner_takes_anew_has_another_hash_than_the_one_that_was_kept(
    platform: Platform, database: str
) -> None:
    kept = await take_checkpoint(database)
    with insider(platform):
        platform.run("DELETE FROM ledger_checkpoint_heads")
        platform.run("DELETE FROM ledger_checkpoints")
        platform.run("DELETE FROM ledger_entries WHERE position > 2")
        platform.run("DELETE FROM attendance_student_decisions WHERE decision_id = 2")
        platform.run("DELETE FROM attendance_decisions WHERE id = 2")
    await take_checkpoint(database)
    assert found(database) == []
    assert found(database, "--checkpoint", kept) == [f"checkpoint {kept}: there is none with this hash"]


async def test_a_checkpoint_covers_what_was_written_since_the_last_one(
    tutor: Client, decided: int, platform: Platform, database: str
) -> None:
    await take_checkpoint(database)
    with insider(platform):
        platform.run("UPDATE ledger_checkpoints SET day = day - 1")
    other, _ = platform.add_lesson()
    await tutor.mark(other, student_attendance_status=pb.present)
    await take_checkpoint(database)
    heads = platform.rows("SELECT checkpoint_id, session_id, position FROM ledger_checkpoint_heads ORDER BY 1")
    assert heads == [(1, decided, 4), (2, other, 2)]
    assert found(database) == []


@pytest.mark.usefixtures("decided")
async def test_a_later_column_changes_no_content(platform: Platform, database: str) -> None:
    platform.run("ALTER TABLE attendance_decisions ADD COLUMN later TEXT")
    try:
        assert found(database) == []
    finally:
        platform.run("ALTER TABLE attendance_decisions DROP COLUMN later")


async def test_the_command_says_what_is_in_its_way(empty_database: str) -> None:
    status, printed = verify(empty_database)
    assert status == 2
    assert printed[0].startswith("The ledger was not verified. The database is not migrated yet")
