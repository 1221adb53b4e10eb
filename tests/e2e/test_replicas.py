"""Several of each process behind the gateway: some are killed, others restarted, and nobody notices."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import psutil
import pytest

from development.demo.platform_rows import insert_rows, insert_sessions
from development.demo.stories import STORIES
from development.demo.timetable import timetable
from development.postgres import EmbeddedPostgres
from heartbeat_relay import HeartbeatRelay
from servicekit.database.engine import Database
from testkit.eventually import eventually
from testkit.facts import query_facts
from testkit.page_traffic import Failure, PageCall, PageCalls, StayingPage, staying, until_connected
from testkit.postgres import fresh_database, query
from testkit.pytest_plugins.thorough import IS_THOROUGH, thoroughly
from testkit.relays import draw, make_relay, strokes
from testkit.replicated_site import ATTENDANCE, KINDS, SOCKET, TRACKING, ReplicatedSite, replicated_site
from testkit.service_process import ServiceProcess
from testkit.tokens import token
from testkit.whiteboard_pages import connected_page
from testkit.whiteboard_sessions import STUDENT, TUTOR, add_whiteboard_session
from tracking_service.settings import TrackingSettings

REPLICAS = thoroughly(2, thorough=3)
#: Seconds; thoroughly, processes end and start eighteen times.
LIMIT_SECONDS = thoroughly(180, thorough=900)
LESSONS = thoroughly(3, thorough=30)
#: Enough for each tracking service to have some.
RELAY_STREAMS = 6
SECONDS_BETWEEN_STROKES = 0.01
HEARTBEAT_INTERVAL_SECONDS = TrackingSettings.model_fields["heartbeat_interval_seconds"].default
ADMIN = 901
#: Streams spread again this soon.
MAX_STREAM_AGE_SECONDS = "2"
#: Times in which no tracking service took events (docs/operations.md#outages).
OUTAGES = """
    SELECT FROM (
        SELECT max(observed_until) OVER earlier AS observed_until, lead(started_at) OVER earlier AS next_start
        FROM observation_coverage
        WINDOW earlier AS (ORDER BY started_at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    ) AS period
    WHERE next_start > observed_until"""
#: Times in which no presence socket watched.
UNWATCHED = OUTAGES.replace("observation_coverage", "relay_coverage").replace("started_at", "observing_since")

pytestmark = pytest.mark.timeout(LIMIT_SECONDS)


@pytest.fixture
def database(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[str]:
    """Return a database with the platform's lessons of a day."""
    with fresh_database(postgres_server, template=migrated_template) as url:
        zone = ZoneInfo("Africa/Addis_Ababa")
        lessons = timetable(STORIES, datetime.now(UTC), zone=zone)
        rows = Database(url, role="", application="test", pool_size=1)
        with rows.transaction() as connection:
            insert_rows(connection, lessons)
            insert_sessions(connection, lessons, zone)
        rows.dispose()
        yield url


@pytest.fixture
def site(database: str, tmp_path: Path) -> Iterator[ReplicatedSite]:
    with replicated_site(database, tmp_path, REPLICAS, MAX_STREAM_AGE_SECONDS=MAX_STREAM_AGE_SECONDS) as site:
        yield site


class Strokes:
    """A relay that draws all the time, through the gateway."""

    def __init__(self, session_id: int) -> None:
        self._session_id = session_id
        self.drawn = 0

    @asynccontextmanager
    async def drawing(self, address: str) -> AsyncIterator[None]:
        """Draw until the end of the block; afterwards everything is acknowledged."""
        async with make_relay(address, streams=RELAY_STREAMS) as relay:
            task = asyncio.create_task(self._draw(relay))
            yield
            task.cancel()

    async def _draw(self, relay: HeartbeatRelay) -> None:
        while True:
            draw(relay, self._session_id + self.drawn % LESSONS, self.drawn)
            self.drawn += 1
            await asyncio.sleep(SECONDS_BETWEEN_STROKES)


def page_calls(whiteboard: int) -> list[PageCall]:
    """Return a call of each kind: to either service, to both, that only reads, and that writes."""
    tutor, student, admin = token(TUTOR, "tutor"), token(STUDENT, "student"), token(ADMIN, "admin")
    whiteboards = f"/api/whiteboard/sessions/{whiteboard}"
    return [
        PageCall(method="GET", path="/api/tutor/sessions", bearer=tutor),
        PageCall(method="GET", path="/api/tutor/sessions/1/attendance-suggestion", bearer=tutor),
        PageCall(method="GET", path="/api/reports/whiteboard-engagement", bearer=admin),
        PageCall(method="GET", path=f"{whiteboards}/connection-status", bearer=student),
        PageCall(
            method="PUT",
            path="/api/tutor/sessions/1/attendance",
            bearer=tutor,
            body={"student_attendance_status": "present"},
        ),
        PageCall(method="POST", path=f"{whiteboards}/heartbeat", bearer=student, body={"user_type": "student"}),
    ]


async def test_nobody_notices_that_processes_are_killed_and_restarted(
    site: ReplicatedSite, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    lessons = [add_whiteboard_session(database) for _ in range(2 * LESSONS + 1)]
    drawn_in, watched, called = lessons[:LESSONS], lessons[LESSONS:-1], lessons[-1]
    people = ((TUTOR, "tutor"), (STUDENT, "student"))
    pages = [StayingPage(site.gateway.port, lesson, token(*person)) for lesson in watched for person in people]
    calls, relayed = PageCalls(), Strokes(drawn_in[0])
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
    """Return whether a write failed that was under way at a process that was killed, which the gateway can't repeat."""
    return not failure.call.only_reads and failure.status == httpx.codes.SERVICE_UNAVAILABLE


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


async def until_calls_are_spread(site: ReplicatedSite) -> None:
    """Wait until each attendance service gets calls, and calls each tracking service."""
    before = {host.port: host.calls for host in site.hosts(ATTENDANCE)}
    await eventually(lambda: all(host.calls > before[host.port] for host in site.hosts(ATTENDANCE)))
    await eventually(lambda: all(ports(site, TRACKING) <= called_ports([each]) for each in site.replicas[ATTENDANCE]))


async def until_streams_are_spread(site: ReplicatedSite) -> None:
    """Wait until each tracking service has streams of the relay, and of presence sockets."""
    await eventually(lambda: all(host.open_calls for host in site.hosts(TRACKING)))
    await eventually(lambda: ports(site, TRACKING) <= called_ports(site.replicas[SOCKET]))


async def until_sockets_are_spread(site: ReplicatedSite, lesson: int) -> None:
    """Open sockets until each presence socket has some; most of them go to those that have none."""
    async with AsyncExitStack() as opened:
        while not all(host.open_calls for host in site.hosts(SOCKET)):
            await opened.enter_async_context(connected_page(site.gateway.port, lesson, token(STUDENT, "student")))


def ports(site: ReplicatedSite, kind: str) -> set[int]:
    """Return the ports of all replicas of a kind."""
    return {process.port for process in site.replicas[kind]}


def called_ports(processes: Sequence[ServiceProcess]) -> set[int]:
    """Return the ports to which these processes have a connection."""
    connections = [
        connection for process in processes for connection in psutil.Process(process.pid).net_connections("tcp")
    ]
    return {connection.raddr.port for connection in connections if connection.status == psutil.CONN_ESTABLISHED}


def presence_of(database: str, lessons: Sequence[int]) -> list[tuple[object, ...]]:
    """Return the lesson, the person and the end of each interval of presence."""
    listed = ",".join(map(str, lessons))
    statement = f"""
        SELECT whiteboard_session_id, user_id, end_reason FROM presence_intervals
        WHERE whiteboard_session_id IN ({listed}) ORDER BY 1, 2, started_at"""  # noqa: S608
    return query_facts(database, statement)
