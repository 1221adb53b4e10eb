"""Interactions (activity other than plain heartbeats), counted by half minute when written and by minute when read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from servicekit.clock import MICROSECONDS_PER_SECOND, Instant
from servicekit.time_ranges import TimeRange
from tracking_service.domain.events import Participant, PresenceEvent

#: An hour of one activity becomes 120 rows, and the log shows when each period of activity begins.
PERIOD = 30 * MICROSECONDS_PER_SECOND
MINUTE = 60 * MICROSECONDS_PER_SECOND
#: A window is a lesson. One that is longer than a day is a mistake in a schedule, and its minutes are of no use.
MAX_WINDOW_BY_MINUTE = 24 * 60 * MINUTE
#: Kinds of activity of one participant in one period. More than any whiteboard has; the others count as `OTHER`.
MAX_TYPES_PER_PERIOD = 32
OTHER = "other"
ACTIVITY_TYPE = re.compile(r"[a-z][a-z0-9_]{0,31}")


class ActivityPeriod(NamedTuple):
    """One participant's activity of one type in one period; sorts in the order in which rows are locked."""

    participant: Participant
    #: A multiple of PERIOD, so that periods do not depend on the order of arrival.
    started_at: Instant
    activity_type: str


class Activity(NamedTuple):
    """The interactions of one period."""

    first_at: Instant
    occurrences: int


def is_activity_type(text: str) -> bool:
    """Return whether `text` is a lower-case word of up to 32 letters, digits and underscores."""
    return ACTIVITY_TYPE.fullmatch(text) is not None


def count_by_period(events: Iterable[PresenceEvent]) -> dict[ActivityPeriod, Activity]:
    """Count the interactions among `events` by period."""
    periods: dict[ActivityPeriod, Activity] = {}
    types: Counter[tuple[Participant, Instant]] = Counter()
    for event in events:
        if not event.is_interaction:
            continue
        period = ActivityPeriod(event.participant, Instant(event.at - event.at % PERIOD), event.activity_type)
        if period not in periods:
            if types[period.participant, period.started_at] >= MAX_TYPES_PER_PERIOD:
                period = period._replace(activity_type=OTHER)
            types[period.participant, period.started_at] += period not in periods
        activity = periods.get(period, Activity(event.at, 0))
        periods[period] = Activity(min(activity.first_at, event.at), activity.occurrences + 1)
    return periods


def interactions_in(window: TimeRange[Instant], counts: Sequence[tuple[Instant, int]]) -> int:
    """Add up the interactions inside the window; `counts` are (when, how many)."""
    return sum(count for at, count in counts if window.start <= at < window.end)


def interactions_per_minute(window: TimeRange[Instant], counts: Sequence[tuple[Instant, int]]) -> list[int]:
    """Return the same for each minute of the window; the last minute may be shorter.

    Empty if there are none, or if the window is longer than a day.
    """
    length = window.end - window.start
    if length > MAX_WINDOW_BY_MINUTE or not interactions_in(window, counts):
        return []
    by_minute = [0] * -(-length // MINUTE)
    for at, count in counts:
        if window.start <= at < window.end:
            by_minute[(at - window.start) // MINUTE] += count
    return by_minute
