"""Ranges of simulated time, in whole milliseconds after the start of a class's window, or of the calendar.

The product has the like in servicekit; the evaluation uses nothing of what it measures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class TimeRange(NamedTuple):
    """From one time to another, end exclusive; sorts by its start."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """The length in milliseconds."""
        return self.end - self.start

    def contains(self, time: int) -> bool:
        """Return whether a time lies in the range."""
        return self.start <= time < self.end

    def overlap(self, other: TimeRange) -> int:
        """Return for how many milliseconds both ranges last."""
        return max(min(self.end, other.end) - max(self.start, other.start), 0)

    def shifted(self, by: int) -> TimeRange:
        """Return the range, so many milliseconds later."""
        return TimeRange(self.start + by, self.end + by)


def union(ranges: Iterable[TimeRange]) -> tuple[TimeRange, ...]:
    """Return the time that is in any of the ranges, oldest first."""
    joined: list[TimeRange] = []
    for item in sorted(ranges):
        if joined and item.start <= joined[-1].end:
            joined[-1] = TimeRange(joined[-1].start, max(joined[-1].end, item.end))
        else:
            joined.append(item)
    return tuple(joined)


def clip(ranges: Iterable[TimeRange], window: TimeRange) -> tuple[TimeRange, ...]:
    """Return the parts of the ranges that lie in the window."""
    return tuple(
        TimeRange(max(item.start, window.start), min(item.end, window.end)) for item in ranges if item.overlap(window)
    )


def subtract(whole: TimeRange, parts: Sequence[TimeRange]) -> tuple[TimeRange, ...]:
    """Return a range without parts that lie in it, apart from each other and oldest first."""
    starts = (whole.start, *(part.end for part in parts))
    ends = (*(part.start for part in parts), whole.end)
    return tuple(TimeRange(start, end) for start, end in zip(starts, ends, strict=True) if start < end)


def without(ranges: Iterable[TimeRange], removed: TimeRange) -> tuple[TimeRange, ...]:
    """Return the ranges without the time that lies in another one."""
    parts = (
        part
        for item in ranges
        for part in (
            TimeRange(item.start, min(item.end, removed.start)),
            TimeRange(max(item.start, removed.end), item.end),
        )
    )
    return tuple(part for part in parts if part.start < part.end)


def intersection(some: Iterable[TimeRange], others: Iterable[TimeRange]) -> tuple[TimeRange, ...]:
    """Return the time that is in ranges of both."""
    known = list(others)
    return union(part for item in some for part in clip(known, item))
