"""Migrations may run again, at the same time, and while other sessions hold locks."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import ExitStack
from uuid import UUID

import psycopg2
import pytest

from attendance_service.migrations.versions import r0012_erasure_by_index
from development.postgres import EmbeddedPostgres
from servicekit.database.migration.runner import upgrade
from servicekit.database.migration.transaction import MigrationFailed
from testkit.postgres import LOCK_SECONDS, TRACKING_ROLE, execute, fresh_database, migrate, query
from tests.integration.migrations.customer_databases import AFTER, BEFORE, MIXED
from tests.integration.migrations.schema import dump
from tests.integration.migrations.test_student_decisions import BEFORE_STUDENT_DECISIONS
from tracking_service.migrations.history import HISTORY as TRACKING_HISTORY

#: PostgreSQL does not notify that a session waits for a lock, so the test polls.
POLL_SECONDS = 0.05
BEFORE_JOURNAL = (
    "DROP TRIGGER whiteboard_sessions_members_changed ON whiteboard_sessions",
    "DROP TRIGGER whiteboard_sessions_members_gone ON whiteboard_sessions",
    "DROP TABLE journal_writers, presence_journal, session_groups, membership_changes",
    "DROP FUNCTION note_membership_change, empty_old_journal",
)
#: Undoes the revisions from the tenth to the seventh.
BEFORE_APPEND_ONLY_EVENTS = (
    *BEFORE_JOURNAL,
    "DROP SEQUENCE erased_user_ids",
    "DROP FUNCTION delete_old_facts, delete_old_coverage, erase_user",
    "DROP TABLE deleted_facts, tracking_retention_walks",
    "DROP TRIGGER connection_events_append_only ON connection_events",
    "DROP FUNCTION connection_events_refuse_change",
)
#: Undoes the revisions from the tenth to the fifth, and the rename of the fourth.
BEFORE_FOURTH_REVISION = (
    *BEFORE_APPEND_ONLY_EVENTS,
    "DROP TABLE relay_coverage, relay_sessions",
    "DROP TABLE relay_clock_offsets",
    "ALTER TABLE expired_relay_streams RENAME TO forgotten_relay_streams",
    "ALTER INDEX expired_relay_streams_pkey RENAME TO forgotten_relay_streams_pkey",
)
CREATED = (
    "relay_clock_offsets: created.",
    "relay_coverage: created.",
    "relay_coverage_owner: created.",
    "relay_sessions: created.",
    "deleted_facts: created.",
    "tracking_retention_walks: created.",
    "erased_user_ids: created.",
    *("journal_writers: created.", "presence_journal: created."),
    *("session_groups: created.", "membership_changes: created."),
)
RENAMED = "forgotten_relay_streams: renamed to expired_relay_streams; its rows are kept."
#: Runs out at once; the lock is held until the test lets it go.
IMPATIENT_SECONDS = 0.05


@pytest.mark.parametrize("customer", ["SELECT 1", BEFORE, AFTER, MIXED], ids=["empty", "before", "after", "mixed"])
def test_running_twice_changes_nothing(postgres_server: EmbeddedPostgres, empty_database: str, customer: str) -> None:
    execute(empty_database, customer)
    migrate(empty_database)
    once = dump(postgres_server, empty_database)
    assert migrate(empty_database) == ()
    assert dump(postgres_server, empty_database) == once


def test_an_adopted_database_is_adopted_again_without_a_change(empty_database: str) -> None:
    """The version table is lost, say in a partial restore; the tables themselves have the target's form already."""
    execute(empty_database, AFTER)
    migrate(empty_database)
    execute(
        empty_database,
        "DROP TABLE tracking_alembic_version, presence_intervals, connection_events, activity_periods, "
        "heartbeat_streams, whiteboard_attendance_status_archive, observation_coverage, relay_observation_gaps, "
        "expired_relay_streams, relay_clock_offsets, relay_coverage, relay_sessions, deleted_facts, "
        "tracking_retention_walks",
        "DROP FUNCTION delete_old_facts, delete_old_coverage, erase_user",
        *BEFORE_JOURNAL,
        "DROP SEQUENCE erased_user_ids",
    )
    notes = migrate(empty_database)
    assert [note for note in notes if note.startswith("whiteboard_sessions")] == []


def test_a_database_of_the_first_revision_becomes_like_a_new_one(
    postgres_server: EmbeddedPostgres, empty_database: str
) -> None:
    migrate(empty_database)
    new = dump(postgres_server, empty_database)
    execute(
        empty_database,
        *BEFORE_APPEND_ONLY_EVENTS,
        "DROP TABLE observation_coverage, relay_observation_gaps, expired_relay_streams, relay_clock_offsets",
        "DROP TABLE relay_coverage, relay_sessions",
        "ALTER TABLE heartbeat_streams DROP COLUMN last_committed_at",
        "ALTER TABLE presence_intervals DROP COLUMN stream_id",
        "UPDATE tracking_alembic_version SET version_num = '0001'",
    )
    migrate(empty_database)
    assert dump(postgres_server, empty_database) == new


def test_a_database_without_the_indexes_of_the_third_revisions_becomes_like_a_new_one(
    postgres_server: EmbeddedPostgres, empty_database: str
) -> None:
    migrate(empty_database)
    new = dump(postgres_server, empty_database)
    execute(
        empty_database,
        *BEFORE_FOURTH_REVISION,
        "DROP INDEX tutor_profiles_user_id_idx, whiteboard_sessions_tutor_id_scheduled_start_idx",
        *BEFORE_STUDENT_DECISIONS,
        "DROP INDEX student_profiles_user_id_idx",
        "ALTER TABLE attendance_decisions DROP COLUMN tutor_withdrawn, DROP COLUMN student_withdrawn",
        "DROP TABLE settled_students, settled_sessions",
        "DROP TABLE absence_notices",
        "DROP FUNCTION absence_notices_refuse_change",
        "UPDATE attendance_alembic_version SET version_num = '0002'",
        "UPDATE tracking_alembic_version SET version_num = '0002'",
    )
    assert [note.split(" created")[0] for note in migrate(empty_database)] == [
        "whiteboard_sessions: index over tutor_id, scheduled_start",
        RENAMED,
        "relay_clock_offsets:",
        "relay_coverage:",
        "relay_coverage_owner:",
        "relay_sessions:",
        "deleted_facts:",
        "tracking_retention_walks:",
        "erased_user_ids:",
        *("journal_writers:", "presence_journal:", "session_groups:", "membership_changes:"),
        "tutor_profiles: index over user_id",
        "attendance_decisions: rows may withdraw earlier decisions; those so far withdraw nothing.",
        "absence_notices:",
        "absence_notices_of_session:",
        *("settled_sessions:", "settled_students:", "settled_sessions_recheck:", "settled_sessions_tutor:"),
        *(
            "settled_sessions_whiteboard_tutor:",
            "settled_sessions_day:",
            "settled_sessions_outcome_tutor:",
            "settled_students_student:",
        ),
        "attendance_decisions: decisions may excuse the tutor; those so far excuse nobody.",
        "attendance_student_decisions:",
        "attendance_student_decisions_of_session:",
        "student_profiles: index over user_id",
        *("attendance_claims:", "attendance_claims_of_session:", "attendance_claims_of_student:"),
        *("attendance_claim_answers:", "attendance_claim_answers_decision:", "attendance_decisions_of_parents:"),
        *("ledger_entries:", "ledger_entries_recorded:", "ledger_checkpoints:", "ledger_checkpoint_heads:"),
        "ledger_checkpoint_heads_checkpoint:",
        "ledger_entries: the rows of the ledger so far are chained as they are now.",
        *("ledger_salts:", "erasures:", "erased_ids:", "attendance_retention_walks:"),
        "ledger_entries: nobody had rewritten the ledger; its chains and checkpoints begin anew.",
        *(f"{name}:" for name in r0012_erasure_by_index.NEW_RELATIONS),
    ]
    assert dump(postgres_server, empty_database) == new


def test_a_database_of_the_third_revision_becomes_like_a_new_one_and_keeps_what_expired_streams_covered(
    postgres_server: EmbeddedPostgres, empty_database: str
) -> None:
    migrate(empty_database)
    stream = "INSERT INTO expired_relay_streams VALUES ('{}', '2025-03-01', '2025-03-02')"
    execute(empty_database, stream.format(UUID(int=1)))
    new = dump(postgres_server, empty_database)
    execute(empty_database, *BEFORE_FOURTH_REVISION, "UPDATE tracking_alembic_version SET version_num = '0003'")
    assert migrate(empty_database) == (RENAMED, *CREATED)
    assert dump(postgres_server, empty_database) == new
    execute(empty_database, "SET ROLE tracking_service", stream.format(UUID(int=2)))


def test_two_at_the_same_time_both_succeed(empty_database: str) -> None:
    with _held_lock(empty_database):
        processes = [_started_migration(empty_database) for _ in range(2)]
        _wait_until_blocked(empty_database, processes)
    outputs = _outputs(processes)
    assert sorted("nothing to do" in output for output in outputs) == [False, True]


def test_migrations_of_several_databases_at_the_same_time_share_the_new_role(postgres_server: EmbeddedPostgres) -> None:
    with ExitStack() as stack:
        stack.callback(execute, postgres_server.url(), "DROP ROLE IF EXISTS raced_for")
        urls = [stack.enter_context(fresh_database(postgres_server)) for _ in range(3)]
        _outputs([_started_migration(url, role="raced_for") for url in urls])
        for url in urls:
            execute(url, "SET ROLE raced_for; SELECT id FROM whiteboard_sessions")


def test_a_lock_that_is_not_granted_is_reported_with_the_next_step(empty_database: str) -> None:
    with _held_lock(empty_database), pytest.raises(MigrationFailed) as failed:
        _migrate_tracking(empty_database, lock_timeout_seconds=IMPATIENT_SECONDS)
    assert "LOCK TABLE whiteboard_sessions" in str(failed.value)
    assert "MIGRATION_LOCK_TIMEOUT_SECONDS" in str(failed.value)


def test_a_lock_that_is_not_granted_leaves_nothing_half_done(
    postgres_server: EmbeddedPostgres, empty_database: str
) -> None:
    with _held_lock(empty_database):
        before = dump(postgres_server, empty_database)
        with pytest.raises(MigrationFailed):
            _migrate_tracking(empty_database, lock_timeout_seconds=IMPATIENT_SECONDS)
        assert dump(postgres_server, empty_database) == before


def test_an_unknown_later_revision_is_reported(empty_database: str) -> None:
    migrate(empty_database)
    execute(empty_database, "UPDATE tracking_alembic_version SET version_num = '9999'")
    with pytest.raises(MigrationFailed, match="install the newest version"):
        migrate(empty_database)


def _started_migration(url: str, role: str = "tracking_service") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tracking_service.migrate"],
        env={
            **os.environ,
            "DATABASE_URL": url,
            "TRACKING_DATABASE_ROLE": role,
            "MIGRATION_LOCK_TIMEOUT_SECONDS": str(LOCK_SECONDS),
        },
        stdout=subprocess.PIPE,
        text=True,
    )


def _wait_until_blocked(url: str, processes: list[subprocess.Popen[str]]) -> None:
    """Return when each process waits for a lock: the first for the table, the second for the first."""
    blocked = """
        SELECT count(*) FROM pg_locks WHERE NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """
    while query(url, blocked) != [(len(processes),)]:
        assert all(process.poll() is None for process in processes)
        time.sleep(POLL_SECONDS)


def _outputs(processes: list[subprocess.Popen[str]]) -> list[str]:
    outputs = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes)
    return outputs


def _migrate_tracking(url: str, lock_timeout_seconds: float = LOCK_SECONDS) -> tuple[str, ...]:
    return upgrade(TRACKING_HISTORY, url=url, role=TRACKING_ROLE, lock_timeout_seconds=lock_timeout_seconds)


def _held_lock(url: str) -> ExitStack:
    """Read a table of the customer's in a transaction that stays open."""
    execute(url, BEFORE)
    stack = ExitStack()
    connection = psycopg2.connect(url)
    stack.callback(connection.close)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM whiteboard_sessions")
    return stack
