"""The clock that follows PostgreSQL's."""

from __future__ import annotations

import time

import pytest

from servicekit.clock import MICROSECONDS_PER_SECOND, from_datetime
from servicekit.database.clock import DatabaseClock
from servicekit.database.engine import Database
from testkit.postgres import query

SUSPENDED_SECONDS = 3600


def test_the_clock_tells_the_time_of_the_database(database: str) -> None:
    pool = Database(database, role="", application="test", pool_size=1)
    clock = DatabaseClock(pool)
    clock.measure()
    before = clock.now()
    [(in_between,)] = query(database, "SELECT clock_timestamp()")
    after = clock.now()
    pool.dispose()
    # The offset is measured with an error of half a round trip.
    tolerance = MICROSECONDS_PER_SECOND
    assert before - tolerance <= from_datetime(in_between) <= after + tolerance  # type: ignore[arg-type] # any value


def test_a_suspended_machine_does_not_put_the_clock_back(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = Database(database, role="", application="test", pool_size=1)
    clock = DatabaseClock(pool)
    clock.measure()
    before = clock.now()
    read_clock = time.clock_gettime_ns

    def after_suspension(which: int) -> int:
        # The kernel counts suspension on this clock alone.
        return read_clock(which) + (SUSPENDED_SECONDS * 10**9 if which == time.CLOCK_BOOTTIME else 0)

    monkeypatch.setattr(time, "clock_gettime_ns", after_suspension)
    assert clock.now() - before >= SUSPENDED_SECONDS * MICROSECONDS_PER_SECOND
    pool.dispose()
