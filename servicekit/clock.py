"""Time, as one integer type and one way to ask for it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import NewType, Protocol

#: Microseconds since the Unix epoch, UTC: PostgreSQL's own resolution, exact to add and compare.
Instant = NewType("Instant", int)

MICROSECONDS_PER_SECOND = 1_000_000
NANOSECONDS_PER_MICROSECOND = 1_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> Instant:
        """Return the present moment."""


class SystemClock:
    """The clock of this machine."""

    def now(self) -> Instant:
        """Return the machine's present moment."""
        return Instant(time.time_ns() // NANOSECONDS_PER_MICROSECOND)


def from_datetime(moment: datetime) -> Instant:
    """Convert a timezone-aware datetime exactly; ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return Instant((moment - _EPOCH) // _MICROSECOND)


def to_datetime(instant: Instant) -> datetime:
    """Convert to a datetime in UTC, exactly."""
    return _EPOCH + timedelta(microseconds=instant)


def seconds(duration: float) -> int:
    """Return a duration given in seconds as microseconds."""
    return round(duration * MICROSECONDS_PER_SECOND)
