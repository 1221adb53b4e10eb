from __future__ import annotations

from benchmarks.evaluation.time_ranges import TimeRange, clip, intersection, subtract, union, without


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


def test_without_a_time_leaves_what_lies_before_and_after_it() -> None:
    assert without([TimeRange(0, 10), TimeRange(3, 5), TimeRange(20, 30)], TimeRange(2, 25)) == (
        TimeRange(0, 2),
        TimeRange(25, 30),
    )


def test_an_intersection_is_the_time_in_both() -> None:
    assert intersection([TimeRange(0, 5), TimeRange(8, 9)], [TimeRange(3, 6), TimeRange(9, 12)]) == (TimeRange(3, 5),)
