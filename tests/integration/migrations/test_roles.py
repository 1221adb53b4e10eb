"""The services' roles are made where they are missing, by logins of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from attendance_service.migrations.history import HISTORY as ATTENDANCE_HISTORY
from development.postgres import EmbeddedPostgres
from servicekit.database.migration.adoption import CannotAdopt
from servicekit.database.migration.roles import ServiceRole
from servicekit.database.migration.runner import upgrade
from testkit.postgres import ATTENDANCE_ROLE, LOCK_SECONDS, TRACKING_ROLE, execute, fresh_database, migrate, query
from tests.integration.migrations.customer_databases import AFTER, PLATFORM
from tracking_service.migrations.history import HISTORY as TRACKING_HISTORY

ATTENDANCE = "SET ROLE attendance_service"
QUOTED_ROLE = '"Tracking of ""school"" 100%"'
MISSING_ROLE = ServiceRole(name="missing", setting="TRACKING_DATABASE_ROLE")


@pytest.fixture
def login(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """Create a login without any privilege."""
    execute(postgres_server.url(), "CREATE ROLE platform_owner LOGIN")
    yield "platform_owner"
    execute(postgres_server.url(), "DROP ROLE platform_owner")


@pytest.fixture
def new_role(postgres_server: EmbeddedPostgres) -> Iterator[ServiceRole]:
    """Return a role that is not there yet; its name has every difficulty that a name can have."""
    yield ServiceRole(name='Tracking of "school" 100%', setting="TRACKING_DATABASE_ROLE")
    execute(postgres_server.url(), f"DROP ROLE IF EXISTS {QUOTED_ROLE}")


def as_user(url: str, user: str) -> str:
    return url.replace("postgres@", f"{user}@")


def test_an_ordinary_owner_with_createrole_is_enough(
    postgres_server: EmbeddedPostgres, login: str, new_role: ServiceRole
) -> None:
    execute(postgres_server.url(), f"ALTER ROLE {login} CREATEROLE")
    with fresh_database(postgres_server, owner=login) as url:
        execute(as_user(url, login), AFTER)
        upgrade(TRACKING_HISTORY, url=as_user(url, login), role=new_role, lock_timeout_seconds=LOCK_SECONDS)
        update = "UPDATE whiteboard_sessions SET tutor_last_activity_at = now()"
        execute(as_user(url, login), f"SET ROLE {QUOTED_ROLE}", update)


@pytest.mark.usefixtures("migrated_template")
def test_an_ordinary_owner_of_an_empty_database_is_enough(postgres_server: EmbeddedPostgres, login: str) -> None:
    execute(
        postgres_server.url(),
        f"GRANT tracking_service, attendance_service, tracking_erasure, attendance_erasure TO {login}",
    )
    with fresh_database(postgres_server, owner=login) as url:
        migrate(as_user(url, login))
        execute(as_user(url, login), ATTENDANCE, "SELECT id FROM sessions")


def test_a_login_that_cannot_create_the_role_is_shown_two_solutions(
    postgres_server: EmbeddedPostgres, login: str
) -> None:
    with fresh_database(postgres_server, owner=login) as url, pytest.raises(CannotAdopt) as refused:
        upgrade(TRACKING_HISTORY, url=as_user(url, login), role=MISSING_ROLE, lock_timeout_seconds=LOCK_SECONDS)
    message = str(refused.value)
    assert "CREATE ROLE missing NOLOGIN; GRANT missing TO platform_owner;" in message
    assert "set TRACKING_DATABASE_ROLE=none" in message


@pytest.mark.usefixtures("migrated_template")
def test_a_login_that_may_not_act_as_the_role_is_refused(postgres_server: EmbeddedPostgres, login: str) -> None:
    with fresh_database(postgres_server, owner=login) as url, pytest.raises(CannotAdopt, match="may not act as it"):
        upgrade(TRACKING_HISTORY, url=as_user(url, login), role=TRACKING_ROLE, lock_timeout_seconds=LOCK_SECONDS)


def test_a_missing_role_is_reported_together_with_the_blockers_of_tables(
    postgres_server: EmbeddedPostgres, login: str
) -> None:
    with fresh_database(postgres_server, owner=login) as url:
        execute(as_user(url, login), AFTER, "ALTER TABLE whiteboard_sessions DROP COLUMN tutor_id CASCADE")
        with pytest.raises(CannotAdopt) as refused:
            upgrade(TRACKING_HISTORY, url=as_user(url, login), role=MISSING_ROLE, lock_timeout_seconds=LOCK_SECONDS)
    assert [blocker.subject for blocker in refused.value.blockers] == ["whiteboard_sessions.tutor_id", "role missing"]


@pytest.mark.parametrize("name", ["", "none"])
def test_without_a_role_none_is_created(postgres_server: EmbeddedPostgres, login: str, name: str) -> None:
    nobody = ServiceRole(name=name, setting="TRACKING_DATABASE_ROLE")
    with fresh_database(postgres_server, owner=login) as url:
        assert upgrade(TRACKING_HISTORY, url=as_user(url, login), role=nobody, lock_timeout_seconds=LOCK_SECONDS)


def test_a_role_may_have_any_name(new_role: ServiceRole, empty_database: str) -> None:
    upgrade(TRACKING_HISTORY, url=empty_database, role=new_role, lock_timeout_seconds=LOCK_SECONDS)
    execute(empty_database, f"SET ROLE {QUOTED_ROLE}", "SELECT id FROM whiteboard_sessions")


def test_privileges_lost_in_a_restore_come_back_with_the_next_run(database: str) -> None:
    execute(database, "REVOKE ALL ON sessions FROM attendance_service")
    migrate(database)
    execute(database, ATTENDANCE, "SELECT id FROM sessions")


def test_a_role_with_a_password_may_log_in(new_role: ServiceRole, empty_database: str) -> None:
    role = replace(new_role, password="it's %s")  # noqa: S106 - of this test
    upgrade(TRACKING_HISTORY, url=empty_database, role=role, lock_timeout_seconds=LOCK_SECONDS)
    assert query(
        empty_database,
        "SELECT rolcanlogin, left(rolpassword, 14) FROM pg_authid WHERE rolname LIKE 'Tracking of%'",
    ) == [(True, "SCRAM-SHA-256$")]


def test_a_database_without_the_tracking_tables_is_refused_with_what_to_run_first(empty_database: str) -> None:
    execute(empty_database, PLATFORM)
    with pytest.raises(CannotAdopt, match=r"python -m tracking_service\.migrate"):
        upgrade(ATTENDANCE_HISTORY, url=empty_database, role=ATTENDANCE_ROLE, lock_timeout_seconds=LOCK_SECONDS)
