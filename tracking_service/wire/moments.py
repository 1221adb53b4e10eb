"""Instants as protobuf timestamps."""

from __future__ import annotations

from google.protobuf.timestamp_pb2 import Timestamp

from servicekit.clock import MICROSECONDS_PER_SECOND, NANOSECONDS_PER_MICROSECOND, Instant

_TENTHS = 10
_MICROSECONDS_PER_TENTH_MINUTE = 60 * MICROSECONDS_PER_SECOND // _TENTHS


def timestamp(instant: Instant) -> Timestamp:
    """Return the timestamp of an instant."""
    seconds, microseconds = divmod(instant, MICROSECONDS_PER_SECOND)
    return Timestamp(seconds=seconds, nanos=microseconds * NANOSECONDS_PER_MICROSECOND)


def optional_timestamp(instant: Instant | None) -> Timestamp | None:
    """Return the timestamp of an instant that may be unknown."""
    return None if instant is None else timestamp(instant)


def minutes(duration: int) -> float:
    """Return a duration in microseconds as minutes, rounded down to one decimal."""
    return (duration // _MICROSECONDS_PER_TENTH_MINUTE) / _TENTHS
