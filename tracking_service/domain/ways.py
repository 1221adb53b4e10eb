"""By which way events came, and whether it let anything be missed (DESIGN 5.7).

A relay keeps what it saw until it is acknowledged, under numbers without a hole. So its stream covers all the time from
its opening to its last commit, whatever happened to the service meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from servicekit.clock import Instant
from servicekit.identifiers import StreamId, WhiteboardSessionId
from tracking_service.domain.presence import Interval, Presence
from tracking_service.domain.windows import Window

#: A relay's stream; None: a call, a participant's own stream (whose events bear the time at which the service read
#: them, and so can't make up for what was missed), several ways, or not known.
Way = StreamId | None


class RelayGap(NamedTuple):
    """A time in which a relay says that it was blind."""

    stream_id: StreamId
    extent: Window
    #: Empty: all sessions of the stream.
    session_ids: frozenset[WhiteboardSessionId]


def attributed(before: Presence, after: Presence, events: Sequence[tuple[Instant, Way]]) -> Presence:
    """Say for each interval in `after` by which way it came: the only one that had a part in it.

    `before` is what was known before `events`, the times and ways of a participant's further events.
    """
    intervals = tuple(
        interval._replace(stream_id=_only(_ways_into(interval, before.intervals, events)))
        for interval in after.intervals
    )
    return after._replace(intervals=intervals)


def saw_through(gap: Window, intervals: Sequence[Interval], covered: Mapping[StreamId, Window], timeout: int) -> bool:
    """Tell whether nothing of a session was missed in a gap of the service.

    So it is if all events near the gap (for want of those, all events) came by streams that went on after it without a
    hole. `intervals` are everybody's, `covered` says what each stream covers, `timeout` is in microseconds.
    """
    near = [interval for interval in intervals if _is_near(interval, gap, timeout)]
    ways = {interval.stream_id for interval in near or intervals}
    return bool(ways) and all(way is not None and _covers(covered.get(way), gap) for way in ways)


def concerns(gap: RelayGap, session_id: WhiteboardSessionId, intervals: Sequence[Interval]) -> bool:
    """Tell whether a relay's gap concerns a session; one in which nobody was ever seen may be any relay's."""
    if gap.session_ids:
        return session_id in gap.session_ids
    return not intervals or any(interval.stream_id == gap.stream_id for interval in intervals)


def _ways_into(interval: Interval, earlier: Iterable[Interval], events: Iterable[tuple[Instant, Way]]) -> set[Way]:
    start, end, _ = interval.stretch
    return {part.stream_id for part in earlier if start <= part.stretch.started_at <= end} | {
        way for at, way in events if start <= at <= end
    }


def _only(ways: set[Way]) -> Way:
    return next(iter(ways)) if len(ways) == 1 else None


def _is_near(interval: Interval, gap: Window, timeout: int) -> bool:
    return interval.stretch.started_at <= gap.end + timeout and interval.stretch.ended_at >= gap.start - timeout


def _covers(covered: Window | None, gap: Window) -> bool:
    return covered is not None and covered.start <= gap.start and gap.end <= covered.end
