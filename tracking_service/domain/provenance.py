"""Which stream delivered an interval, and whether that stream covers a gap (docs/presence.md#observation-gaps).

A relay keeps its events until they are acknowledged, under numbers of which none is missing. So its stream covers all
the time from its opening to its last commit, whatever happened to the service meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from servicekit.clock import Instant
from servicekit.identifiers import StreamId, WhiteboardSessionId
from servicekit.time_ranges import TimeRange
from tracking_service.domain.presence import Interval, Presence

#: The relay's stream that delivered events. None: a unary call, a participant's own stream (its events have the time at
#: which the service read them, so it can't make up for what was missed), several sources, or not known.
SourceStream = StreamId | None


class RelayGap(NamedTuple):
    """A time in which a relay could not observe presence."""

    stream_id: StreamId
    time_range: TimeRange[Instant]
    #: Empty: all sessions of the stream.
    session_ids: frozenset[WhiteboardSessionId]


def with_sources(before: Presence, after: Presence, events: Sequence[tuple[Instant, SourceStream]]) -> Presence:
    """Set the source of each interval in `after`: the only stream that delivered a part of it, or None.

    `before` is what was known before `events`, which are the times and sources of a participant's further events.
    """
    sources = {source for _, source in events} | {interval.stream_id for interval in before.intervals}
    # Commonly there is one source, of which each interval has a part.
    only = [
        _only(sources if len(sources) == 1 else _sources_of(interval, before.intervals, events))
        for interval in after.intervals
    ]
    intervals = tuple(
        Interval(interval.span, interval.end_reason, source)
        for interval, source in zip(after.intervals, only, strict=True)
    )
    return Presence(intervals, after.connections, after.awaits_signs)


def covers_gap(
    gap: TimeRange[Instant],
    intervals: Sequence[Interval],
    covered: Mapping[StreamId, TimeRange[Instant]],
    timeout: int,
) -> bool:
    """Return whether nothing of a session was missed in a gap of the service.

    That is so if all events near the gap (all events of the session, if none is near) came by streams that went on
    after it without a missing number. `intervals` are those of all participants, `covered` is the time that each stream
    covers, `timeout` is in microseconds.
    """
    near = [interval for interval in intervals if _is_near(interval, gap, timeout)]
    sources = {interval.stream_id for interval in near or intervals}
    return bool(sources) and all(source is not None and _contains(covered.get(source), gap) for source in sources)


def concerns(gap: RelayGap, session_id: WhiteboardSessionId, intervals: Sequence[Interval]) -> bool:
    """Return whether a relay's gap concerns a session. A session without any interval may belong to any relay."""
    if gap.session_ids:
        return session_id in gap.session_ids
    return not intervals or any(interval.stream_id == gap.stream_id for interval in intervals)


def _sources_of(
    interval: Interval, earlier: Iterable[Interval], events: Iterable[tuple[Instant, SourceStream]]
) -> set[SourceStream]:
    start, end, _ = interval.span
    return {part.stream_id for part in earlier if start <= part.span.started_at <= end} | {
        source for at, source in events if start <= at <= end
    }


def _only(sources: set[SourceStream]) -> SourceStream:
    return next(iter(sources)) if len(sources) == 1 else None


def _is_near(interval: Interval, gap: TimeRange[Instant], timeout: int) -> bool:
    return interval.span.started_at <= gap.end + timeout and interval.span.ended_at >= gap.start - timeout


def _contains(covered: TimeRange[Instant] | None, gap: TimeRange[Instant]) -> bool:
    return covered is not None and covered.start <= gap.start and gap.end <= covered.end
