"""A replica records durably when it takes events (docs/presence.md#observation-gaps)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry

from servicekit.clock import seconds, to_datetime
from servicekit.database.engine import Database
from servicekit.time_ranges import TimeRange
from testkit.clock import SettableClock
from testkit.postgres import execute, query
from tests.unit.tracking.histories import heartbeat
from tracking_service.app import TrackingApp
from tracking_service.domain.observation_gaps import ReplicaCoverage
from tracking_service.ingest import coverage as coverage_module
from tracking_service.ingest import group_commit as group_commit_module
from tracking_service.ingest.coverage import Coverage
from tracking_service.ingest.group_commit import GroupCommitter
from tracking_service.instruments.coverage import CoverageInstruments
from tracking_service.recording.submission import UNNUMBERED, NumberedEvent, Outcome, Submission, SubmissionStatus
from tracking_service.settings import TrackingSettings
from tracking_service.store import observation

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
POLL_SECONDS = 0.001
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
        return [Outcome(SubmissionStatus.COMMITTED) for _ in submissions]


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
    monkeypatch.setattr(group_commit_module, "MAX_QUEUED_EVENTS", 1)
    monkeypatch.setattr(coverage_module, "MAX_BRIEFLY_FULL_SECONDS", 0)
    committer = GroupCommitter(storage.write)
    running = asyncio.create_task(committer.run())
    yield committer
    storage.come_back()
    committer.close()
    await running


@pytest.fixture
def observed(pool: Database, clock: SettableClock, committer: GroupCommitter) -> Coverage:
    return Coverage(pool, clock, committer, timeout=seconds(75))


@asynccontextmanager
async def watched(observed: Coverage) -> AsyncIterator[None]:
    watching = asyncio.create_task(observed.watch_queue())
    yield
    watching.cancel()
    await asyncio.wait([watching])


def bounds(one: ReplicaCoverage) -> tuple[datetime, datetime]:
    return to_datetime(one.time_range.start), to_datetime(one.time_range.end)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - this state has no event
        await asyncio.sleep(POLL_SECONDS)


def fill(committer: GroupCommitter) -> None:
    committer.enqueue(Submission(None, events=[NumberedEvent(UNNUMBERED, heartbeat(0))]))


async def test_a_period_grows_while_events_are_taken(observed: Coverage, clock: SettableClock, database: str) -> None:
    observed.begin()
    for _ in range(2):
        clock.advance(5)
        await observed.extend()
    assert query(database, RECORDED) == [(at(0), at(10))]


async def test_nothing_is_recorded_that_is_not_committed_yet(
    observed: Coverage, storage: Storage, clock: SettableClock, database: str
) -> None:
    observed.begin()
    await observed.extend()
    storage.go_away()
    clock.advance(5)
    extending = asyncio.create_task(observed.extend())
    await asyncio.sleep(0)
    assert query(database, RECORDED) == [(at(0), at(0))]
    storage.come_back()
    await extending
    assert query(database, RECORDED) == [(at(0), at(5))]


async def test_a_full_queue_ends_the_period_and_room_starts_another(
    observed: Coverage, committer: GroupCommitter, storage: Storage, clock: SettableClock, database: str
) -> None:
    async with watched(observed):
        observed.begin()
        storage.go_away()
        clock.advance(5)
        fill(committer)
        await until(lambda: observed.observing_since is None)
        clock.advance(10)
        storage.come_back()
        await until(lambda: observed.observing_since is not None)
        clock.advance(5)
        await observed.extend()
    assert query(database, RECORDED) == [(at(0), at(5)), (at(15), at(20))]


async def test_a_queue_that_is_full_briefly_ends_no_period(
    observed: Coverage,
    committer: GroupCommitter,
    clock: SettableClock,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(coverage_module, "MAX_BRIEFLY_FULL_SECONDS", 60)
    async with watched(observed):
        observed.begin()
        fill(committer)
        await until(lambda: committer.is_full)
        await committer.has_room()
        clock.advance(5)
        await observed.extend()
    assert query(database, RECORDED) == [(at(0), at(5))]


async def test_a_process_that_stood_still_leaves_a_gap(
    observed: Coverage, clock: SettableClock, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coverage_module, "CHECK_INTERVAL_SECONDS", POLL_SECONDS)
    observed.begin()
    clock.advance(5)
    observed.check()
    watching = asyncio.create_task(observed.watch_standstill())
    await asyncio.sleep(0)
    # What a suspended machine shows when it goes on: much time has passed between two checks.
    clock.advance(300)
    await until(lambda: observed.observing_since == clock.now())
    watching.cancel()
    clock.advance(5)
    await observed.extend()
    assert query(database, RECORDED) == [(at(0), at(5)), (at(305), at(310))]


async def test_a_standstill_is_never_covered_whichever_task_goes_on_first(
    observed: Coverage, clock: SettableClock, database: str
) -> None:
    observed.begin()
    clock.advance(5)
    await observed.extend()
    clock.advance(300)
    assert observed.observing_since is None
    await observed.extend()
    assert query(database, RECORDED) == [(at(0), at(5)), (at(305), at(305))]
    clock.advance(300)
    await observed.finish()
    assert query(database, RECORDED) == [(at(0), at(5)), (at(305), at(305)), (at(605), at(605))]


async def test_what_is_read_directly_after_a_standstill_arrived_when_it_began(
    observed: Coverage, clock: SettableClock
) -> None:
    assert observed.arrival_time() == clock.now()
    observed.begin()
    clock.advance(5)
    observed.check()
    began = clock.now()
    for checks_first in (False, True):
        clock.advance(300)
        if checks_first:
            observed.check()
        assert observed.arrival_time() == began
        clock.advance(coverage_module.CATCH_UP_SECONDS)
        assert observed.arrival_time() == clock.now()
        observed.check()
        began = clock.now()


async def test_nothing_is_covered_while_nothing_comes_through_the_gateway(
    observed: Coverage, clock: SettableClock, database: str
) -> None:
    observed.begin()
    for _ in range(2):
        clock.advance(5)
        observed.note_gateway()
        await observed.extend()
    heard_at = observed.arrival_time()
    for _ in range(20):
        clock.advance(5)
        await observed.extend()
    assert observed.observing_since is None
    # What the gateway held back comes before the next answer of it.
    assert heard_at < observed.arrival_time() < clock.now()
    clock.advance(coverage_module.CATCH_UP_SECONDS)
    assert observed.arrival_time() == clock.now()
    await observed.extend()
    (_, until), (since, _) = query(database, RECORDED)
    assert until - at(10) < timedelta(seconds=1)  # type: ignore[operator]
    assert since == at(110)


async def test_a_gateway_that_was_not_heard_because_the_process_stood_still_is_no_gap_of_its_own(
    pool: Database, clock: SettableClock, committer: GroupCommitter
) -> None:
    registry = CollectorRegistry()
    observed = Coverage(pool, clock, committer, timeout=seconds(75), instruments=CoverageInstruments(registry))
    observed.begin()
    for gaps in (0, 1, 2):
        observed.note_gateway()
        clock.advance(5)
        observed.check()
        assert registry.get_sample_value("tracking_observation_gaps_total") == gaps
        clock.advance(300)
        observed.check()


async def test_a_standstill_while_the_gateway_is_silent_hides_nothing_of_the_silence(
    observed: Coverage, clock: SettableClock, database: str
) -> None:
    observed.begin()
    clock.advance(5)
    observed.note_gateway()
    for seconds_before_check in (5, 20, 5):
        clock.advance(seconds_before_check)
        observed.check()
        await observed.extend()
    assert observed.observing_since is None
    held_back = observed.arrival_time()
    clock.advance(5)
    observed.note_gateway()
    await observed.extend()
    (_, until), (since, _) = query(database, RECORDED)
    assert to_datetime(held_back) == until
    assert until - at(5) < timedelta(seconds=1)  # type: ignore[operator]
    assert since == at(35)


async def test_queries_know_the_end_of_a_period_before_it_is_recorded(observed: Coverage, clock: SettableClock) -> None:
    observed.begin()
    clock.advance(5)
    observed.check()
    clock.advance(300)
    before_check = observed.unrecorded()
    observed.check()
    assert [bounds(one) for one in before_check] == [(at(0), at(5))]
    clock.advance(1)
    assert [bounds(one) for one in observed.unrecorded()] == [(at(0), at(5)), (at(305), at(306))]


async def test_a_silent_gateway_means_nothing_if_users_are_heard_or_it_has_never_answered(
    observed: Coverage, clock: SettableClock, database: str
) -> None:
    observed.begin()
    for is_answered in (False, True):
        if is_answered:
            observed.note_gateway()
        for _ in range(20):
            clock.advance(5)
            observed.arrival_time()
            await observed.extend()
    assert len(query(database, RECORDED)) == 1


async def test_what_was_read_before_a_standstill_has_an_earlier_time(observed: Coverage, clock: SettableClock) -> None:
    observed.begin()
    clock.advance(5)
    read_before = observed.arrival_time()
    clock.advance(300)
    assert read_before < observed.arrival_time() < clock.now()


async def test_a_clock_that_is_set_back_starts_a_period_and_leaves_no_gap(
    observed: Coverage, clock: SettableClock, database: str
) -> None:
    observed.begin()
    clock.advance(5)
    await observed.extend()
    clock.advance(-3_600)
    assert observed.observing_since is None
    observed.check()
    assert observed.observing_since == clock.now()
    clock.advance(5)
    await observed.extend()
    assert query(database, RECORDED) == [(at(-3_595), at(-3_590)), (at(0), at(5))]


async def test_a_check_that_comes_a_little_late_leaves_no_gap(observed: Coverage, clock: SettableClock) -> None:
    observed.begin()
    began = observed.observing_since
    clock.advance(coverage_module.MAX_STANDSTILL_SECONDS)
    observed.check()
    assert observed.observing_since == began


@pytest.mark.parametrize(("presence_timeout", "limit"), [(75, 6), (12, 3), (1, 1.5)])
def test_the_longest_standstill_that_is_no_gap_follows_a_short_presence_timeout(
    presence_timeout: float, limit: float
) -> None:
    assert coverage_module.max_standstill(seconds(presence_timeout)) == seconds(limit)


async def test_an_orderly_stop_records_the_end(observed: Coverage, clock: SettableClock, database: str) -> None:
    observed.begin()
    clock.advance(5)
    await observed.finish()
    assert (query(database, RECORDED), observed.observing_since) == ([(at(0), at(5))], None)


async def test_a_service_records_that_it_takes_events_until_it_stops(settings: TrackingSettings, database: str) -> None:
    app = TrackingApp(settings)
    await app.start()
    await until(lambda: bool(query(database, RECORDED)))
    [before_stop] = query(database, RECORDED)
    await app.stop()
    [after_stop] = query(database, RECORDED)
    assert after_stop[0] == before_stop[0]
    assert after_stop > before_stop  # the end moved


def test_coverage_of_a_window_is_read_with_the_neighbours_of_every_gap(pool: Database, database: str) -> None:
    for started, ended in ((0, 10), (20, 30), (40, 50), (60, 70), (80, 90)):
        execute(
            database,
            f"INSERT INTO observation_coverage VALUES (gen_random_uuid(), '{at(started)}', '{at(ended)}')",  # noqa: S608
        )
    with pool.transaction() as connection:
        read = observation.load_coverage(
            connection, TimeRange(SettableClock(at(35)).now(), SettableClock(at(55)).now())
        )
    assert sorted(one.time_range.start for one in read) == [SettableClock(at(start)).now() for start in (20, 40, 60)]
