"""By which way an interval came, and when a relay's stream saw through a gap of the service."""

from __future__ import annotations

from uuid import uuid4

import pytest

from servicekit.clock import Instant
from servicekit.identifiers import StreamId, WhiteboardSessionId
from tests.unit.tracking.histories import TIMEOUT, connect, disconnect, heartbeat
from tracking_service.domain.events import EndReason, PresenceEvent
from tracking_service.domain.intervals import Stretch
from tracking_service.domain.presence import NOBODY, Interval, Presence, record
from tracking_service.domain.ways import RelayGap, Way, attributed, concerns, saw_through
from tracking_service.domain.windows import Window

RELAY, OTHER = StreamId(uuid4()), StreamId(uuid4())
GAP = Window(Instant(20), Instant(30))
SESSION = WhiteboardSessionId(1)


def told(before: Presence, events: list[PresenceEvent], way: Way) -> Presence:
    after = record(before, events, earlier_disconnects=(), timeout=TIMEOUT)
    return attributed(before, after, [(event.at, way) for event in events])


def ways(presence: Presence) -> list[Way]:
    return [interval.stream_id for interval in presence.intervals]


def interval(start: int, end: int, way: Way = RELAY) -> Interval:
    return Interval(Stretch(Instant(start), Instant(end), Instant(end)), EndReason.TIMED_OUT, way)


def covering(start: int, end: int) -> dict[StreamId, Window]:
    return {RELAY: Window(Instant(start), Instant(end))}


def test_an_interval_came_by_the_stream_that_told_it() -> None:
    assert ways(told(NOBODY, [connect(0), heartbeat(4), disconnect(6)], RELAY)) == [RELAY]


def test_each_interval_has_a_way_of_its_own() -> None:
    assert ways(told(told(NOBODY, [connect(0)], RELAY), [connect(20)], OTHER)) == [RELAY, OTHER]


def test_two_ways_into_one_interval_are_none() -> None:
    assert ways(told(told(NOBODY, [connect(0)], RELAY), [heartbeat(4)], None)) == [None]


def test_joining_intervals_of_two_ways_has_none() -> None:
    apart = told(told(NOBODY, [connect(0)], RELAY), [connect(8)], OTHER)
    assert ways(told(apart, [heartbeat(4)], RELAY)) == [None]


def test_what_another_way_tells_leaves_other_intervals_alone() -> None:
    assert ways(told(told(NOBODY, [connect(20)], RELAY), [connect(0)], None)) == [None, RELAY]


@pytest.mark.parametrize(
    ("intervals", "covered", "through"),
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
        "it never came back",
        "it was opened in the gap",
        "nothing is known of it",
        "somebody near the gap came by calls",
        "somebody near the gap came by a stream that never came back",
        "calls long before the gap do not matter",
        "nobody was near the gap, and all came by the stream",
        "nobody ever came",
    ],
)
def test_a_gap_is_void_where_all_ways_near_it_went_on(
    intervals: list[Interval], covered: dict[StreamId, Window], *, through: bool
) -> None:
    assert saw_through(GAP, intervals, covered, TIMEOUT) is through


@pytest.mark.parametrize(
    ("sessions", "intervals", "expected"),
    [
        ({SESSION}, [interval(0, 9, None)], True),
        ({WhiteboardSessionId(2)}, [interval(0, 9)], False),
        (set(), [interval(0, 9)], True),
        (set(), [interval(0, 9, OTHER)], False),
        (set(), [], True),
    ],
    ids=["named", "another is named", "of the stream", "of another stream", "nobody was ever seen in it"],
)
def test_a_relays_gap_concerns_the_sessions_it_names_or_those_of_its_stream(
    sessions: set[WhiteboardSessionId], intervals: list[Interval], *, expected: bool
) -> None:
    assert concerns(RelayGap(RELAY, GAP, frozenset(sessions)), SESSION, intervals) is expected
