"""Several of each process behind the gateway: some are killed, others restarted, and nobody notices."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from development.postgres import EmbeddedPostgres
from testkit.eventually import eventually
from testkit.lesson_traffic import OUTAGES, UNWATCHED, Strokes, add_lessons_of_a_day, page_calls, presence_of
from testkit.page_traffic import Failure, PageCalls, StayingPage, staying, until_connected
from testkit.postgres import fresh_database, query
from testkit.pytest_plugins.thorough import IS_THOROUGH, thoroughly
from testkit.relays import strokes
from testkit.replicated_site import KINDS, SOCKET, ReplicatedSite, replicated_site
from testkit.spreading import until_calls_are_spread, until_streams_are_spread
from testkit.tokens import token
from testkit.whiteboard_pages import connected_page
from testkit.whiteboard_sessions import STUDENT, TUTOR, add_whiteboard_session
from tracking_service.settings import TrackingSettings

REPLICAS = thoroughly(2, thorough=3)
#: Seconds; thoroughly, processes end and start eighteen times.
LIMIT_SECONDS = thoroughly(180, thorough=900)
LESSONS = thoroughly(3, thorough=30)
HEARTBEAT_INTERVAL_SECONDS = TrackingSettings.model_fields["heartbeat_interval_seconds"].default
#: Streams spread again this soon.
MAX_STREAM_AGE_SECONDS = "2"

pytestmark = pytest.mark.timeout(LIMIT_SECONDS)


@pytest.fixture
def database(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[str]:
    """Return a database with the platform's lessons of a day."""
    with fresh_database(postgres_server, template=migrated_template) as url:
        add_lessons_of_a_day(url)
        yield url


@pytest.fixture
def site(database: str, tmp_path: Path) -> Iterator[ReplicatedSite]:
    with replicated_site(database, tmp_path, REPLICAS, MAX_STREAM_AGE_SECONDS=MAX_STREAM_AGE_SECONDS) as site:
        yield site


async def test_nobody_notices_that_processes_are_killed_and_restarted(
    site: ReplicatedSite, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    lessons = [add_whiteboard_session(database) for _ in range(2 * LESSONS + 1)]
    drawn_in, watched, called = lessons[:LESSONS], lessons[LESSONS:-1], lessons[-1]
    people = ((TUTOR, "tutor"), (STUDENT, "student"))
    pages = [StayingPage(site.gateway.port, lesson, token(*person)) for lesson in watched for person in people]
    calls, relayed = PageCalls(), Strokes(drawn_in)
    async with staying(pages), relayed.drawing(site.gateway.address):
        async with calls.running(site.gateway.url, page_calls(called)):
            await in_turn(site.kill_and_restart, database, first=0)
            await until_connected(pages)
            assert [failure for failure in calls.failures if not may_have_been_done(failure)] == []
            calls.failures.clear()
            caplog.clear()
            await in_turn(site.restart, database, first=1)
            await until_connected(pages)
            await until_calls_are_spread(site)
            assert calls.failures == []
        await until_streams_are_spread(site)
        await until_sockets_are_spread(site, watched[0])
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert max(absence for page in pages for absence in page.absences) < HEARTBEAT_INTERVAL_SECONDS
    assert strokes(database) == relayed.drawn
    assert presence_of(database, watched) == [(lesson, user, None) for lesson in watched for user, _ in people]
    assert (query(database, OUTAGES), query(database, UNWATCHED)) == ([], [])


def may_have_been_done(failure: Failure) -> bool:
    """Return whether a decision failed that was under way at a process that was killed; pages send it once more."""
    return failure.call.method == "PUT" and failure.status == httpx.codes.SERVICE_UNAVAILABLE


async def in_turn(end_and_start: Callable[[str, int], object], database: str, *, first: int) -> None:
    """End one process of each kind at the same time; thoroughly: each process of each kind, one after the other."""
    if IS_THOROUGH:
        for kind in KINDS:
            for number in range(REPLICAS):
                await until_all_record_coverage(database)
                await asyncio.to_thread(end_and_start, kind, number)
        return
    await until_all_record_coverage(database)
    await asyncio.gather(*(asyncio.to_thread(end_and_start, kind, first) for kind in KINDS))


async def until_all_record_coverage(database: str) -> None:
    """Wait until each tracking service has recorded that it took events now.

    A process that is killed leaves up to two seconds unrecorded. Others cover them only if they began before.
    """
    ((now,),) = query(database, "SELECT now()")
    covered = f"SELECT count(*) >= {REPLICAS} FROM observation_coverage WHERE observed_until > '{now}'"  # noqa: S608
    await eventually(lambda: query(database, covered) == [(True,)])


async def until_sockets_are_spread(site: ReplicatedSite, lesson: int) -> None:
    """Open sockets until each presence socket has some; most of them go to those that have none."""
    async with AsyncExitStack() as opened:
        while not all(host.open_calls for host in site.hosts(SOCKET)):
            await opened.enter_async_context(connected_page(site.gateway.port, lesson, token(STUDENT, "student")))
