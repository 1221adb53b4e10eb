"""Sets of moments, as sorted stretches of time: exact, to the microsecond."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Stretch:
    """Time from `started_at` up to, but not including, `ended_at`; of length zero: the moment `started_at` alone."""

    started_at: datetime
    ended_at: datetime

    @property
    def length(self) -> timedelta:
        """How long it lasts."""
        return self.ended_at - self.started_at

    def clipped(self, window: Stretch) -> Stretch | None:
        """Return the part inside `window`, or None if there is none."""
        if self.started_at == self.ended_at:
            return self if window.started_at <= self.started_at < window.ended_at else None
        start, end = max(self.started_at, window.started_at), min(self.ended_at, window.ended_at)
        return Stretch(started_at=start, ended_at=end) if start < end else None


Stretches = tuple[Stretch, ...]


def union(stretches: Iterable[Stretch]) -> Stretches:
    """Return the same moments, each once: oldest first, with stretches that touch joined."""
    joined: list[Stretch] = []
    for stretch in sorted(stretches):
        if joined and stretch.started_at <= joined[-1].ended_at:
            end = max(joined[-1].ended_at, stretch.ended_at)
            joined[-1] = Stretch(started_at=joined[-1].started_at, ended_at=end)
        else:
            joined.append(stretch)
    return tuple(joined)


def clip(stretches: Iterable[Stretch], window: Stretch) -> Stretches:
    """Return the parts inside `window`."""
    return tuple(part for stretch in stretches if (part := stretch.clipped(window)) is not None)


def subtract(stretches: Iterable[Stretch], removed: Iterable[Stretch]) -> Stretches:
    """Return what `removed` leaves of `stretches`; single moments are nothing that could be left."""
    left = [stretch for stretch in union(stretches) if stretch.length]
    for hole in union(removed):
        left = [part for stretch in left for part in _around(stretch, hole)]
    return tuple(left)


def total(stretches: Iterable[Stretch]) -> timedelta:
    """Return how long they last together; they must not overlap."""
    return sum((stretch.length for stretch in stretches), timedelta())


def _around(stretch: Stretch, hole: Stretch) -> Stretches:
    before = Stretch(started_at=stretch.started_at, ended_at=min(stretch.ended_at, hole.started_at))
    after = Stretch(started_at=max(stretch.started_at, hole.ended_at), ended_at=stretch.ended_at)
    return tuple(part for part in (before, after) if part.started_at < part.ended_at)
