"""A relay notices that its process stood still."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest

from heartbeat_relay import standstill
from heartbeat_relay.standstill import StandstillWatch, max_standstill_seconds

SECOND = 1_000_000_000


class Clocks:
    """The clocks of a machine that tests suspend, and set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.since_boot = 100 * SECOND
        self.since_epoch = 1_000_000 * SECOND
        monkeypatch.setattr(time, "clock_gettime_ns", lambda _clock: self.since_boot)
        monkeypatch.setattr(time, "time_ns", lambda: self.since_epoch)

    def advance(self, seconds: float) -> None:
        self.since_boot += round(seconds * SECOND)
        self.since_epoch += round(seconds * SECOND)


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    monkeypatch.setattr(standstill, "CHECK_INTERVAL_SECONDS", 0.001)
    return Clocks(monkeypatch)


class Watched:
    """A watch that runs, and what it reports."""

    def __init__(self) -> None:
        self.reported: asyncio.Queue[tuple[int, int]] = asyncio.Queue()
        self.watch = StandstillWatch(
            lambda: timedelta(seconds=75), lambda start, end: self.reported.put_nowait((start, end))
        )

    async def start(self) -> asyncio.Task[None]:
        running = asyncio.create_task(self.watch.run())
        await asyncio.sleep(0)
        return running

    async def check(self) -> None:
        """Let several checks pass."""
        await asyncio.sleep(0.02)


async def test_a_standstill_is_reported_with_its_start_and_its_end(clocks: Clocks) -> None:
    watched = Watched()
    running = await watched.start()
    began = clocks.since_epoch
    clocks.advance(100)
    assert await watched.reported.get() == (began, began + 100 * SECOND)
    running.cancel()


async def test_what_is_read_directly_after_a_standstill_may_have_arrived_when_it_began(clocks: Clocks) -> None:
    watched = Watched()
    running = await watched.start()
    began = clocks.since_epoch
    clocks.advance(100)
    assert watched.watch.arrival_time() == began
    await watched.reported.get()
    await watched.check()
    assert watched.watch.arrival_time() == clocks.since_epoch
    running.cancel()


async def test_what_was_read_before_a_standstill_has_an_earlier_time(clocks: Clocks) -> None:
    watched = Watched()
    running = await watched.start()
    clocks.advance(5)
    read_before = watched.watch.arrival_time()
    clocks.advance(100)
    assert read_before < watched.watch.arrival_time() < clocks.since_epoch
    running.cancel()


async def test_a_check_that_comes_a_little_late_is_no_standstill(clocks: Clocks) -> None:
    watched = Watched()
    running = await watched.start()
    clocks.advance(standstill.MAX_STANDSTILL_SECONDS)
    assert watched.watch.arrival_time() == clocks.since_epoch
    await watched.check()
    assert watched.reported.empty()
    running.cancel()


async def test_a_clock_that_is_set_forward_leaves_a_gap(clocks: Clocks) -> None:
    watched = Watched()
    running = await watched.start()
    began = clocks.since_epoch
    clocks.since_epoch += 3_600 * SECOND
    assert await watched.reported.get() == (began, began + 3_600 * SECOND)
    running.cancel()


async def test_a_clock_that_is_set_back_leaves_no_gap(clocks: Clocks) -> None:
    watched = Watched()
    running = await watched.start()
    clocks.since_epoch -= 3_600 * SECOND
    await watched.check()
    assert watched.reported.empty()
    running.cancel()


async def test_a_standstill_in_which_the_clock_is_set_back_lies_before_now(clocks: Clocks) -> None:
    watched = Watched()
    running = await watched.start()
    clocks.advance(100)
    clocks.since_epoch -= 3_600 * SECOND
    assert await watched.reported.get() == (clocks.since_epoch - 100 * SECOND, clocks.since_epoch)
    running.cancel()


@pytest.mark.parametrize(("presence_timeout", "limit"), [(75, 6.0), (24, 6.0), (12, 3.0), (1, 1.5)])
def test_the_limit_follows_a_short_presence_timeout(presence_timeout: float, limit: float) -> None:
    assert max_standstill_seconds(presence_timeout) == limit
