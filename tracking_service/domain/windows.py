"""Stretches of time, and how much of one lies in another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from servicekit.clock import MICROSECONDS_PER_SECOND, Instant
from tracking_service.domain.intervals import Stretch

MINUTE = 60 * MICROSECONDS_PER_SECOND
#: Windows are lessons. Nobody looks at the minutes of one that lasts longer, which is a mistake in a schedule.
LONGEST_BY_MINUTE = 24 * 60 * MINUTE


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A stretch of time, end exclusive; a window that ends where it starts is empty."""

    start: Instant
    end: Instant


def touches(stretch: Stretch, window: Window) -> bool:
    """Whether the participant was there at some moment of the window, be it for no time at all."""
    if stretch.started_at == stretch.ended_at:
        return window.start <= stretch.started_at < window.end
    return stretch.started_at < window.end and stretch.ended_at > window.start


def overlap(stretch: Stretch, window: Window) -> int:
    """Return how much of the window the stretch covers, in microseconds."""
    return max(min(stretch.ended_at, window.end) - max(stretch.started_at, window.start), 0)


def duration(stretch: Stretch) -> int:
    """Return the length of a stretch in microseconds."""
    return stretch.ended_at - stretch.started_at


def union_duration(stretches: Iterable[Stretch]) -> int:
    """Return how long at least one of the stretches lasted, in microseconds: the union, never the sum (DESIGN 5.5)."""
    total = 0
    covered_until = 0
    for stretch in sorted(stretches):
        total += max(stretch.ended_at - max(stretch.started_at, covered_until), 0)
        covered_until = max(covered_until, stretch.ended_at)
    return total


def interactions_in(window: Window, moments: Sequence[tuple[Instant, int]]) -> int:
    """Add up the interactions whose moment lies in the window; `moments` are (when, how many)."""
    return sum(count for moment, count in moments if window.start <= moment < window.end)


def interactions_per_minute(window: Window, moments: Sequence[tuple[Instant, int]]) -> list[int]:
    """Return the same for each minute of the window, the last of which may be shorter; empty if there is nothing.

    Also empty where the window is longer than a day.
    """
    length = window.end - window.start
    if length > LONGEST_BY_MINUTE or not interactions_in(window, moments):
        return []
    counts = [0] * -(-length // MINUTE)
    for moment, count in moments:
        if window.start <= moment < window.end:
            counts[(moment - window.start) // MINUTE] += count
    return counts
