"""The server that tests and `make up` run on."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import psycopg2
import pytest

from development.environment import ROOT
from development.postgres import EmbeddedPostgres, opened_directories
from testkit.postgres import execute, query, temporary_postgres

#: Runs a server and says where, until it is killed.
RUN_A_SERVER = """
from testkit.postgres import query, temporary_postgres
with temporary_postgres() as server:
    print(query(server.url(), "SHOW data_directory")[0][0], flush=True)
    input()
"""
#: Generous: it bounds how long the end of a killed run is waited for.
END_SECONDS = 60


def test_what_was_committed_survives_a_crash() -> None:
    with temporary_postgres() as server:
        execute(server.url(), "CREATE TABLE facts (id INTEGER)", "INSERT INTO facts VALUES (1)")
        server.kill()
        server.start()
        assert query(server.url(), "SELECT id FROM facts") == [(1,)]


def test_what_was_committed_survives_a_stop() -> None:
    with temporary_postgres() as server:
        execute(server.url(), "CREATE TABLE facts (id INTEGER)", "INSERT INTO facts VALUES (1)")
        server.stop()
        server.start()
        assert query(server.url(), "SELECT id FROM facts") == [(1,)]


def test_a_killed_server_takes_no_connections() -> None:
    with temporary_postgres() as server:
        url = server.url()
        server.kill()
        with pytest.raises(psycopg2.OperationalError):
            query(url, "SELECT 1")


def test_a_server_whose_owner_is_killed_ends_and_leaves_nothing_behind() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", RUN_A_SERVER], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        data = Path(owner.stdout.readline().strip())
        postmaster = psutil.Process(int((data / "postmaster.pid").read_text().splitlines()[0]))
        [watchdog] = psutil.Process(owner.pid).children()
        owner.kill()
    watchdog.wait(END_SECONDS)
    assert not postmaster.is_running()
    assert not data.parent.exists()


def test_stopping_twice_is_harmless() -> None:
    with temporary_postgres() as server:
        server.stop()
        server.stop()


def test_a_server_that_runs_already_is_taken_over() -> None:
    with temporary_postgres() as server:
        directory = Path(str(query(server.url(), "SHOW data_directory")[0][0]))
        another = EmbeddedPostgres(directory)
        another.start()
        assert another.url() == server.url()


def test_a_path_too_long_for_a_socket_is_no_obstacle() -> None:
    with tempfile.TemporaryDirectory() as parent, EmbeddedPostgres(Path(parent) / ("long" * 30)) as server:
        assert query(server.url(), "SELECT 1") == [(1,)]


def test_durability_is_postgres_own_default(postgres_server: EmbeddedPostgres) -> None:
    statement = "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit') ORDER BY 1"
    assert query(postgres_server.url(), statement) == [("fsync", "on"), ("synchronous_commit", "on")]


def test_the_log_says_that_a_statement_failed_and_not_what_was_in_it() -> None:
    with temporary_postgres() as server:
        execute(server.url(), "CREATE TABLE people (id BIGINT PRIMARY KEY, name TEXT)")
        insertion = "INSERT INTO people VALUES (7141421356237, 'Abebech')"
        execute(server.url(), insertion)
        # PostgreSQL would write the statement, and the key that is there already.
        with pytest.raises(psycopg2.errors.UniqueViolation, match="7141421356237"):
            execute(server.url(), insertion)
        log = (Path(str(query(server.url(), "SHOW data_directory")[0][0])) / "log").read_text()
    assert "duplicate key value violates unique constraint" in log
    assert "7141421356237" not in log
    assert "Abebech" not in log


def test_directories_that_would_have_to_be_opened_are_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    assert closed in opened_directories(closed / "data")


def test_directories_that_are_open_are_not_named() -> None:
    assert Path("/") not in opened_directories(Path(os.devnull))
