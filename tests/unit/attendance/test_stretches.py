from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from attendance_service.domain.stretches import Stretch, clip, subtract, total, union
from tests.unit.attendance.build import at, stretch

#: Minutes from the start; few enough that stretches touch and overlap all the time.
minutes = st.integers(0, 12)
stretches = st.lists(
    st.builds(lambda first, second: stretch(min(first, second), max(first, second)), minutes, minutes), max_size=6
)


def minutes_of(parts: object) -> set[int]:
    assert isinstance(parts, tuple | list)
    return {minute for minute in range(-1, 14) for part in parts if part.started_at <= at(minute) < part.ended_at}


@given(stretches)
def test_union_covers_the_same_minutes_once(parts: list[Stretch]) -> None:
    joined = union(parts)
    assert minutes_of(joined) == minutes_of(parts)
    assert total(joined).total_seconds() == 60 * len(minutes_of(parts))


@given(stretches, stretches)
def test_subtract_leaves_the_minutes_that_were_not_removed(parts: list[Stretch], removed: list[Stretch]) -> None:
    assert minutes_of(subtract(parts, removed)) == minutes_of(parts) - minutes_of(removed)


@given(stretches, minutes, minutes)
def test_clip_keeps_the_minutes_inside_the_window(parts: list[Stretch], first: int, second: int) -> None:
    window = stretch(min(first, second), max(first, second))
    assert minutes_of(clip(parts, window)) == minutes_of(parts) & minutes_of([window])


def test_a_single_moment_is_inside_from_the_start_of_a_window() -> None:
    assert stretch(0, 0).clipped(stretch(0, 60)) == stretch(0, 0)


def test_a_single_moment_at_the_end_of_a_window_is_outside() -> None:
    assert stretch(60, 60).clipped(stretch(0, 60)) is None


def test_a_single_moment_before_a_window_is_outside() -> None:
    assert stretch(-1, -1).clipped(stretch(0, 60)) is None


def test_stretches_that_touch_become_one() -> None:
    assert union([stretch(5, 9), stretch(0, 5)]) == (stretch(0, 9),)


def test_a_single_moment_that_stands_alone_is_kept() -> None:
    assert union([stretch(5, 5), stretch(0, 3)]) == (stretch(0, 3), stretch(5, 5))
