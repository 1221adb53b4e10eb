"""How gaps affect presence, judged second by second, and histories with gaps to compare it on."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import strategies as st

from servicekit.clock import Instant
from servicekit.time_ranges import TimeRange, union
from tests.unit.tracking.histories import LATEST, TIMEOUT, events, time_range
from tracking_service.domain.events import EndReason, EventKind, PresenceEvent
from tracking_service.domain.observation_gaps import Observations, UndatedTimes
from tracking_service.domain.presence import NEVER_PRESENT, Interval, Presence, record

#: Gaps may go on after the last event.
HORIZON = LATEST + 2 * TIMEOUT


class GapHistory(NamedTuple):
    """One participant's history, and the seconds in which no replica took events."""

    presence: Presence
    observations: Observations
    gap_seconds: set[int]

    @property
    def gaps(self) -> tuple[TimeRange[Instant], ...]:
        return union(time_range(second, second + 1) for second in self.gap_seconds)


class Seconds(NamedTuple):
    """Every second that is assumed, and every second that can't be known."""

    assumed: set[int]
    unknown: set[int]
    arrival_uncertain_since: int | None


def gap_history(
    history: Sequence[PresenceEvent], *gaps: tuple[int, int], undated: UndatedTimes | None = None
) -> GapHistory:
    """Return what is known of a history, with gaps `[start, end)`."""
    presence = record(NEVER_PRESENT, history, earlier_disconnects=(), timeout=TIMEOUT) if history else NEVER_PRESENT
    first = min((event.at for event in history if event.is_sign_of_life), default=None)
    observations = Observations(
        intervals=presence.intervals,
        disconnects=[e.at for e in history if not e.is_sign_of_life and e.reason is EndReason.CLOSED],
        arrival_was_seen=any(e.at == first and e.kind is EventKind.CONNECT for e in history),
        undated=undated or {},
    )
    return GapHistory(presence, observations, {second for start, end in gaps for second in range(start, end)})


_gaps = st.tuples(st.integers(0, HORIZON), st.integers(0, 15)).map(lambda gap: (gap[0], min(sum(gap), HORIZON)))
gap_histories = st.builds(
    lambda history, gaps: gap_history(history, *gaps), st.lists(events, max_size=8), st.lists(_gaps, max_size=4)
)


def seconds_of(history: GapHistory) -> Seconds:
    """docs/presence.md#observation-gaps by brute force, over every second in which no replica took events."""
    found = Seconds(set(), set(), None)
    intervals = history.observations.intervals
    if not intervals:
        return found
    for before, after in itertools.pairwise([None, *intervals, None]):
        found = _with_silence(found, history, before, after)
    return found


def _with_silence(found: Seconds, history: GapHistory, before: Interval | None, after: Interval | None) -> Seconds:
    start = 0 if before is None else before.span.ended_at
    end = HORIZON if after is None else after.span.started_at
    in_gaps = set(range(start, end)) & history.gap_seconds
    disconnects = [
        d for d in history.observations.disconnects if (before is None or d > start) and (after is None or d < end)
    ]
    was_there = before is not None and before.end_reason is not EndReason.CLOSED
    onward, reached = _onward(start, in_gaps, disconnects) if was_there else (set(), set())
    if after is None:
        return found._replace(unknown=found.unknown | onward)
    if not disconnects and any(end - at <= TIMEOUT for at in reached):
        return found._replace(assumed=found.assumed | set(range(start, end)))
    backward = _backward(end, in_gaps, disconnects)
    if before is None and backward and not history.observations.arrival_was_seen:
        return found._replace(arrival_uncertain_since=min(backward))
    return found._replace(unknown=found.unknown | onward | backward)


def _onward(sign: int, in_gaps: set[int], disconnects: Sequence[int]) -> tuple[set[int], set[int]]:
    """Return the seconds of gaps within reach after a sign of life, and every time on the way."""
    reached: set[int] = set()
    times = {sign}
    for second in sorted(in_gaps):
        left = any(disconnect <= second for disconnect in disconnects)
        if not left and any(0 <= second - at <= TIMEOUT for at in times):
            reached.add(second)
            times.add(second + 1)
    return reached, times


def _backward(sign: int, in_gaps: set[int], disconnects: Sequence[int]) -> set[int]:
    reached: set[int] = set()
    times = {sign}
    for second in sorted(in_gaps, reverse=True):
        not_yet = any(disconnect >= second + 1 for disconnect in disconnects)
        if not not_yet and any(0 <= at - (second + 1) <= TIMEOUT for at in times):
            reached.add(second)
            times.add(second)
    return reached
