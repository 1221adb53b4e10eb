from __future__ import annotations

from benchmarks.evaluation.time_ranges import TimeRange, clip, subtract, union


def test_ranges_that_touch_become_one() -> None:
    assert union([TimeRange(5, 9), TimeRange(0, 2), TimeRange(2, 4)]) == (TimeRange(0, 4), TimeRange(5, 9))


def test_a_range_inside_another_adds_nothing() -> None:
    assert union([TimeRange(0, 9), TimeRange(2, 4)]) == (TimeRange(0, 9),)


def test_what_lies_outside_a_window_is_cut_off() -> None:
    assert clip([TimeRange(-5, 2), TimeRange(3, 4), TimeRange(8, 20), TimeRange(10, 11)], TimeRange(0, 10)) == (
        TimeRange(0, 2),
        TimeRange(3, 4),
        TimeRange(8, 10),
    )


def test_subtracting_parts_leaves_what_lies_between_them() -> None:
    assert subtract(TimeRange(0, 10), [TimeRange(0, 2), TimeRange(4, 6)]) == (TimeRange(2, 4), TimeRange(6, 10))
