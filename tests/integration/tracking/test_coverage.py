"""When a replica takes events is recorded durably (DESIGN 5.7)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from servicekit.database.engine import Database
from testkit.clock import SettableClock
from testkit.postgres import execute, query
from tests.unit.tracking.histories import heartbeat
from tracking_service.app import TrackingApp
from tracking_service.domain.windows import Window
from tracking_service.ingest import committer as committer_module
from tracking_service.ingest import coverage as coverage_module
from tracking_service.ingest.committer import GroupCommitter
from tracking_service.ingest.coverage import Coverage
from tracking_service.recording.submission import UNNUMBERED, NumberedEvent, Outcome, Standing, Submission
from tracking_service.settings import TrackingSettings
from tracking_service.store import coverage

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
A_MOMENT_SECONDS = 0.001
RECORDED = "SELECT started_at, observed_until FROM observation_coverage ORDER BY started_at"


def at(second: float) -> datetime:
    return NOON + timedelta(seconds=second)


class Storage:
    """Writes of the committer wait while it is away."""

    def __init__(self) -> None:
        self._is_there = threading.Event()
        self._is_there.set()

    def go_away(self) -> None:
        self._is_there.clear()

    def come_back(self) -> None:
        self._is_there.set()

    def write(self, submissions: Sequence[Submission]) -> list[Outcome]:
        self._is_there.wait()
        return [Outcome(Standing.COMMITTED) for _ in submissions]


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOON)


@pytest.fixture
def storage() -> Storage:
    return Storage()


@pytest.fixture
def pool(database: str) -> Iterator[Database]:
    pool = Database(database, role="tracking_service", application="test", pool_size=2)
    yield pool
    pool.dispose()


@pytest.fixture
async def committer(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[GroupCommitter]:
    monkeypatch.setattr(committer_module, "EVENTS_QUEUED_AT_MOST", 1)
    monkeypatch.setattr(coverage_module, "BRIEFLY_FULL_SECONDS", 0)
    committer = GroupCommitter(storage.write)
    running = asyncio.create_task(committer.run())
    yield committer
    storage.come_back()
    committer.close()
    await running


@pytest.fixture
def observed(pool: Database, clock: SettableClock, committer: GroupCommitter) -> Coverage:
    return Coverage(pool, clock, committer)


@asynccontextmanager
async def watched(observed: Coverage) -> AsyncIterator[None]:
    watching = asyncio.create_task(observed.watch())
    yield
    watching.cancel()
    await asyncio.wait([watching])


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - a state that nobody announces
        await asyncio.sleep(A_MOMENT_SECONDS)


def fill(committer: GroupCommitter) -> None:
    committer.enqueue(Submission(None, events=[NumberedEvent(UNNUMBERED, heartbeat(0))]))


async def test_a_stretch_grows_while_events_are_taken(observed: Coverage, clock: SettableClock, database: str) -> None:
    observed.begin()
    for _ in range(2):
        clock.advance(10)
        await observed.extend()
    assert query(database, RECORDED) == [(at(0), at(20))]


async def test_nothing_is_recorded_that_is_not_committed_yet(
    observed: Coverage, storage: Storage, clock: SettableClock, database: str
) -> None:
    observed.begin()
    await observed.extend()
    storage.go_away()
    clock.advance(10)
    extending = asyncio.create_task(observed.extend())
    await asyncio.sleep(0)
    assert query(database, RECORDED) == [(at(0), at(0))]
    storage.come_back()
    await extending
    assert query(database, RECORDED) == [(at(0), at(10))]


async def test_a_full_queue_ends_the_stretch_and_room_begins_another_one(
    observed: Coverage, committer: GroupCommitter, storage: Storage, clock: SettableClock, database: str
) -> None:
    async with watched(observed):
        observed.begin()
        storage.go_away()
        clock.advance(10)
        fill(committer)
        await until(lambda: observed.observing_since is None)
        clock.advance(10)
        storage.come_back()
        await until(lambda: observed.observing_since is not None)
        clock.advance(10)
        await observed.extend()
    assert query(database, RECORDED) == [(at(0), at(10)), (at(20), at(30))]


async def test_a_queue_that_is_full_for_a_moment_ends_nothing(
    observed: Coverage,
    committer: GroupCommitter,
    clock: SettableClock,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(coverage_module, "BRIEFLY_FULL_SECONDS", 60)
    async with watched(observed):
        observed.begin()
        fill(committer)
        await until(lambda: committer.is_full)
        await committer.room()
        clock.advance(10)
        await observed.extend()
    assert query(database, RECORDED) == [(at(0), at(10))]


async def test_an_orderly_stop_records_the_end(observed: Coverage, clock: SettableClock, database: str) -> None:
    observed.begin()
    clock.advance(10)
    await observed.finish()
    assert (query(database, RECORDED), observed.observing_since) == ([(at(0), at(10))], None)


async def test_a_service_records_that_it_takes_events_until_it_stops(settings: TrackingSettings, database: str) -> None:
    app = TrackingApp(settings)
    await app.start()
    stopping_at = datetime.now(UTC)
    await app.stop()
    ((started_at, observed_until),) = query(database, RECORDED)
    assert isinstance(started_at, datetime)
    assert isinstance(observed_until, datetime)
    # Both clocks are this machine's, read some microseconds apart.
    assert started_at < stopping_at < observed_until + timedelta(milliseconds=10)


def test_coverage_of_a_window_is_read_with_the_neighbours_of_every_gap(pool: Database, database: str) -> None:
    for started, ended in ((0, 10), (20, 30), (40, 50), (60, 70), (80, 90)):
        execute(
            database,
            f"INSERT INTO observation_coverage VALUES (gen_random_uuid(), '{at(started)}', '{at(ended)}')",  # noqa: S608
        )
    with pool.transaction() as connection:
        read = coverage.load(connection, Window(SettableClock(at(35)).now(), SettableClock(at(55)).now()))
    assert sorted(one.start for one in read) == [SettableClock(at(start)).now() for start in (20, 40, 60)]
