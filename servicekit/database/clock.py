"""PostgreSQL's clock, estimated without a query each time (docs/presence.md#clocks)."""

from __future__ import annotations

import time

from sqlalchemy import text

from servicekit.clock import NANOSECONDS_PER_MICROSECOND, Instant
from servicekit.database.engine import Database

#: How far two crystals drift apart in this time (some 50 ppm: 1.5 ms) is far below anything that is judged.
MEASURE_INTERVAL_SECONDS = 30
#: The quickest of a few round trips bounds the error of the offset best.
ROUND_TRIPS = 3

_DATABASE_MICROSECONDS = text("SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint")


class DatabaseClock:
    """The time since this machine booted, shifted by the measured offset to PostgreSQL's clock."""

    def __init__(self, database: Database) -> None:
        """`measure` must be called once before `now`."""
        self._database = database
        self._offset: int | None = None

    def measure(self) -> None:
        """Measure the offset; StorageUnavailable if the database is unavailable; then the last offset applies."""
        with self._database.transaction() as connection:
            samples = []
            for _ in range(ROUND_TRIPS):
                sent = _since_boot()
                database_time = int(connection.execute(_DATABASE_MICROSECONDS).scalar_one())
                received = _since_boot()
                samples.append((received - sent, database_time - (sent + received) // 2))
        self._offset = min(samples)[1]

    def now(self) -> Instant:
        """Return the current time by PostgreSQL's clock."""
        if self._offset is None:
            raise RuntimeError("call measure() before now()")
        return Instant(_since_boot() + self._offset)


def _since_boot() -> int:
    """Return the microseconds since the machine booted, suspension included, which `time.monotonic` leaves out."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // NANOSECONDS_PER_MICROSECOND
