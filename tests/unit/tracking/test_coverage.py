"""Gaps are what no replica covered, between the first coverage ever and the last."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from servicekit.clock import Instant
from tracking_service.domain.coverage import clipped, gaps_between, joined
from tracking_service.domain.windows import Window

stretches = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 10)).map(lambda at: window(at[0], sum(at))), max_size=6
)


def window(start: int, end: int) -> Window:
    return Window(Instant(start), Instant(end))


def seconds(windows: tuple[Window, ...] | list[Window]) -> set[int]:
    return {second for one in windows for second in range(one.start, one.end)}


@given(stretches)
def test_a_gap_is_every_second_in_between_that_nobody_covers(covered: list[Window]) -> None:
    between = range(min((one.start for one in covered), default=0), max((one.end for one in covered), default=0))
    assert seconds(gaps_between(covered)) == set(between) - seconds(covered)


@given(stretches)
def test_joined_stretches_are_the_same_seconds_and_do_not_touch(some: list[Window]) -> None:
    united = joined(some)
    assert seconds(united) == seconds(some)
    assert all(before.end < after.start for before, after in pairwise(united))


@given(stretches, st.integers(0, 40), st.integers(0, 40))
def test_clipped_stretches_are_the_seconds_inside(some: list[Window], one: int, other: int) -> None:
    frame = window(min(one, other), max(one, other))
    assert seconds(clipped(some, frame)) == seconds(some) & seconds([frame])


def test_one_replica_down_of_two_is_no_gap() -> None:
    assert gaps_between([window(0, 10), window(5, 30), window(20, 40)]) == ()


def test_both_down_is_a_gap() -> None:
    assert gaps_between([window(0, 10), window(5, 12), window(20, 40)]) == (window(12, 20),)
