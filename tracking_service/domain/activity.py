"""Activity other than plain heartbeats, coalesced (DESIGN 5)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from servicekit.clock import MICROSECONDS_PER_SECOND, Instant
from tracking_service.domain.events import Participant, PresenceEvent

#: An hour of one activity becomes 120 entries, and each shows in the log when it begins.
PERIOD = 30 * MICROSECONDS_PER_SECOND
_WORD = re.compile(r"[a-z][a-z0-9_]{0,31}")


class ActivityPeriod(NamedTuple):
    """One participant's activity of one type in one period; sorts in the order in which rows are locked."""

    participant: Participant
    #: A multiple of PERIOD, so that periods do not depend on the order of arrival.
    started_at: Instant
    activity_type: str


class Activity(NamedTuple):
    """What happened in one period."""

    first_at: Instant
    occurrences: int


def is_activity_type(word: str) -> bool:
    """Whether this is a lower-case word of up to 32 letters, digits and underscores."""
    return _WORD.fullmatch(word) is not None


def coalesce(events: Iterable[PresenceEvent]) -> dict[ActivityPeriod, Activity]:
    """Count the interactions among the events by period."""
    periods: dict[ActivityPeriod, Activity] = {}
    for event in events:
        if not event.is_interaction:
            continue
        key = ActivityPeriod(event.participant, Instant(event.at - event.at % PERIOD), event.activity_type)
        known = periods.get(key, Activity(event.at, 0))
        periods[key] = Activity(min(known.first_at, event.at), known.occurrences + 1)
    return periods
