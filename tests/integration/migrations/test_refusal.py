"""A database that can't be adopted is refused before anything is changed, with all reasons."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from development.postgres import EmbeddedPostgres
from servicekit.database.migration.adoption import CannotAdopt
from testkit.postgres import execute, fresh_database, migrate
from tests.integration.migrations.customer_databases import AFTER, BEFORE
from tests.integration.migrations.schema import dump


def refusal(url: str) -> list[str]:
    with pytest.raises(CannotAdopt) as refused:
        migrate(url)
    return [str(blocker) for blocker in refused.value.blockers]


@pytest.mark.parametrize("column", ["tutor_id", "student_id"])
def test_a_whiteboard_session_without_its_people_is_refused(empty_database: str, column: str) -> None:
    execute(empty_database, BEFORE, f"ALTER TABLE whiteboard_sessions DROP COLUMN {column}")
    (blocker,) = refusal(empty_database)
    assert blocker.startswith(f"whiteboard_sessions.{column}: is missing")


def test_a_whiteboard_session_without_an_id_is_refused(empty_database: str) -> None:
    execute(empty_database, BEFORE, "ALTER TABLE whiteboard_sessions DROP COLUMN id CASCADE")
    (blocker,) = refusal(empty_database)
    assert blocker.startswith("whiteboard_sessions.id: is missing")


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("sessions", "session_date"),
        ("sessions", "enrolled_courses_id"),
        ("enrolled_courses", "tutor_id"),
        ("enrolled_courses", "students_id"),
        ("users", "first_name"),
        ("parent_profiles", "children_ids"),
    ],
)
def test_a_platform_table_without_what_is_read_is_refused(empty_database: str, table: str, column: str) -> None:
    execute(empty_database, BEFORE, f"ALTER TABLE {table} DROP COLUMN {column}")
    (blocker,) = refusal(empty_database)
    assert blocker.startswith(f"{table}.{column}: is missing")


def test_a_time_stored_as_text_is_refused(empty_database: str) -> None:
    execute(empty_database, AFTER, "ALTER TABLE whiteboard_sessions ALTER COLUMN tutor_connected_at TYPE TEXT")
    (blocker,) = refusal(empty_database)
    assert blocker == (
        "whiteboard_sessions.tutor_connected_at: is text; change its type to one of: "
        "timestamp with time zone, timestamp without time zone"
    )


def test_a_view_over_attendance_status_is_named(empty_database: str) -> None:
    execute(empty_database, BEFORE, "CREATE VIEW overview AS SELECT id, attendance_status FROM whiteboard_sessions")
    (blocker,) = refusal(empty_database)
    assert blocker.startswith("whiteboard_sessions.attendance_status: has to be removed, but is read by overview;")


def test_a_foreign_table_with_a_name_of_ours_is_refused(empty_database: str) -> None:
    execute(empty_database, BEFORE, "CREATE TABLE connection_events (id INTEGER)")
    (blocker,) = refusal(empty_database)
    assert blocker.startswith("connection_events: exists already, but not from this migration")


def test_all_blockers_of_the_tracking_history_are_reported_at_once(empty_database: str) -> None:
    execute(
        empty_database,
        AFTER,
        "ALTER TABLE whiteboard_sessions DROP COLUMN tutor_id, ALTER COLUMN connection_logs TYPE TEXT",
        "CREATE TABLE heartbeat_streams (id INTEGER)",
    )
    assert [blocker.split(":")[0] for blocker in refusal(empty_database)] == [
        "whiteboard_sessions.tutor_id",
        "whiteboard_sessions.connection_logs",
        "heartbeat_streams",
    ]


def test_a_refusal_changes_nothing(postgres_server: EmbeddedPostgres, empty_database: str) -> None:
    execute(empty_database, BEFORE, "ALTER TABLE whiteboard_sessions DROP COLUMN tutor_id")
    before = dump(postgres_server, empty_database)
    refusal(empty_database)
    assert dump(postgres_server, empty_database) == before


def test_a_refusal_by_the_second_history_leaves_its_tables_alone(
    postgres_server: EmbeddedPostgres, empty_database: str
) -> None:
    execute(empty_database, BEFORE, "ALTER TABLE enrolled_courses DROP COLUMN tutor_id")
    before = dump(postgres_server, empty_database, "sessions")
    refusal(empty_database)
    assert dump(postgres_server, empty_database, "sessions") == before


@pytest.fixture
def stranger(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[str]:
    """Create a login that may act as the services' roles, which the template's migration has made."""
    assert migrated_template
    execute(postgres_server.url(), "CREATE ROLE stranger LOGIN", "GRANT tracking_service, tracking_erasure TO stranger")
    yield "stranger"
    execute(postgres_server.url(), "DROP ROLE stranger")


def test_tables_of_another_owner_are_refused(postgres_server: EmbeddedPostgres, stranger: str) -> None:
    with fresh_database(postgres_server, owner=stranger) as url:
        execute(url, BEFORE)
        assert refusal(url.replace("postgres@", f"{stranger}@")) == [
            "whiteboard_sessions: belongs to postgres; run the migration as that role or as a member of it"
        ]


def test_a_login_that_may_not_create_tables_is_refused(stranger: str, empty_database: str) -> None:
    assert refusal(empty_database.replace("postgres@", f"{stranger}@")) == [
        "schema public: stranger may not create tables in it; GRANT CREATE ON SCHEMA public TO stranger"
    ]
