"""The documented check: psql shows the documented columns and types (TIMESTAMP is TIMESTAMPTZ, docs/adr/0002)."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from development.postgres import EmbeddedPostgres
from testkit.postgres import fresh_database, query

ZONED = "timestamp with time zone"
WHITEBOARD_SESSIONS = {
    "tutor_connected_at": (ZONED, ""),
    "tutor_disconnected_at": (ZONED, ""),
    "tutor_last_activity_at": (ZONED, ""),
    "tutor_total_active_seconds": ("integer", "0"),
    "student_connected_at": (ZONED, ""),
    "student_disconnected_at": (ZONED, ""),
    "student_last_activity_at": (ZONED, ""),
    "student_total_active_seconds": ("integer", "0"),
    "connection_logs": ("jsonb", "'[]'::jsonb"),
}
SESSIONS = {
    "tutor_attendance_status": ("character varying(20)", "'present'::character varying"),
    "student_attendance_status": ("character varying(20)", "'present'::character varying"),
    "attendance_marked_by": ("integer", ""),
    "attendance_marked_at": (ZONED, ""),
    "attendance_source": ("character varying(30)", "'system_default'::character varying"),
    "attendance_notes": ("text", ""),
    "whiteboard_id": ("integer", ""),
}


Columns = dict[str, tuple[str, str]]


@pytest.fixture(scope="module")
def migrated(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[str]:
    """Return the URL of a migrated database that no test changes."""
    with fresh_database(postgres_server, template=migrated_template) as url:
        yield url


@pytest.fixture(scope="module")
def whiteboard_sessions(postgres_server: EmbeddedPostgres, migrated: str) -> Columns:
    return described(postgres_server, migrated, "whiteboard_sessions")


@pytest.fixture(scope="module")
def sessions(postgres_server: EmbeddedPostgres, migrated: str) -> Columns:
    return described(postgres_server, migrated, "sessions")


def psql(server: EmbeddedPostgres, url: str, command: str) -> str:
    return subprocess.run(
        [server.program("psql"), url, "--no-psqlrc", "-c", command], check=True, capture_output=True, text=True
    ).stdout


def described(server: EmbeddedPostgres, url: str, table: str) -> Columns:
    """Return type and default by column, as psql prints them."""
    lines = psql(server, url, f"\\d {table}").splitlines()
    cells = [[cell.strip() for cell in line.split("|")] for line in lines if line.count("|") == 4]
    return {name: (kind, default) for name, kind, _, _, default in cells}


@pytest.mark.parametrize(("column", "expected"), WHITEBOARD_SESSIONS.items())
def test_psql_shows_the_documented_columns_of_whiteboard_sessions(
    whiteboard_sessions: Columns, column: str, expected: tuple[str, str]
) -> None:
    assert whiteboard_sessions[column] == expected


@pytest.mark.parametrize(("column", "expected"), SESSIONS.items())
def test_psql_shows_the_documented_columns_of_sessions(
    sessions: Columns, column: str, expected: tuple[str, str]
) -> None:
    assert sessions[column] == expected


def test_whiteboard_sessions_has_no_attendance_status(whiteboard_sessions: Columns) -> None:
    assert "attendance_status" not in whiteboard_sessions


def test_a_whiteboard_session_can_have_many_students(whiteboard_sessions: Columns) -> None:
    assert whiteboard_sessions["student_id"][0] == "integer[]"


def test_sessions_refer_to_users_and_whiteboard_sessions(postgres_server: EmbeddedPostgres, migrated: str) -> None:
    shown = psql(postgres_server, migrated, r"\d sessions")
    assert "FOREIGN KEY (attendance_marked_by) REFERENCES users(id)" in shown
    assert "FOREIGN KEY (whiteboard_id) REFERENCES whiteboard_sessions(id)" in shown


def test_every_table_of_both_services_is_there(migrated: str) -> None:
    tables = {str(name) for (name,) in query(migrated, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert tables == {
        *("whiteboard_sessions", "presence_intervals", "connection_events", "activity_periods", "heartbeat_streams"),
        *("observation_coverage", "relay_observation_gaps", "expired_relay_streams", "relay_clock_offsets"),
        *("relay_coverage", "relay_sessions"),
        *("journal_writers", "presence_journal", "session_groups", "membership_changes"),
        *(f"presence_journal_{hour:02}" for hour in range(24)),
        *("deleted_facts", "tracking_retention_walks"),
        *("whiteboard_attendance_status_archive", "tracking_alembic_version", "attendance_alembic_version"),
        *("users", "tutor_profiles", "student_profiles", "parent_profiles", "courses", "tutor_packages"),
        *("enrolled_courses", "sessions", "attendance_decisions", "attendance_policies"),
        "attendance_student_decisions",
        *("settled_sessions", "settled_students"),
        *("absence_notices", "attendance_claims", "attendance_claim_answers"),
        *("ledger_entries", "ledger_salts", "ledger_checkpoints", "ledger_checkpoint_heads"),
        *("erasures", "attendance_retention_walks"),
    }


def test_tables_that_heartbeats_change_leave_room_on_their_pages(migrated: str) -> None:
    rows = query(migrated, "SELECT relname, reloptions FROM pg_class WHERE reloptions::text LIKE '%fill%' ORDER BY 1")
    assert rows == [
        ("heartbeat_streams", ["fillfactor=50"]),
        ("journal_writers", ["fillfactor=10"]),
        ("presence_intervals", ["fillfactor=45"]),
        ("session_groups", ["fillfactor=20"]),
        ("whiteboard_sessions", ["fillfactor=25"]),
    ]
