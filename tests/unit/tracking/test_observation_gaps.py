"""How observation gaps affect one participant's presence. The timeout is five."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import uuid4

from hypothesis import example, given
from hypothesis import strategies as st

from servicekit.clock import Instant
from servicekit.identifiers import ReplicaId
from servicekit.time_ranges import TimeRange
from tests.unit.tracking.gap_oracle import HORIZON, GapHistory, Seconds, gap_histories, gap_history, seconds_of
from tests.unit.tracking.histories import LATEST, TIMEOUT, connect, disconnect, heartbeat, time_range
from tracking_service.domain.events import EndReason
from tracking_service.domain.measurement import PresenceInWindow, measure
from tracking_service.domain.observation_gaps import (
    NO_EFFECTS,
    GapEffects,
    ReplicaCoverage,
    effects_of_gaps,
    find_unknown_for_all,
    gaps_between,
    standstills_of,
    undated_times,
)

windows = st.tuples(st.integers(0, LATEST), st.integers(0, LATEST)).map(
    lambda drawn: time_range(min(drawn), max(drawn))
)


def effects(history: GapHistory) -> GapEffects:
    return effects_of_gaps(history.observations, history.gaps, TIMEOUT)


def measured(history: GapHistory, window: TimeRange[Instant]) -> PresenceInWindow:
    return measure(history.presence, window, now=Instant(HORIZON), timeout=TIMEOUT, gap_effects=effects(history))


def seconds(ranges: Iterable[TimeRange[Instant]]) -> set[int]:
    return {second for one in ranges for second in range(one.start, one.end)}


def seen(history: GapHistory) -> set[int]:
    return seconds(interval.span.time_range for interval in history.presence.intervals)


@given(gap_histories)
@example(gap_history([connect(0), heartbeat(15)], (5, 10)))
@example(gap_history([connect(0), heartbeat(16)], (5, 10)))
@example(gap_history([connect(0), disconnect(7), heartbeat(11)], (2, 10)))
@example(gap_history([connect(0), disconnect(7), disconnect(12), heartbeat(20)], (2, 18)))
@example(gap_history([heartbeat(0), disconnect(1), heartbeat(30)], (20, 28)))
@example(gap_history([disconnect(4), heartbeat(12)], (2, 10)))
def test_every_second_is_judged_as_if_it_were_judged_alone(history: GapHistory) -> None:
    found = effects(history)
    assert Seconds(seconds(found.assumed), seconds(found.unknown), found.arrival_uncertain_since) == seconds_of(history)


@given(gap_histories)
def test_nothing_is_both_seen_and_assumed_or_both_assumed_and_unknown(history: GapHistory) -> None:
    found = effects(history)
    parts = [seen(history), seconds(found.assumed), seconds(found.unknown)]
    assert len(set().union(*parts)) == sum(map(len, parts))


@given(gap_histories, windows)
def test_active_time_is_every_second_of_the_window_that_is_seen_or_assumed(
    history: GapHistory, window: TimeRange[Instant]
) -> None:
    expected = seconds_of(history)
    present = seen(history) | expected.assumed
    if expected.arrival_uncertain_since is not None:
        since = max(expected.arrival_uncertain_since, window.start)
        present |= set(range(since, history.presence.intervals[0].span.started_at))
    found = measured(history, window)
    assert found.active == len(present & seconds([window]))
    assert found.total_active == len(present)
    assert seconds(found.unknown) == expected.unknown & seconds([window])


@given(gap_histories, windows)
def test_a_bridged_silence_is_no_reconnect(history: GapHistory, window: TimeRange[Instant]) -> None:
    found = measured(history, window)
    starts = [interval.span.started_at for interval in found.intervals[1:]]
    assert found.reconnect_count == sum(start - 1 not in seconds_of(history).assumed for start in starts)


def test_a_participant_seen_shortly_before_and_after_a_gap_is_assumed_present() -> None:
    assert effects(gap_history([connect(0), heartbeat(13)], (2, 10))).assumed == (time_range(0, 13),)


def test_a_participant_seen_only_before_a_gap_is_unknown_in_it_and_absent_after_it() -> None:
    assert effects(gap_history([connect(0)], (2, 10))) == GapEffects(unknown=(time_range(2, 10),))


def test_a_participant_last_seen_too_long_before_a_gap_was_absent() -> None:
    assert effects(gap_history([connect(0)], (6, 10))) == NO_EFFECTS


def test_a_participant_who_left_before_a_gap_was_absent() -> None:
    assert effects(gap_history([connect(0), disconnect(1)], (2, 10))) == NO_EFFECTS


def test_a_disconnect_concluded_from_silence_does_not_count_as_leaving() -> None:
    history = [connect(0), disconnect(1, reason=EndReason.TIMED_OUT)]
    assert effects(gap_history(history, (2, 10))).unknown == (time_range(2, 10),)


def test_a_gap_with_a_disconnect_near_it_is_not_bridged() -> None:
    found = effects(gap_history([connect(0), disconnect(7), heartbeat(13)], (2, 10)))
    assert found == GapEffects(unknown=(time_range(2, 10),))


def test_a_participant_who_came_back_after_a_gap_is_unknown_in_it() -> None:
    found = effects(gap_history([connect(0), disconnect(1), connect(30)], (20, 28)))
    assert found == GapEffects(unknown=(time_range(20, 28),))


def test_a_participant_first_seen_by_a_heartbeat_after_a_gap_came_at_an_unknown_time() -> None:
    assert effects(gap_history([heartbeat(12)], (2, 10))) == GapEffects(arrival_uncertain_since=Instant(2))


def test_a_participant_first_seen_by_a_heartbeat_inside_a_gap_came_at_an_unknown_time() -> None:
    assert effects(gap_history([heartbeat(9), heartbeat(12)], (2, 10))).arrival_uncertain_since == Instant(2)


def test_a_participant_first_seen_by_a_connect_after_a_gap_is_unknown_in_it() -> None:
    assert effects(gap_history([connect(12)], (2, 10))) == GapEffects(unknown=(time_range(2, 10),))


def test_a_participant_first_seen_by_a_heartbeat_long_after_a_gap_came_then() -> None:
    assert effects(gap_history([heartbeat(16)], (2, 10))) == NO_EFFECTS


def test_an_arrival_in_a_gap_is_not_assumed_to_be_before_the_window() -> None:
    found = measured(gap_history([heartbeat(30), heartbeat(34)], (0, 28)), time_range(20, 40))
    assert (found.active, found.total_active, found.arrival_uncertain_since) == (14, 14, 0)


def test_a_window_inside_a_gap_is_unknown_for_a_participant_seen_on_one_side() -> None:
    found = measured(gap_history([connect(0)], (2, 30)), time_range(10, 20))
    assert found.unknown == (time_range(10, 20),)


def test_a_short_recovery_between_two_gaps_proves_no_absence() -> None:
    found = effects(gap_history([connect(0), heartbeat(26)], (1, 10), (14, 25)))
    assert found.assumed == (time_range(0, 26),)


def test_a_recovery_longer_than_the_timeout_proves_absence_in_it() -> None:
    found = effects(gap_history([connect(0), heartbeat(26)], (1, 10), (16, 25)))
    assert found == GapEffects(unknown=(time_range(1, 10), time_range(16, 25)))


def test_gaps_long_before_a_participant_arrived_and_after_they_left_change_nothing() -> None:
    history = [connect(20), disconnect(24)]
    assert effects(gap_history(history, (0, 10), (30, 40))) == NO_EFFECTS


def test_nothing_is_assumed_about_a_participant_who_was_never_seen() -> None:
    assert effects(gap_history([], (0, 40))) == NO_EFFECTS


STANDSTILL = {Instant(2): time_range(2, 10)}


def test_what_is_read_directly_after_a_standstill_is_known_by_the_start_of_its_gap() -> None:
    gap, times = TimeRange(Instant(10_000_000), Instant(90_000_000)), (9_999_000, 9_999_999, 10_000_001, 10_001_000)
    assert undated_times(map(Instant, times), [gap], []) == {Instant(9_999_999): gap, Instant(10_000_001): gap}


def test_what_is_read_after_a_standstill_of_one_replica_is_undated_if_the_others_saw_nothing_either() -> None:
    first, other = ReplicaId(uuid4()), ReplicaId(uuid4())
    coverage = [
        ReplicaCoverage(replica, TimeRange(Instant(start * 1_000), Instant(end * 1_000)))
        for replica, start, end in (
            # One after the other stops, and the other one goes on first.
            (first, 0, 10),
            (other, 0, 12),
            (other, 18, 40),
            (first, 20, 30),
            # Here one stands still alone.
            (first, 35, 40),
        )
    ]
    gaps = gaps_between(one.time_range for one in coverage)
    gap = TimeRange(Instant(12_000), Instant(18_000))
    assert gaps == (gap,)
    times = (10_000, 12_000, 30_000)
    assert undated_times(map(Instant, times), gaps, standstills_of(coverage)) == {
        Instant(10_000): gap,
        Instant(12_000): gap,
    }


def test_a_heartbeat_from_somewhere_inside_a_standstill_is_no_sign_of_life_after_it() -> None:
    found = effects(gap_history([connect(0), heartbeat(2)], (2, 10), undated=STANDSTILL))
    assert found == GapEffects(unknown=(time_range(2, 10),))


def test_who_arrived_during_a_standstill_may_have_come_at_any_time_since_it_began() -> None:
    history = gap_history([connect(2), heartbeat(12), heartbeat(14)], (2, 10), undated=STANDSTILL)
    found = measured(history, time_range(0, 20))
    assert (found.arrival_uncertain_since, found.assumed) == (2, (time_range(2, 12),))
    assert [interval.span.time_range for interval in found.intervals] == [time_range(12, 14)]


def test_an_arrival_during_a_short_standstill_is_uncertain_until_its_end() -> None:
    history = gap_history([connect(2), heartbeat(6)], (2, 5), undated={Instant(2): time_range(2, 5)})
    found = measured(history, time_range(0, 20))
    assert (found.arrival_uncertain_since, found.assumed, found.active) == (2, (time_range(2, 5),), 4)
    assert [interval.span.time_range for interval in found.intervals] == [time_range(5, 6)]


def test_who_arrived_during_a_standstill_and_was_not_seen_after_it_is_unknown_in_it() -> None:
    found = effects(gap_history([connect(2)], (2, 10), undated=STANDSTILL))
    assert found == GapEffects(unknown=(time_range(2, 10),))


def test_who_left_during_a_standstill_is_unknown_in_it_and_absent_after_it() -> None:
    history = [connect(0), disconnect(2)]
    found = effects(gap_history(history, (2, 10), (12, 20), undated=STANDSTILL))
    assert found == GapEffects(unknown=(time_range(2, 10),))


def test_who_left_during_a_standstill_and_came_back_after_it_was_away_in_between() -> None:
    history = [connect(0), disconnect(2), heartbeat(12)]
    found = effects(gap_history(history, (2, 10), undated=STANDSTILL))
    assert found == GapEffects(unknown=(time_range(2, 10),))


WINDOW = time_range(10, 20)
LONG_AGO = Instant(-100)


def unknown_for_all(history: GapHistory, observing_since: Instant = LONG_AGO) -> tuple[TimeRange[Instant], ...]:
    return find_unknown_for_all(WINDOW, history.presence.intervals, history.gaps, observing_since)


def test_no_participant_could_be_seen_before_events_were_first_taken() -> None:
    assert unknown_for_all(gap_history([]), Instant(14)) == (time_range(10, 14),)
    assert unknown_for_all(gap_history([]), Instant(30)) == (WINDOW,)


def test_what_a_relay_delivered_from_before_events_were_first_taken_was_seen() -> None:
    for seen_at in (2, 15):
        assert unknown_for_all(gap_history([connect(seen_at)]), Instant(30)) == ()


def test_what_was_recorded_only_after_the_window_says_nothing_about_it() -> None:
    assert unknown_for_all(gap_history([connect(25)]), Instant(23)) == (WINDOW,)


def test_no_participant_could_be_seen_in_a_window_that_gaps_cover() -> None:
    assert unknown_for_all(gap_history([connect(2)], (8, 15), (15, 30))) == (WINDOW,)
    assert unknown_for_all(gap_history([]), Instant(10)) == ()
    assert unknown_for_all(gap_history([], (10, 19))) == ()


def test_events_from_a_window_prove_that_it_was_observed() -> None:
    assert unknown_for_all(gap_history([connect(12)], (8, 30))) == ()


time_ranges = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 10)).map(lambda drawn: time_range(drawn[0], sum(drawn))), max_size=6
)


@given(time_ranges)
def test_a_gap_is_every_second_in_between_that_no_range_covers(covered: list[TimeRange[Instant]]) -> None:
    between = range(min((one.start for one in covered), default=0), max((one.end for one in covered), default=0))
    assert seconds(gaps_between(covered)) == set(between) - seconds(covered)


def test_one_of_two_replicas_down_is_no_gap() -> None:
    assert gaps_between([time_range(0, 10), time_range(5, 30), time_range(20, 40)]) == ()


def test_both_replicas_down_is_a_gap() -> None:
    assert gaps_between([time_range(0, 10), time_range(5, 12), time_range(20, 40)]) == (time_range(12, 20),)
