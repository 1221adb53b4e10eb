"""Stretches of days, as people ask for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo


@dataclass(frozen=True, kw_only=True, slots=True)
class Moments:
    """From a moment on, and before another one; None: no limit."""

    since: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """From a day up to and including another one; None: no limit."""

    first: date | None = None
    last: date | None = None

    def moments(self, zone: tzinfo) -> Moments:
        """Return the moments that lie in these days of a time zone."""
        return Moments(
            since=None if self.first is None else _midnight(self.first, 0, zone),
            before=None if self.last is None else _midnight(self.last, 1, zone),
        )


def _midnight(day: date, days_later: int, zone: tzinfo) -> datetime | None:
    """Return where a day begins; None past the ends of the calendar, where a limit leaves nothing out."""
    try:
        return datetime.combine(day + timedelta(days=days_later), time(), zone).astimezone(UTC)
    except OverflowError:
        return None
