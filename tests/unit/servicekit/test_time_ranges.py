from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from servicekit.time_ranges import TimeRange, clip, subtract, union

START = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)


def at(minutes_later: int) -> datetime:
    return START + timedelta(minutes=minutes_later)


def span(start: int, end: int) -> TimeRange[datetime]:
    return TimeRange(at(start), at(end))


#: Few enough that ranges often touch and overlap.
minutes = st.integers(0, 12)
ranges = st.lists(
    st.builds(lambda first, second: span(min(first, second), max(first, second)), minutes, minutes), max_size=6
)


def minutes_of(parts: object) -> set[int]:
    assert isinstance(parts, tuple | list)
    return {minute for minute in range(-1, 14) for part in parts if part.start <= at(minute) < part.end}


@given(ranges)
def test_union_covers_the_same_minutes_once(parts: list[TimeRange[datetime]]) -> None:
    joined = union(parts)
    assert minutes_of(joined) == minutes_of(parts)
    assert sum((part.end - part.start for part in joined), timedelta()) == timedelta(minutes=len(minutes_of(parts)))


@given(ranges, ranges)
def test_subtract_leaves_the_minutes_that_were_not_removed(
    parts: list[TimeRange[datetime]], removed: list[TimeRange[datetime]]
) -> None:
    assert minutes_of(subtract(parts, removed)) == minutes_of(parts) - minutes_of(removed)


@given(ranges, minutes, minutes)
def test_clip_keeps_the_minutes_inside_the_window(parts: list[TimeRange[datetime]], first: int, second: int) -> None:
    window = span(min(first, second), max(first, second))
    assert minutes_of(clip(parts, window)) == minutes_of(parts) & minutes_of([window])


def test_a_single_point_in_time_is_inside_from_the_start_of_a_window() -> None:
    assert clip([span(0, 0)], span(0, 60)) == (span(0, 0),)


def test_a_single_point_in_time_at_the_end_of_a_window_is_outside() -> None:
    assert clip([span(60, 60)], span(0, 60)) == ()


def test_a_single_point_in_time_before_a_window_is_outside() -> None:
    assert clip([span(-1, -1)], span(0, 60)) == ()


def test_ranges_that_touch_become_one() -> None:
    assert union([span(5, 9), span(0, 5)]) == (span(0, 9),)


def test_a_single_point_in_time_outside_all_ranges_is_kept() -> None:
    assert union([span(5, 5), span(0, 3)]) == (span(0, 3), span(5, 5))
