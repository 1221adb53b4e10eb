"""Which session groups are folded when (docs/streams.md#folding)."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tracking_service.domain.fold_rhythm import (
    IDLE_SECONDS,
    LOOK_SECONDS,
    MAX_CYCLE_SECONDS,
    MAX_LIGHT_CYCLE_SECONDS,
    MAX_LIGHT_SHARE,
    MIN_CYCLE_SECONDS,
    TURNS_SHARE,
    Age,
    Folded,
    FoldRhythm,
    Pace,
)
from tracking_service.domain.grouping import ALL_GROUPS, GROUPS
from tracking_service.domain.journal import NEIGHBOURS

TURNS = GROUPS // NEIGHBOURS

#: Per second.
FULL_LOAD = 100_000

#: From the look at the ages to the time up to which is folded.
READ_AFTER_SECONDS = 0.02


def ages(seconds: float, *, is_behind: bool = True, others: dict[int, float] | None = None) -> list[Age]:
    """Return the ages of all groups, of which some are others."""
    return [Age((others or {}).get(group, seconds), is_behind) for group in ALL_GROUPS]


def under_full_load() -> FoldRhythm:
    """A rhythm after turns that took much longer than they may."""
    rhythm = FoldRhythm()
    while rhythm.cycle_seconds < MAX_CYCLE_SECONDS:
        take_turn(rhythm, busy_seconds=100, rate=FULL_LOAD)
    return rhythm


def take_turn(rhythm: FoldRhythm, *, busy_seconds: float, rate: float) -> None:
    """Fold what is due, of so many heartbeats a second in all groups."""
    groups, seconds = rhythm.due(ages(100)), 100.0
    rhythm.note(Folded(groups, busy_seconds, round(rate * seconds * len(groups) / GROUPS), seconds))


def test_at_first_all_groups_are_folded_at_once() -> None:
    assert list(FoldRhythm().due(ages(MIN_CYCLE_SECONDS))) == list(ALL_GROUPS)


def test_it_is_nobodys_turn_while_another_process_has_just_folded() -> None:
    assert not FoldRhythm().due(ages(MIN_CYCLE_SECONDS, others={7: MIN_CYCLE_SECONDS / 2}))
    assert not under_full_load().due(ages(20, others={7: 1}))


def test_groups_that_are_folded_between_the_turns_hold_up_no_others() -> None:
    assert FoldRhythm().due(ages(MAX_LIGHT_CYCLE_SECONDS, others={7: 0}))
    assert list(under_full_load().due(ages(20, others={7: 0, 37: 1.1 * MAX_CYCLE_SECONDS}))) == list(range(32, 48))


def test_when_nothing_is_appended_there_is_nothing_to_fold_for_a_while() -> None:
    rhythm = FoldRhythm()
    assert not rhythm.due(ages(IDLE_SECONDS - 1, is_behind=False))
    assert rhythm.due(ages(IDLE_SECONDS, is_behind=False))


def test_under_load_the_neighbours_that_waited_longest_come_first() -> None:
    rhythm = under_full_load()
    assert list(rhythm.due(ages(20, others={37: 40}))) == list(range(32, 48))


def test_groups_that_wait_for_nothing_come_after_those_that_do() -> None:
    rhythm = under_full_load()
    known = [Age(20, is_behind=group == 255) for group in ALL_GROUPS]
    assert 255 in rhythm.due([Age(90, is_behind=False), *known[1:]])


@pytest.mark.parametrize("fold_seconds", [0.02, 1.0])
def test_under_load_each_group_gets_its_turn_in_each_cycle_and_turns_are_spread_evenly(fold_seconds: float) -> None:
    """A process looks, and then reads what it folds; so it sees a group as younger than its turn is long."""
    rhythm = under_full_load()
    read_at = dict.fromkeys(ALL_GROUPS, 0.0)
    now, turns = 0.0, list[float]()
    while now < 4 * MAX_CYCLE_SECONDS:
        groups = rhythm.due([Age(now - read_at[group], is_behind=True) for group in ALL_GROUPS])
        if groups:
            turns.append(now)
            read_at.update(dict.fromkeys(groups, now + READ_AFTER_SECONDS))
        now += max(fold_seconds, LOOK_SECONDS) if groups else LOOK_SECONDS
    assert max(now - at for at in read_at.values()) <= MAX_CYCLE_SECONDS
    assert [later - earlier for earlier, later in pairwise(turns)] == pytest.approx(
        [rhythm.turn_seconds] * (len(turns) - 1), abs=LOOK_SECONDS + READ_AFTER_SECONDS
    )


def test_at_light_load_everything_is_folded_within_a_second() -> None:
    rhythm = FoldRhythm()
    while rhythm.cycle_seconds < MAX_LIGHT_CYCLE_SECONDS:
        take_turn(rhythm, busy_seconds=MAX_LIGHT_CYCLE_SECONDS * MAX_LIGHT_SHARE, rate=FULL_LOAD)
    looks = [n * LOOK_SECONDS - READ_AFTER_SECONDS for n in range(1, 5)]
    assert any(rhythm.due(ages(age)) for age in looks)


def test_two_processes_that_share_the_turns_take_none_twice() -> None:
    rhythms = [under_full_load(), under_full_load()]
    folded_at = dict.fromkeys(ALL_GROUPS, 0.0)
    for turn in range(1, TURNS + 1):
        now = turn * rhythms[0].turn_seconds
        taken = 0
        for rhythm in rhythms:
            due = rhythm.due([Age(now - folded_at[group], is_behind=True) for group in ALL_GROUPS])
            folded_at.update(dict.fromkeys(due, now))
            taken += len(due)
        assert taken == NEIGHBOURS


def test_in_turns_each_group_is_folded_as_seldom_as_a_share_of_the_time_allows() -> None:
    rhythm = under_full_load()
    for _ in range(10):
        take_turn(rhythm, busy_seconds=3.0 / TURNS, rate=FULL_LOAD)
    assert rhythm.cycle_seconds == pytest.approx(3.0 / TURNS_SHARE)


def test_all_groups_are_folded_at_once_again_when_there_is_less_to_do_than_when_that_took_too_long() -> None:
    rhythm = under_full_load()
    take_turn(rhythm, busy_seconds=0.0, rate=0.9 * FULL_LOAD)
    assert len(rhythm.due(ages(100))) == NEIGHBOURS
    take_turn(rhythm, busy_seconds=0.0, rate=0.7 * FULL_LOAD)
    assert list(rhythm.due(ages(100))) == list(ALL_GROUPS)


def test_the_first_turn_with_all_groups_may_be_slow_since_it_folds_all_that_waits() -> None:
    rhythm = under_full_load()
    take_turn(rhythm, busy_seconds=0.0, rate=0.7 * FULL_LOAD)
    take_turn(rhythm, busy_seconds=10.0, rate=0.7 * FULL_LOAD)
    assert rhythm.is_light


def test_one_slow_turn_doubles_the_cycle_at_most() -> None:
    rhythm = FoldRhythm()
    take_turn(rhythm, busy_seconds=100, rate=FULL_LOAD)
    assert rhythm.cycle_seconds == 2 * MIN_CYCLE_SECONDS


@pytest.mark.parametrize(("busy", "remaining"), [(0.05, 3.0), (0.05, 0.02), (0.05, -1.0)])
def test_a_turn_pauses_between_its_steps_as_long_as_it_has_time(busy: float, remaining: float) -> None:
    assert 0 <= Pace(seconds=3.0).pause_seconds(busy, remaining) <= max(remaining, 0)


@pytest.mark.parametrize("busy_seconds", [0.0, 0.1, 1.0, 2.0, 2.9, 3.0])
def test_a_turn_that_works_as_long_as_the_last_one_ends_in_time(busy_seconds: float) -> None:
    rhythm, steps = under_full_load(), 50
    take_turn(rhythm, busy_seconds=busy_seconds, rate=FULL_LOAD)
    pace, now = rhythm.pace(3.0), 0.0
    for _ in range(steps):
        step_seconds = busy_seconds / steps
        now += step_seconds
        now += pace.pause_seconds(step_seconds, pace.seconds - now)
    assert max(now, pace.seconds) == pytest.approx(pace.seconds)


def test_a_turn_that_has_no_time_left_works_without_a_pause() -> None:
    rhythm = under_full_load()
    take_turn(rhythm, busy_seconds=4.0, rate=FULL_LOAD)
    assert rhythm.pace(3.0).pause_seconds(busy_seconds=0.1, remaining_seconds=2.9) == 0


def test_all_groups_are_in_a_turn() -> None:
    assert TURNS * NEIGHBOURS == GROUPS
