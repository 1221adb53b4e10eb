"""A clock that tests set."""

from __future__ import annotations

from datetime import datetime

from servicekit.clock import Instant, from_datetime, seconds


class SettableClock:
    """A clock that changes only when a test advances it."""

    def __init__(self, time: datetime) -> None:
        self._now = from_datetime(time)

    def now(self) -> Instant:
        return self._now

    def advance(self, by_seconds: float) -> None:
        self._now = Instant(self._now + seconds(by_seconds))
