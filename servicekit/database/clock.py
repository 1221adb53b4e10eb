"""PostgreSQL's clock, read without asking it each time: one clock decides among replicas (DESIGN 5.6)."""

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
    """This machine's monotonic clock, shifted by the measured offset to PostgreSQL's clock."""

    def __init__(self, database: Database) -> None:
        """`measure` must be called once before `now`."""
        self._database = database
        self._offset: int | None = None

    def measure(self) -> None:
        """Measure the offset anew; StorageUnavailable if the database is away (the last offset stays in force)."""
        with self._database.transaction() as connection:
            samples = []
            for _ in range(ROUND_TRIPS):
                sent = _monotonic()
                moment = int(connection.execute(_DATABASE_MICROSECONDS).scalar_one())
                received = _monotonic()
                samples.append((received - sent, moment - (sent + received) // 2))
        self._offset = min(samples)[1]

    def now(self) -> Instant:
        """Return the present moment as PostgreSQL would tell it."""
        if self._offset is None:
            raise RuntimeError("measure() comes before now()")
        return Instant(_monotonic() + self._offset)


def _monotonic() -> int:
    return time.monotonic_ns() // NANOSECONDS_PER_MICROSECOND
