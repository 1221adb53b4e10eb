"""The commands `python -m tracking_service.migrate` and `python -m attendance_service.migrate`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from testkit.postgres import execute
from testkit.source_tree import ROOT
from tests.integration.migrations.customer_databases import BEFORE

SERVICES = ("tracking_service", "attendance_service")


def run(service: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.run(
        [sys.executable, "-m", f"{service}.migrate", *arguments],
        cwd=ROOT,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("service", SERVICES)
def test_help_names_what_the_command_needs(service: str) -> None:
    done = run(service, "--help")
    assert done.returncode == 0
    assert "DATABASE_URL" in done.stdout


@pytest.mark.parametrize("service", SERVICES)
def test_without_a_database_the_setting_is_named(service: str) -> None:
    done = run(service)
    assert done.returncode == 2
    assert "DATABASE_URL" in done.stderr


def test_what_was_done_is_printed(empty_database: str) -> None:
    execute(empty_database, BEFORE)
    done = run("tracking_service", DATABASE_URL=empty_database)
    assert done.returncode == 0
    assert "tracking_service: whiteboard_sessions.tutor_connected_at: added as TIMESTAMPTZ." in done.stdout


def test_a_command_with_nothing_to_do_says_so(database: str) -> None:
    done = run("attendance_service", DATABASE_URL=database)
    assert done.stdout == "attendance_service: nothing to do, the database is up to date.\n"


def test_a_refusal_names_the_column_and_shows_no_trace(empty_database: str) -> None:
    execute(empty_database, BEFORE, "ALTER TABLE whiteboard_sessions DROP COLUMN tutor_id")
    done = run("tracking_service", DATABASE_URL=empty_database)
    assert done.returncode == 1
    assert "whiteboard_sessions.tutor_id: is missing" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unreachable_database_is_reported_without_the_password(tmp_path: Path) -> None:
    done = run("tracking_service", DATABASE_URL=f"postgresql://somebody:sesame@/nowhere?host={tmp_path}")
    assert done.returncode == 1
    assert "can't be reached" in done.stderr
    assert "sesame" not in done.stderr
    assert "Traceback" not in done.stderr


def test_an_invalid_url_is_reported_without_its_contents() -> None:
    done = run("tracking_service", DATABASE_URL="sesame")
    assert done.returncode == 2
    assert "DATABASE_URL: is not valid; write postgresql://user:password@host:5432/database\n" in done.stderr
    assert "sesame" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_lock_timeout_of_zero_would_wait_for_ever_and_is_refused(empty_database: str) -> None:
    done = run("tracking_service", DATABASE_URL=empty_database, MIGRATION_LOCK_TIMEOUT_SECONDS="0")
    assert done.returncode == 2
    assert "MIGRATION_LOCK_TIMEOUT_SECONDS" in done.stderr
