"""Databases that customers have become the documented ones, and keep what was in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import psycopg2.errors
import pytest

from testkit.postgres import execute, migrate, query
from tests.integration.migrations.customer_databases import AFTER, BEFORE

NINE_COLUMNS = """
SELECT count(*) FROM information_schema.columns WHERE table_name = 'whiteboard_sessions' AND column_name
~ '_connected_at$|_disconnected_at$|_last_activity_at$|_total_active_seconds$|^connection_logs$'
"""
AUDIT_COLUMNS = """
SELECT column_name FROM information_schema.columns
WHERE table_name = 'sessions' AND column_name LIKE 'attendance%' ORDER BY 1
"""


def type_of(url: str, table: str, column: str) -> str:
    statement = f"""
        SELECT format_type(atttypid, atttypmod) FROM pg_attribute
        WHERE attrelid = '{table}'::regclass AND attname = '{column}'
    """  # noqa: S608 - the tests' own names
    return str(query(url, statement)[0][0])


def default_of(url: str, table: str, column: str) -> object:
    statement = f"""
        SELECT column_default FROM information_schema.columns
        WHERE table_name = '{table}' AND column_name = '{column}'
    """  # noqa: S608 - the tests' own names
    return query(url, statement)[0][0]


def test_every_customer_has_nine_connection_columns_afterwards(adopted: str) -> None:
    assert query(adopted, NINE_COLUMNS) == [(9,)]


def test_every_customer_has_four_audit_columns_afterwards(adopted: str) -> None:
    assert [name for (name,) in query(adopted, AUDIT_COLUMNS)] == [
        "attendance_marked_at",
        "attendance_marked_by",
        "attendance_notes",
        "attendance_source",
    ]


def test_every_customer_has_times_with_a_zone(adopted: str) -> None:
    assert type_of(adopted, "whiteboard_sessions", "tutor_connected_at") == "timestamp with time zone"
    assert type_of(adopted, "sessions", "attendance_marked_at") == "timestamp with time zone"


def test_every_customer_has_the_documented_defaults(adopted: str) -> None:
    execute(
        adopted,
        "INSERT INTO sessions (session_date, start_time, end_time) VALUES ('2025-01-01', '9:00', '10:00')",
    )
    statement = """
        SELECT tutor_attendance_status, student_attendance_status, attendance_source
        FROM sessions ORDER BY id DESC LIMIT 1
    """
    assert query(adopted, statement) == [("present", "present", "system_default")]


def test_every_customer_has_no_null_in_the_logs_of_new_whiteboard_sessions(adopted: str) -> None:
    assert default_of(adopted, "whiteboard_sessions", "connection_logs") == "'[]'::jsonb"


def test_every_customer_keeps_its_schedules_as_they_are(adopted: str) -> None:
    assert type_of(adopted, "whiteboard_sessions", "scheduled_start") == "timestamp without time zone"


def test_every_customer_accepts_every_documented_value(adopted: str) -> None:
    for source in ("manual", "whiteboard_auto", "parent_reported", "admin_override", "system_default"):
        execute(adopted, f"UPDATE sessions SET attendance_source = '{source}'")  # noqa: S608 - documented values
    for status in ("present", "late", "absent"):
        execute(adopted, f"UPDATE sessions SET tutor_attendance_status = '{status}'")  # noqa: S608 - documented values


def test_every_customer_refuses_other_sources(adopted: str) -> None:
    with pytest.raises(psycopg2.errors.CheckViolation):
        execute(adopted, "UPDATE sessions SET attendance_source = 'guessed'")


def test_every_customer_has_room_for_hot_updates(adopted: str) -> None:
    statement = "SELECT reloptions FROM pg_class WHERE relname = 'whiteboard_sessions'"
    assert query(adopted, statement) == [(["fillfactor=25"],)]


def test_what_stood_in_attendance_status_is_kept(adopted_before: str) -> None:
    statement = """
        SELECT whiteboard_session_id, attendance_status FROM whiteboard_attendance_status_archive ORDER BY 1
    """
    assert query(adopted_before, statement) == [(1, "present"), (2, "no-show")]


def test_the_removal_of_attendance_status_is_reported(adoption_notes: Mapping[str, tuple[str, ...]]) -> None:
    assert (
        "whiteboard_sessions.attendance_status: removed; "
        "its values are kept in whiteboard_attendance_status_archive (2 rows)."
    ) in adoption_notes["adopted_before"]


def test_a_single_student_stays_an_integer(adopted_before: str) -> None:
    assert type_of(adopted_before, "whiteboard_sessions", "student_id") == "integer"


def test_many_students_stay_an_array(adopted_after: str) -> None:
    assert type_of(adopted_after, "whiteboard_sessions", "student_id") == "integer[]"


def test_undocumented_old_statuses_are_kept(adopted_before: str) -> None:
    assert query(adopted_before, "SELECT tutor_attendance_status FROM sessions") == [("Present!",)]


def test_old_times_are_read_as_utc(empty_database: str) -> None:
    execute(
        empty_database,
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = ''Asia/Tokyo''', current_database()); END $$",
    )
    execute(empty_database, AFTER)
    migrate(empty_database)
    statement = "SELECT tutor_connected_at FROM whiteboard_sessions WHERE id = 1"
    assert query(empty_database, statement) == [(datetime(2025, 3, 1, 9, 1, 2, 3, tzinfo=UTC),)]


def test_reading_times_as_utc_does_not_rewrite_the_table(empty_database: str) -> None:
    execute(empty_database, AFTER)
    where = "SELECT pg_relation_filenode('whiteboard_sessions')"
    before = query(empty_database, where)
    migrate(empty_database)
    assert query(empty_database, where) == before


def test_indexes_over_columns_that_heartbeats_change_are_dropped(adopted_after: str) -> None:
    statement = "SELECT indexname FROM pg_indexes WHERE tablename = 'whiteboard_sessions' ORDER BY 1"
    assert query(adopted_after, statement) == [
        ("whiteboard_of_tutor",),
        ("whiteboard_sessions_pkey",),
        ("whiteboard_sessions_tutor_id_scheduled_start_idx",),
    ]


def test_a_heartbeat_on_an_adopted_table_is_a_hot_update(adopted_after: str) -> None:
    update = "UPDATE whiteboard_sessions SET tutor_last_activity_at = now(), tutor_total_active_seconds = 5"
    execute(adopted_after, f"{update} WHERE id = 1; SELECT pg_stat_force_next_flush()")
    statement = "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'whiteboard_sessions'"
    assert query(adopted_after, statement) == [(1, 1)]


def test_nulls_in_old_rows_may_stay(adopted_after: str) -> None:
    statement = "SELECT connection_logs, student_total_active_seconds FROM whiteboard_sessions WHERE id = 2"
    assert query(adopted_after, statement) == [(None, None)]


def test_an_old_source_is_kept(adopted_after: str) -> None:
    statement = "SELECT attendance_source FROM sessions ORDER BY id"
    assert query(adopted_after, statement) == [("manual",), (None,), ("50% imported",), ("tutor's app",)]


def test_the_platform_can_still_update_a_row_with_an_old_source(adopted_after: str) -> None:
    execute(adopted_after, "UPDATE sessions SET status = 'completed'")
    assert query(adopted_after, "SELECT count(*) FROM sessions WHERE status = 'completed'") == [(4,)]


def test_a_source_column_that_is_too_narrow_is_widened(adopted_after: str) -> None:
    assert type_of(adopted_after, "sessions", "attendance_source") == "character varying(30)"


def test_the_definition_of_a_dropped_constraint_is_reported(adoption_notes: Mapping[str, tuple[str, ...]]) -> None:
    notes = adoption_notes["adopted_after"]
    assert any("sessions_tutor_attendance_status_check dropped. It was: CHECK" in note for note in notes)


def test_a_constraint_that_allows_the_documented_statuses_stays(empty_database: str) -> None:
    words = "student_attendance_status IN ('present', 'late', 'absent', 'excused')"
    execute(empty_database, f"{AFTER} ALTER TABLE sessions ADD CONSTRAINT known_statuses CHECK ({words});")
    migrate(empty_database)
    statement = "SELECT count(*) FROM pg_constraint WHERE conname = 'known_statuses'"
    assert query(empty_database, statement) == [(1,)]


def test_logs_of_type_json_become_jsonb(adopted_mixed: str) -> None:
    assert type_of(adopted_mixed, "whiteboard_sessions", "connection_logs") == "jsonb"


def test_a_time_that_could_not_be_null_can_be_now(adopted_mixed: str) -> None:
    execute(adopted_mixed, "UPDATE whiteboard_sessions SET tutor_connected_at = NULL")
    assert query(adopted_mixed, "SELECT DISTINCT tutor_connected_at FROM whiteboard_sessions") == [(None,)]


def test_a_missing_title_is_added_empty(adopted_mixed: str) -> None:
    assert query(adopted_mixed, "SELECT DISTINCT title FROM whiteboard_sessions") == [(None,)]


def test_a_platform_without_names_of_courses_is_adopted_without_them(empty_database: str) -> None:
    execute(empty_database, AFTER, "ALTER TABLE courses DROP COLUMN course_name")
    migrate(empty_database)
    execute(empty_database, "SET ROLE attendance_service", "SELECT id FROM courses")


def test_platform_tables_that_are_there_are_left_alone(adopted_before: str) -> None:
    assert type_of(adopted_before, "users", "first_name") == "character varying(100)"


def test_indexes_that_reports_need_are_created_where_the_platform_has_none(empty_database: str) -> None:
    execute(empty_database, BEFORE)
    notes = [note for note in migrate(empty_database) if "index over" in note]
    assert sorted(note.split(" created")[0] for note in notes) == [
        "enrolled_courses: index over students_id",
        "enrolled_courses: index over tutor_id",
        "sessions: index over enrolled_courses_id",
        "sessions: index over session_date, id",
        "sessions: index over whiteboard_id",
        "student_profiles: index over user_id",
        "tutor_profiles: index over user_id",
        "whiteboard_sessions: index over tutor_id",
        "whiteboard_sessions: index over tutor_id, scheduled_start",
    ]


def test_an_index_that_the_platform_has_is_not_made_again(empty_database: str) -> None:
    execute(
        empty_database,
        AFTER,
        "CREATE INDEX by_course ON sessions (enrolled_courses_id, session_date)",
        "CREATE INDEX by_day ON sessions (session_date, id)",
        "CREATE INDEX by_whiteboard ON sessions (whiteboard_id)",
        "ALTER TABLE tutor_profiles ADD UNIQUE (user_id)",
        "CREATE INDEX by_user ON student_profiles (user_id)",
        "CREATE INDEX by_schedule ON whiteboard_sessions (tutor_id, scheduled_start, status)",
    )
    notes = [note for note in migrate(empty_database) if "index over" in note]
    assert {note.split(":")[0] for note in notes} == {"enrolled_courses"}
