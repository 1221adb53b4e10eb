"""Sets of points in time, compared with sets of whole seconds."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from servicekit.clock import Instant
from servicekit.time_ranges import TimeRange, clip, subtract, union

time_ranges = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 10)).map(lambda drawn: time_range(drawn[0], sum(drawn))), max_size=6
)


def time_range(start: int, end: int) -> TimeRange[Instant]:
    return TimeRange(Instant(start), Instant(end))


def seconds(ranges: Iterable[TimeRange[Instant]]) -> set[int]:
    return {second for one in ranges for second in range(one.start, one.end)}


@given(time_ranges)
def test_a_union_has_the_same_seconds_in_ranges_that_do_not_touch(some: list[TimeRange[Instant]]) -> None:
    united = union(some)
    assert seconds(united) == seconds(some)
    assert all(before.end < after.start for before, after in pairwise(united))


@given(time_ranges, st.integers(0, 40), st.integers(0, 40))
def test_clipped_ranges_have_the_seconds_inside_the_window(
    some: list[TimeRange[Instant]], one: int, other: int
) -> None:
    window = time_range(min(one, other), max(one, other))
    assert seconds(clip(some, window)) == seconds(some) & seconds([window])


@given(time_ranges, time_ranges)
def test_subtracting_leaves_the_seconds_that_are_not_removed(
    some: list[TimeRange[Instant]], removed: list[TimeRange[Instant]]
) -> None:
    assert seconds(subtract(some, removed)) == seconds(some) - seconds(removed)


def test_a_single_point_in_time_is_kept_if_it_lies_inside_the_window() -> None:
    point = time_range(5, 5)
    assert clip([point], time_range(5, 6)) == (point,)
    assert clip([point], time_range(4, 5)) == ()
