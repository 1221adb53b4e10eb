"""Sets of points in time, as sorted ranges: exact, to the microsecond, on either of our two time types."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from servicekit.clock import Instant

_Time = TypeVar("_Time", Instant, datetime)


@dataclass(frozen=True, slots=True, order=True)
class TimeRange(Generic[_Time]):
    """From `start` up to, but not including, `end`. With `start == end` it is that single point in time."""

    start: _Time
    end: _Time


def union(ranges: Iterable[TimeRange[_Time]]) -> tuple[TimeRange[_Time], ...]:
    """Return the same points in time, each once: oldest first, with ranges that touch joined."""
    joined: list[TimeRange[_Time]] = []
    for time_range in sorted(ranges):
        if joined and time_range.start <= joined[-1].end:
            joined[-1] = TimeRange(joined[-1].start, max(joined[-1].end, time_range.end))
        else:
            joined.append(time_range)
    return tuple(joined)


def clip(ranges: Iterable[TimeRange[_Time]], window: TimeRange[_Time]) -> tuple[TimeRange[_Time], ...]:
    """Return the parts inside `window`."""
    return tuple(part for time_range in ranges for part in _inside(time_range, window))


def subtract(ranges: Iterable[TimeRange[_Time]], removed: Iterable[TimeRange[_Time]]) -> tuple[TimeRange[_Time], ...]:
    """Return what `removed` leaves of `ranges`; single points in time are dropped."""
    left = [time_range for time_range in union(ranges) if time_range.start < time_range.end]
    for cut in union(removed):
        left = [part for time_range in left for part in _around(time_range, cut)]
    return tuple(left)


def _inside(time_range: TimeRange[_Time], window: TimeRange[_Time]) -> tuple[TimeRange[_Time], ...]:
    if time_range.start == time_range.end:
        return (time_range,) if window.start <= time_range.start < window.end else ()
    start, end = max(time_range.start, window.start), min(time_range.end, window.end)
    return (TimeRange(start, end),) if start < end else ()


def _around(time_range: TimeRange[_Time], cut: TimeRange[_Time]) -> tuple[TimeRange[_Time], ...]:
    before = TimeRange(time_range.start, min(time_range.end, cut.start))
    after = TimeRange(max(time_range.start, cut.end), time_range.end)
    return tuple(part for part in (before, after) if part.start < part.end)
