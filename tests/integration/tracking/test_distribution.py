"""`attendancectl distribute` on a real cluster (docs/several-databases.md#how-to-distribute)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from testkit.citus import CitusCluster, needs_cluster
from testkit.facts import query_facts
from testkit.postgres import CITUS_SHARDS, execute, migrate, query
from testkit.whiteboard_sessions import STUDENT, add_whiteboard_session
from tracking_service.migrations.distributing import TABLES

pytestmark = needs_cluster

SESSIONS = 8


@pytest.fixture
def undistributed(postgres_server: CitusCluster) -> Iterator[str]:
    with postgres_server.fresh_database() as url:
        migrate(url)
        yield url


def distribute(database: str, *options: str) -> dict[str, list[str]]:
    done = subprocess.run(
        [sys.executable, "-m", "attendancectl", "distribute", "--json", "--shards", str(CITUS_SHARDS), *options],
        env={**os.environ, "DATABASE_URL": database},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    printed: dict[str, list[str]] = json.loads(done.stdout)
    return printed


def test_what_was_there_before_is_in_the_shards_alone(undistributed: str) -> None:
    for _ in range(SESSIONS):
        session = add_whiteboard_session(undistributed)
        execute(
            undistributed,
            "INSERT INTO presence_intervals (whiteboard_session_id, user_id, user_type, started_at, ended_at, "  # noqa: S608
            f"last_sign_at, end_reason) VALUES ({session}, {STUDENT}, 'student', now(), now(), now(), 'closed')",
            f"INSERT INTO connection_events VALUES ({session}, {STUDENT}, 'student', now(), 'connect')",  # noqa: S608
        )
    assert set(distribute(undistributed)["tables"]) == set(TABLES)
    assert distribute(undistributed, "--yes")["done"]
    for table in ("whiteboard_sessions", "presence_intervals", "connection_events"):
        assert query_facts(undistributed, f"SELECT count(*) FROM {table}") == [(SESSIONS,)]  # noqa: S608
    on_coordinator = ", ".join(f"pg_relation_size('{table}')" for table in TABLES)
    assert query(undistributed, f"SELECT {on_coordinator}") == [(0,) * len(TABLES)]
    # Again: nothing is left to do but what may be repeated.
    assert distribute(undistributed, "--yes")["tables"] == []
