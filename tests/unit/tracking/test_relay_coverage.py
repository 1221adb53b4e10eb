"""Times in which no live relay of an identity watched connections."""

from __future__ import annotations

from uuid import uuid4

import pytest

from servicekit.clock import Instant, seconds
from servicekit.identifiers import StreamId
from servicekit.time_ranges import TimeRange
from tracking_service.domain.relay_coverage import MAX_UNRECORDED, RelayCoverage, unwatched

FIRST, SECOND, OTHER = (StreamId(uuid4()) for _ in range(3))
NOW = 1_000


def spell(start: float, end: float) -> TimeRange[Instant]:
    return TimeRange(Instant(seconds(start)), Instant(seconds(end)))


def watched(stream: StreamId, start: float, end: float, *, owner: str = "socket") -> RelayCoverage:
    return RelayCoverage(owner, stream, spell(start, end))


def gaps(*coverage: RelayCoverage, of: StreamId = FIRST, now: float = NOW) -> tuple[TimeRange[Instant], ...]:
    return unwatched(coverage, {of}, Instant(seconds(now)))


@pytest.mark.parametrize("stream", [FIRST, SECOND], ids=["before", "after"])
def test_between_two_runs_of_a_relay_its_sessions_were_not_watched(stream: StreamId) -> None:
    assert gaps(watched(FIRST, 0, 100), watched(SECOND, 300, NOW), of=stream) == (spell(100, 300),)


def test_as_long_as_a_relay_has_not_come_back_its_sessions_are_not_watched() -> None:
    assert gaps(watched(FIRST, 0, 100), now=500) == (spell(100, 500),)


def test_a_relay_that_has_not_come_back_after_a_day_is_taken_as_replaced() -> None:
    day = 24 * 3600
    assert gaps(watched(FIRST, 0, 100), now=10 * day) == (spell(100, 100 + day),)
    assert gaps(watched(FIRST, 0, 100), watched(SECOND, 9 * day, 10 * day), now=10 * day) == (spell(100, 9 * day),)


def test_a_stream_that_is_open_leaves_no_gap_although_its_record_lags_behind() -> None:
    assert gaps(watched(FIRST, 0, NOW), now=NOW + MAX_UNRECORDED / seconds(1)) == ()


def test_one_of_two_relays_of_an_identity_down_is_no_gap() -> None:
    assert gaps(watched(FIRST, 0, 100), watched(SECOND, 50, NOW)) == ()


def test_a_relay_of_another_identity_watches_nothing_for_this_one() -> None:
    other = watched(OTHER, 0, NOW, owner="another")
    assert gaps(watched(FIRST, 0, 100), other, watched(SECOND, 300, NOW)) == (spell(100, 300),)
    assert gaps(watched(FIRST, 0, 100), other, watched(SECOND, 300, NOW), of=OTHER) == ()


def test_a_gap_concerns_only_sessions_that_were_watched_next_to_it() -> None:
    coverage = watched(FIRST, 0, 100), watched(SECOND, 300, 400), watched(OTHER, 600, NOW)
    assert gaps(*coverage, of=OTHER) == (spell(400, 600),)


def test_a_process_that_goes_on_with_another_stream_watched_throughout() -> None:
    coverage = watched(FIRST, 0, 100), watched(SECOND, 0, 400), watched(OTHER, 600, NOW)
    assert gaps(*coverage, of=FIRST) == (spell(400, 600),)
