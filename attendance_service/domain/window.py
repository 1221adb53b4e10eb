"""The window against which facts are judged: the tutoring session's own schedule as moments (DESIGN 7)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import product

from attendance_service.domain.stretches import Stretch

#: A clock time that occurs twice, or never, has two readings (PEP 495).
FOLDS = (0, 1)


def scheduled_window(day: date | None, start: time | None, end: time | None, zone: tzinfo) -> Stretch | None:
    """Return the moments that a schedule in the session time zone means; None if it names no stretch of time.

    An end before the start is the next day's; an end that equals the start says nothing. On a night when clocks
    change, a time that occurs twice or never is read so that the session keeps the length its two times tell.
    """
    if day is None or start is None or end is None or start == end:
        return None
    starts, ends = datetime.combine(day, start), datetime.combine(day, end)
    if ends < starts:
        ends += timedelta(days=1)
    readings = [
        Stretch(started_at=_moment(starts, first, zone), ended_at=_moment(ends, second, zone))
        for first, second in product(FOLDS, FOLDS)
    ]
    return next((reading for reading in readings if reading.length == ends - starts), readings[0])


def _moment(wall_clock: datetime, fold: int, zone: tzinfo) -> datetime:
    return wall_clock.replace(tzinfo=zone, fold=fold).astimezone(UTC)
