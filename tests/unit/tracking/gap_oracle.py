"""What gaps leave open, found by looking at every second; and histories with gaps to try it on."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import strategies as st

from servicekit.clock import Instant
from tests.unit.tracking.histories import LATEST, TIMEOUT, events
from tracking_service.domain.coverage import joined
from tracking_service.domain.events import EndReason, EventKind, PresenceEvent
from tracking_service.domain.gaps import Sightings
from tracking_service.domain.presence import NOBODY, Interval, Presence, record
from tracking_service.domain.windows import Window

#: Gaps may go on after the last event.
HORIZON = LATEST + 2 * TIMEOUT


class Story(NamedTuple):
    """One participant's history, and the seconds in which nobody listened."""

    presence: Presence
    sightings: Sightings
    gap_seconds: set[int]

    @property
    def gaps(self) -> tuple[Window, ...]:
        return joined(Window(Instant(second), Instant(second + 1)) for second in self.gap_seconds)


class Seconds(NamedTuple):
    """Every second that is assumed, and that can't be known."""

    assumed: set[int]
    unknown: set[int]
    arrival_uncertain_since: int | None


def story(history: Sequence[PresenceEvent], *gaps: tuple[int, int]) -> Story:
    """Return what is known of a history, with gaps `[start, end)`."""
    presence = record(NOBODY, history, earlier_disconnects=(), timeout=TIMEOUT) if history else NOBODY
    first = min((event.at for event in history if event.is_sign_of_life), default=None)
    sightings = Sightings(
        intervals=presence.intervals,
        disconnects=[e.at for e in history if not e.is_sign_of_life and e.reason is EndReason.CLOSED],
        arrival_was_seen=any(e.at == first and e.kind is EventKind.CONNECT for e in history),
    )
    return Story(presence, sightings, {second for start, end in gaps for second in range(start, end)})


_gaps = st.tuples(st.integers(0, HORIZON), st.integers(0, 15)).map(lambda gap: (gap[0], min(sum(gap), HORIZON)))
stories = st.builds(
    lambda history, gaps: story(history, *gaps), st.lists(events, max_size=8), st.lists(_gaps, max_size=4)
)


def seconds_of(told: Story) -> Seconds:
    """DESIGN 5.7 by brute force: from sight to sight over every second in which nobody listened."""
    found = Seconds(set(), set(), None)
    intervals = told.sightings.intervals
    if not intervals:
        return found
    for before, after in itertools.pairwise([None, *intervals, None]):
        found = _with_silence(found, told, before, after)
    return found


def _with_silence(found: Seconds, told: Story, before: Interval | None, after: Interval | None) -> Seconds:
    start = 0 if before is None else before.stretch.ended_at
    end = HORIZON if after is None else after.stretch.started_at
    unheard = set(range(start, end)) & told.gap_seconds
    disconnects = [
        d for d in told.sightings.disconnects if (before is None or d > start) and (after is None or d < end)
    ]
    was_there = before is not None and before.end_reason is not EndReason.CLOSED
    onward, moments = _onward(start, unheard, disconnects) if was_there else (set(), set())
    if after is None:
        return found._replace(unknown=found.unknown | onward)
    if not disconnects and any(end - moment <= TIMEOUT for moment in moments):
        return found._replace(assumed=found.assumed | set(range(start, end)))
    backward = _backward(end, unheard, disconnects)
    if before is None and backward and not told.sightings.arrival_was_seen:
        return found._replace(arrival_uncertain_since=min(backward))
    return found._replace(unknown=found.unknown | onward | backward)


def _onward(sight: int, unheard: set[int], disconnects: Sequence[int]) -> tuple[set[int], set[int]]:
    """Return the unheard seconds that can be come by from a sight, and every moment on the way."""
    reached: set[int] = set()
    moments = {sight}
    for second in sorted(unheard):
        left = any(disconnect <= second for disconnect in disconnects)
        if not left and any(0 <= second - moment <= TIMEOUT for moment in moments):
            reached.add(second)
            moments.add(second + 1)
    return reached, moments


def _backward(sight: int, unheard: set[int], disconnects: Sequence[int]) -> set[int]:
    reached: set[int] = set()
    moments = {sight}
    for second in sorted(unheard, reverse=True):
        not_yet = any(disconnect >= second + 1 for disconnect in disconnects)
        if not not_yet and any(0 <= moment - (second + 1) <= TIMEOUT for moment in moments):
            reached.add(second)
            moments.add(second)
    return reached
