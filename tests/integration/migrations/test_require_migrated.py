"""A service starts only on a database that was migrated for it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from alembic.script import ScriptDirectory

from attendance_service.migrations.history import HISTORY as ATTENDANCE_HISTORY
from servicekit.database.engine import Database
from servicekit.database.migration.history import DatabaseNotMigrated, History, require_migrated
from servicekit.errors import StorageUnavailable
from testkit.postgres import execute, migrate
from testkit.tokens import SECRET
from tracking_service.migrations.history import HISTORY as TRACKING_HISTORY

HISTORIES = (TRACKING_HISTORY, ATTENDANCE_HISTORY)
for_each_service = pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history.service)


@contextmanager
def connected(url: str, role: str) -> Iterator[Database]:
    pool = Database(url, role=role, application="test", pool_size=1)
    yield pool
    pool.dispose()


async def check(url: str, history: History) -> None:
    with connected(url, history.service) as pool:
        await require_migrated(pool, history)


def run_service(service: str, url: str) -> subprocess.CompletedProcess[str]:
    """Run the service until it ends by itself."""
    environment = os.environ | {
        "DATABASE_URL": url,
        "JWT_HS256_SECRET": SECRET,
        "TRACKING_PORT": "0",
        "ATTENDANCE_PORT": "0",
    }
    return subprocess.run([sys.executable, "-m", service], env=environment, capture_output=True, text=True, check=False)


@for_each_service
def test_the_newest_revision_is_the_head_of_the_revisions(history: History) -> None:
    assert (
        history.newest_revision
        == ScriptDirectory(str(history.directory.parent), version_locations=[str(history.directory)]).get_current_head()
    )


@for_each_service
async def test_a_migrated_database_is_accepted_for_the_services_role(database: str, history: History) -> None:
    await check(database, history)


@pytest.mark.usefixtures("migrated_template")
@for_each_service
async def test_an_empty_database_is_refused_with_the_command_to_run(empty_database: str, history: History) -> None:
    command = rf"not migrated yet .* Run `python -m {history.service}\.migrate`"
    with pytest.raises(DatabaseNotMigrated, match=command):
        await check(empty_database, history)


async def test_a_database_without_the_services_role_is_refused(empty_database: str) -> None:
    with (
        connected(empty_database, "role_that_is_missing") as pool,
        pytest.raises(DatabaseNotMigrated, match="does not exist"),
    ):
        await require_migrated(pool, TRACKING_HISTORY)


@for_each_service
async def test_an_earlier_revision_is_refused_with_both_revisions(database: str, history: History) -> None:
    execute(database, f"UPDATE {history.version_table} SET version_num = '0001'")  # noqa: S608 - our table
    with pytest.raises(DatabaseNotMigrated, match=f"at revision 0001, but .* needs revision {history.newest_revision}"):
        await check(database, history)


@for_each_service
async def test_a_table_of_versions_without_a_row_is_refused(database: str, history: History) -> None:
    execute(database, f"DELETE FROM {history.version_table}")  # noqa: S608 - our table
    with pytest.raises(DatabaseNotMigrated, match="not migrated yet"):
        await check(database, history)


async def test_a_role_that_may_not_read_the_revision_is_refused_until_the_next_migration(database: str) -> None:
    execute(database, "REVOKE ALL ON tracking_alembic_version FROM tracking_service")
    with pytest.raises(DatabaseNotMigrated, match="permission denied"):
        await check(database, TRACKING_HISTORY)
    migrate(database)
    await check(database, TRACKING_HISTORY)


@for_each_service
async def test_a_later_revision_is_accepted_and_logged(
    database: str, history: History, caplog: pytest.LogCaptureFixture
) -> None:
    execute(database, f"UPDATE {history.version_table} SET version_num = '9999'")  # noqa: S608 - our table
    await check(database, history)
    [record] = caplog.records
    assert "later revision" in record.message


async def test_an_unavailable_database_is_not_reported_as_not_migrated(database: str) -> None:
    with connected(f"{database}_of_another_name", "") as pool, pytest.raises(StorageUnavailable):
        await require_migrated(pool, TRACKING_HISTORY)


@for_each_service
def test_the_process_ends_with_the_command_to_run_before_it_serves(empty_database: str, history: History) -> None:
    service = history.service
    ended = run_service(service, empty_database)
    assert ended.returncode == 1
    assert f"Run `python -m {service}.migrate` (or `make migrate`)" in ended.stderr
    assert "serving" not in ended.stderr
    assert "Traceback" not in ended.stderr
