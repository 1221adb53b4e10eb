"""Instants in SQL."""

from __future__ import annotations

from servicekit.clock import Instant, from_datetime


def timestamptz_sql(expression: str) -> str:
    """Return SQL that turns microseconds since the epoch into a timestamptz, exactly."""
    return f"(timestamptz 'epoch' + {expression} * interval '1 microsecond')"


def instant(value: object) -> Instant:
    """Read a timestamptz."""
    return from_datetime(value)  # type: ignore[arg-type]  # psycopg2 gives datetimes for this column type


def optional_instant(value: object) -> Instant | None:
    """Read a timestamptz that may be NULL."""
    return None if value is None else instant(value)
