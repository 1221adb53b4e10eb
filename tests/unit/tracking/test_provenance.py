"""Which stream delivered an interval, and when a relay's stream covers a gap of the service."""

from __future__ import annotations

from uuid import uuid4

import pytest

from servicekit.clock import Instant
from servicekit.identifiers import StreamId, WhiteboardSessionId
from servicekit.time_ranges import TimeRange
from tests.unit.tracking.histories import TIMEOUT, connect, disconnect, heartbeat, time_range
from tracking_service.domain.events import EndReason, PresenceEvent
from tracking_service.domain.presence import NEVER_PRESENT, Interval, Presence, record
from tracking_service.domain.presence_spans import PresenceSpan
from tracking_service.domain.provenance import RelayGap, SourceStream, concerns, covers_gap, with_sources

RELAY, OTHER = StreamId(uuid4()), StreamId(uuid4())
GAP = time_range(20, 30)
SESSION = WhiteboardSessionId(1)


def delivered(before: Presence, events: list[PresenceEvent], source: SourceStream) -> Presence:
    after = record(before, events, earlier_disconnects=(), timeout=TIMEOUT)
    return with_sources(before, after, [(event.at, source) for event in events])


def sources(presence: Presence) -> list[SourceStream]:
    return [interval.stream_id for interval in presence.intervals]


def interval(start: int, end: int, source: SourceStream = RELAY) -> Interval:
    return Interval(PresenceSpan(Instant(start), Instant(end), Instant(end)), EndReason.TIMED_OUT, source)


def covering(start: int, end: int) -> dict[StreamId, TimeRange[Instant]]:
    return {RELAY: time_range(start, end)}


def test_the_source_of_an_interval_is_the_stream_that_delivered_it() -> None:
    assert sources(delivered(NEVER_PRESENT, [connect(0), heartbeat(4), disconnect(6)], RELAY)) == [RELAY]


def test_each_interval_has_a_source_of_its_own() -> None:
    assert sources(delivered(delivered(NEVER_PRESENT, [connect(0)], RELAY), [connect(20)], OTHER)) == [RELAY, OTHER]


def test_an_interval_from_two_sources_has_none() -> None:
    assert sources(delivered(delivered(NEVER_PRESENT, [connect(0)], RELAY), [heartbeat(4)], None)) == [None]


def test_joining_intervals_from_two_sources_has_none() -> None:
    apart = delivered(delivered(NEVER_PRESENT, [connect(0)], RELAY), [connect(8)], OTHER)
    assert sources(delivered(apart, [heartbeat(4)], RELAY)) == [None]


def test_events_from_another_source_do_not_affect_other_intervals() -> None:
    assert sources(delivered(delivered(NEVER_PRESENT, [connect(20)], RELAY), [connect(0)], None)) == [None, RELAY]


@pytest.mark.parametrize(
    ("intervals", "covered", "expected"),
    [
        ([interval(0, 18)], covering(0, 30), True),
        ([interval(0, 18)], covering(0, 29), False),
        ([interval(0, 18)], covering(21, 40), False),
        ([interval(0, 18)], {}, False),
        ([interval(0, 18), interval(33, 40, None)], covering(0, 40), False),
        ([interval(0, 18), interval(33, 40, OTHER)], covering(0, 40), False),
        ([interval(0, 18), interval(0, 14, None)], covering(0, 40), True),
        ([interval(0, 10)], covering(0, 40), True),
        ([], covering(0, 40), False),
    ],
    ids=[
        "the stream went on after the gap",
        "the stream never came back",
        "the stream was opened in the gap",
        "nothing is known of the stream",
        "a participant near the gap came by calls",
        "a participant near the gap came by a stream that never came back",
        "calls long before the gap do not matter",
        "no participant was near the gap, and all came by the stream",
        "no participant ever came",
    ],
)
def test_a_gap_is_covered_if_all_sources_near_it_went_on_after_it(
    intervals: list[Interval], covered: dict[StreamId, TimeRange[Instant]], *, expected: bool
) -> None:
    assert covers_gap(GAP, intervals, covered, TIMEOUT) is expected


@pytest.mark.parametrize(
    ("sessions", "intervals", "expected"),
    [
        ({SESSION}, [interval(0, 9, None)], True),
        ({WhiteboardSessionId(2)}, [interval(0, 9)], False),
        (set(), [interval(0, 9)], True),
        (set(), [interval(0, 9, OTHER)], False),
        (set(), [], True),
    ],
    ids=["named", "another is named", "of the stream", "of another stream", "without any interval"],
)
def test_a_relays_gap_concerns_the_sessions_it_names_or_those_of_its_stream(
    sessions: set[WhiteboardSessionId], intervals: list[Interval], *, expected: bool
) -> None:
    assert concerns(RelayGap(RELAY, GAP, frozenset(sessions)), SESSION, intervals) is expected
