"""Moments and stretches of simulated time: whole milliseconds after the start of a class's window, or its date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Stretch(NamedTuple):
    """From a moment to another, end exclusive; sorts by its start."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """How long it is."""
        return self.end - self.start

    def holds(self, moment: int) -> bool:
        """Tell whether a moment lies in it."""
        return self.start <= moment < self.end

    def overlap(self, other: Stretch) -> int:
        """Return how long both last."""
        return max(min(self.end, other.end) - max(self.start, other.start), 0)

    def moved(self, by: int) -> Stretch:
        """Return the same, so much later."""
        return Stretch(self.start + by, self.end + by)


def union(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Return the moments that are in any of them, oldest first."""
    joined: list[Stretch] = []
    for stretch in sorted(stretches):
        if joined and stretch.start <= joined[-1].end:
            joined[-1] = Stretch(joined[-1].start, max(joined[-1].end, stretch.end))
        else:
            joined.append(stretch)
    return tuple(joined)


def clip(stretches: Iterable[Stretch], window: Stretch) -> tuple[Stretch, ...]:
    """Return what of them lies in the window."""
    return tuple(
        Stretch(max(stretch.start, window.start), min(stretch.end, window.end))
        for stretch in stretches
        if stretch.overlap(window)
    )


def without(stretch: Stretch, cuts: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """Return a stretch without some that lie in it, apart from each other and oldest first."""
    starts = (stretch.start, *(cut.end for cut in cuts))
    ends = (*(cut.start for cut in cuts), stretch.end)
    return tuple(Stretch(start, end) for start, end in zip(starts, ends, strict=True) if start < end)
