"""This version and the one before it work side by side, and with each other's clients, in any order of deployment."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from development.postgres import EmbeddedPostgres
from testkit.earlier_version import LAST_RELEASE, RUNS_BESIDE_THIS, extracted, run_module
from testkit.lesson_traffic import OUTAGES, UNWATCHED, Strokes, add_lessons_of_a_day, page_calls, presence_of
from testkit.page_traffic import PageCalls, StayingPage, staying, until_connected
from testkit.postgres import fresh_database, query
from testkit.relays import relay_token, strokes
from testkit.replicated_site import KINDS, ReplicatedSite, replicated_site
from testkit.service_process import tracking_process
from testkit.source_tree import ROOT
from testkit.spreading import until_calls_are_spread, until_streams_are_spread
from testkit.tokens import token
from testkit.whiteboard_sessions import STUDENT, TUTOR, add_whiteboard_session
from tracking_service.settings import TrackingSettings

#: One of each version.
REPLICAS = 2
LESSONS = 3
HEARTBEAT_INTERVAL_SECONDS = TrackingSettings.model_fields["heartbeat_interval_seconds"].default
SETTINGS = {
    # Streams spread over both versions this soon.
    "MAX_STREAM_AGE_SECONDS": "2",
    # A busy machine is not what this is about.
    "TRACKING_DEADLINE_SECONDS": "30",
    "GATEWAY_TIMEOUT_SECONDS": "60",
}
#: Tables of both services, and what each column is.
COLUMNS = """
    SELECT table_name, column_name, data_type, is_nullable, is_nullable = 'YES' OR column_default IS NOT NULL
    FROM information_schema.columns WHERE table_schema = 'public'"""

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the source tree of the version that may run beside this one."""
    return extracted(RUNS_BESIDE_THIS, tmp_path_factory.mktemp("versions") / "earlier")


@pytest.fixture
def database(earlier: Path, postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """Return a database as the version before migrates it, with the platform's lessons of a day."""
    with fresh_database(postgres_server) as url:
        migrate(earlier, url)
        add_lessons_of_a_day(url)
        yield url


@pytest.fixture
def site(earlier: Path, database: str, tmp_path: Path) -> Iterator[ReplicatedSite]:
    """Return a site of the version before."""
    with replicated_site(database, tmp_path, REPLICAS, earlier, gateways=1, **SETTINGS) as site:
        yield site


async def test_versions_run_side_by_side_and_nobody_notices(site: ReplicatedSite, database: str) -> None:
    lessons = [add_whiteboard_session(database) for _ in range(2 * LESSONS + 1)]
    drawn_in, watched, called = lessons[:LESSONS], lessons[LESSONS:-1], lessons[-1]
    people = ((TUTOR, "tutor"), (STUDENT, "student"))
    pages = [StayingPage(site.gateway.port, lesson, token(*person)) for lesson in watched for person in people]
    calls, relayed = PageCalls(), Strokes(drawn_in)
    async with (
        staying(pages),
        relayed.drawing(site.gateway.address),
        calls.running(site.gateway.url, page_calls(called)),
    ):
        await asyncio.to_thread(migrate, ROOT, database)
        await replace(site, 0)
        await until_connected(pages)
        # Services and presence sockets of each version call those of both.
        await until_calls_are_spread(site)
        await until_streams_are_spread(site)
        await replace(site, 1)
        await until_connected(pages)
    assert calls.failures == []
    assert errors(site) == []
    assert max(absence for page in pages for absence in page.absences) < HEARTBEAT_INTERVAL_SECONDS
    assert strokes(database) == relayed.drawn
    assert presence_of(database, watched) == [(lesson, user, None) for lesson in watched for user, _ in people]
    assert (query(database, OUTAGES), query(database, UNWATCHED)) == ([], [])
    # Both versions have written to the ledger, in one chain.
    run_module(ROOT, "attendance_service.verify", DATABASE_URL=database)


async def test_migrations_only_expand(database: str) -> None:
    before = columns(database)
    migrate(ROOT, database)
    after = columns(database)
    assert before.items() <= after.items()
    # The version before inserts rows into its tables, and knows no new column.
    tables = {table for table, _ in before}
    required = [name for name, (*_, may_be_left_out) in after.items() if not may_be_left_out]
    assert [name for name in required if name[0] in tables and name not in before] == []


async def test_the_relay_of_the_last_release_is_understood(
    database: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    release = extracted(LAST_RELEASE, tmp_path_factory.mktemp("versions") / "release")
    migrate(ROOT, database)
    lesson = add_whiteboard_session(database)
    with tracking_process(database, tmp_path / "tracking.log") as service:
        printed = run_module(
            release,
            "examples.relay_example",
            *("--target", service.address, "--token", relay_token(), "--session", str(lesson)),
            *("--tutor", str(TUTOR), "--student", str(STUDENT), "--seconds", "1"),
        )
    assert "Statistics(sent=8, acknowledged=8, rejected=0, unacknowledged=0, reconnects=0)" in printed
    assert strokes(database) == 1
    assert presence_of(database, [lesson]) == [(lesson, TUTOR, "closed"), (lesson, STUDENT, "closed")]


def migrate(tree: Path, database: str) -> None:
    """Run the migrations of a version."""
    for service in ("tracking_service", "attendance_service"):
        run_module(tree, f"{service}.migrate", DATABASE_URL=database)


async def replace(site: ReplicatedSite, number: int) -> None:
    """Stop one process of each kind, and start it as this version, under load."""
    statuses = await asyncio.gather(*(asyncio.to_thread(site.replace, kind, number, ROOT) for kind in KINDS))
    assert set(statuses) == {0}


def errors(site: ReplicatedSite) -> list[str]:
    """Return what the processes logged as an error, such as records that they can't read."""
    lines = [line for kind in KINDS for process in site.replicas[kind] for line in process.log().splitlines()]
    return [line for line in lines if line.startswith("{") and json.loads(line)["level"] in {"error", "critical"}]


def columns(database: str) -> dict[tuple[object, object], tuple[object, ...]]:
    """Return what each column of each table is, and whether rows may be inserted without it."""
    return {(table, column): tuple(kind) for table, column, *kind in query(database, COLUMNS)}
