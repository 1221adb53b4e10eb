"""DESIGN 5.7: what observation gaps leave open of one participant's presence. The timeout is five."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import example, given
from hypothesis import strategies as st

from servicekit.clock import Instant
from tests.unit.tracking.gap_oracle import HORIZON, Seconds, Story, seconds_of, stories, story
from tests.unit.tracking.histories import LATEST, TIMEOUT, connect, disconnect, heartbeat
from tracking_service.domain.events import EndReason
from tracking_service.domain.gaps import EVERYTHING_OBSERVED, Unobserved, left_open
from tracking_service.domain.measurement import PresenceInWindow, measure
from tracking_service.domain.windows import Window

windows = st.tuples(st.integers(0, LATEST), st.integers(0, LATEST)).map(
    lambda moments: Window(Instant(min(moments)), Instant(max(moments)))
)


def judged(told: Story) -> Unobserved:
    return left_open(told.sightings, told.gaps, TIMEOUT)


def measured(told: Story, window: Window) -> PresenceInWindow:
    return measure(told.presence, window, now=Instant(HORIZON), timeout=TIMEOUT, unobserved=judged(told))


def seconds(stretches: Iterable[Window]) -> set[int]:
    return {second for stretch in stretches for second in range(stretch.start, stretch.end)}


def seen(told: Story) -> set[int]:
    return seconds(Window(i.stretch.started_at, i.stretch.ended_at) for i in told.presence.intervals)


@given(stories)
@example(story([connect(0), heartbeat(15)], (5, 10)))
@example(story([connect(0), heartbeat(16)], (5, 10)))
@example(story([connect(0), disconnect(7), heartbeat(11)], (2, 10)))
@example(story([connect(0), disconnect(7), disconnect(12), heartbeat(20)], (2, 18)))
@example(story([heartbeat(0), disconnect(1), heartbeat(30)], (20, 28)))
@example(story([disconnect(4), heartbeat(12)], (2, 10)))
def test_every_second_is_judged_as_by_looking_at_it_alone(told: Story) -> None:
    found = judged(told)
    assert Seconds(seconds(found.assumed), seconds(found.unknown), found.arrival_uncertain_since) == seconds_of(told)


@given(stories)
def test_nothing_is_both_seen_and_assumed_or_both_assumed_and_unknown(told: Story) -> None:
    found = judged(told)
    parts = [seen(told), seconds(found.assumed), seconds(found.unknown)]
    assert len(set().union(*parts)) == sum(map(len, parts))


@given(stories, windows)
def test_active_time_is_every_second_of_the_window_that_is_seen_or_assumed(told: Story, window: Window) -> None:
    expected = seconds_of(told)
    present = seen(told) | expected.assumed
    if expected.arrival_uncertain_since is not None:
        since = max(expected.arrival_uncertain_since, window.start)
        present |= set(range(since, told.presence.intervals[0].stretch.started_at))
    found = measured(told, window)
    assert found.active == len(present & seconds([window]))
    assert found.total_active == len(present)
    assert seconds(found.unknown) == expected.unknown & seconds([window])


@given(stories, windows)
def test_a_bridged_silence_is_no_reconnect(told: Story, window: Window) -> None:
    found = measured(told, window)
    starts = [interval.stretch.started_at for interval in found.intervals[1:]]
    assert found.reconnect_count == sum(start - 1 not in seconds_of(told).assumed for start in starts)


def test_whoever_was_seen_shortly_before_and_after_is_assumed_to_have_been_there() -> None:
    assert judged(story([connect(0), heartbeat(13)], (2, 10))).assumed == (Window(Instant(0), Instant(13)),)


def test_whoever_was_seen_before_alone_is_unknown_in_the_gap_and_absent_after_it() -> None:
    assert judged(story([connect(0)], (2, 10))) == Unobserved(unknown=(Window(Instant(2), Instant(10)),))


def test_whoever_was_last_seen_too_long_before_was_absent() -> None:
    assert judged(story([connect(0)], (6, 10))) == EVERYTHING_OBSERVED


def test_whoever_left_before_was_absent() -> None:
    assert judged(story([connect(0), disconnect(1)], (2, 10))) == EVERYTHING_OBSERVED


def test_a_disconnect_concluded_from_silence_is_no_leaving() -> None:
    history = [connect(0), disconnect(1, reason=EndReason.TIMED_OUT)]
    assert judged(story(history, (2, 10))).unknown == (Window(Instant(2), Instant(10)),)


def test_a_disconnect_in_between_is_not_bridged() -> None:
    found = judged(story([connect(0), disconnect(7), heartbeat(13)], (2, 10)))
    assert found == Unobserved(unknown=(Window(Instant(2), Instant(10)),))


def test_whoever_came_back_after_is_unknown_in_the_gap() -> None:
    found = judged(story([connect(0), disconnect(1), connect(30)], (20, 28)))
    assert found == Unobserved(unknown=(Window(Instant(20), Instant(28)),))


def test_whoever_is_first_seen_by_a_heartbeat_after_a_gap_came_at_an_unknown_time() -> None:
    assert judged(story([heartbeat(12)], (2, 10))) == Unobserved(arrival_uncertain_since=Instant(2))


def test_whoever_is_first_seen_by_a_heartbeat_inside_a_gap_came_at_an_unknown_time() -> None:
    assert judged(story([heartbeat(9), heartbeat(12)], (2, 10))).arrival_uncertain_since == Instant(2)


def test_whoever_connects_after_a_gap_and_was_never_seen_before_is_unknown_in_it() -> None:
    assert judged(story([connect(12)], (2, 10))) == Unobserved(unknown=(Window(Instant(2), Instant(10)),))


def test_whoever_is_first_seen_by_a_heartbeat_long_after_a_gap_came_then() -> None:
    assert judged(story([heartbeat(16)], (2, 10))) == EVERYTHING_OBSERVED


def test_nobody_is_assumed_to_have_come_before_the_window_for_want_of_a_reason() -> None:
    found = measured(story([heartbeat(30), heartbeat(34)], (0, 28)), Window(Instant(20), Instant(40)))
    assert (found.active, found.total_active, found.arrival_uncertain_since) == (14, 14, 0)


def test_a_window_wholly_inside_a_gap_is_unknown_for_whoever_was_seen_on_one_side() -> None:
    found = measured(story([connect(0)], (2, 30)), Window(Instant(10), Instant(20)))
    assert found.unknown == (Window(Instant(10), Instant(20)),)


def test_a_short_recovery_between_two_gaps_proves_no_absence() -> None:
    found = judged(story([connect(0), heartbeat(26)], (1, 10), (14, 25)))
    assert found.assumed == (Window(Instant(0), Instant(26)),)


def test_a_recovery_longer_than_the_timeout_proves_absence_in_it() -> None:
    found = judged(story([connect(0), heartbeat(26)], (1, 10), (16, 25)))
    assert found == Unobserved(unknown=(Window(Instant(1), Instant(10)), Window(Instant(16), Instant(25))))


def test_gaps_before_anybody_came_and_after_everybody_left_say_nothing_of_them() -> None:
    history = [connect(20), disconnect(24)]
    assert judged(story(history, (0, 10), (30, 40))) == EVERYTHING_OBSERVED


def test_nothing_is_assumed_of_whoever_was_never_seen() -> None:
    assert judged(story([], (0, 40))) == EVERYTHING_OBSERVED
