"""Times as integers, and the clock that returns them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import time_ns
from typing import NewType, Protocol

#: Microseconds since the Unix epoch, UTC: PostgreSQL's own resolution, exact to add and compare.
Instant = NewType("Instant", int)

MICROSECONDS_PER_SECOND = 1_000_000
NANOSECONDS_PER_MICROSECOND = 1_000
NANOSECONDS_PER_SECOND = MICROSECONDS_PER_SECOND * NANOSECONDS_PER_MICROSECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Clock(Protocol):
    """Returns the current time."""

    def now(self) -> Instant:
        """Return the current time."""


class SystemClock:
    """The clock of this machine."""

    def now(self) -> Instant:
        """Return the current time of this machine."""
        return Instant(time_ns() // NANOSECONDS_PER_MICROSECOND)


def from_datetime(time: datetime) -> Instant:
    """Convert a timezone-aware datetime exactly; ValueError for a naive one."""
    if time.tzinfo is None:
        raise ValueError("a datetime needs a time zone")
    return Instant((time - _EPOCH) // _MICROSECOND)


def to_datetime(instant: Instant) -> datetime:
    """Convert to a datetime in UTC, exactly."""
    return _EPOCH + timedelta(microseconds=instant)


def seconds(duration: float) -> int:
    """Return a duration given in seconds as microseconds."""
    return round(duration * MICROSECONDS_PER_SECOND)
