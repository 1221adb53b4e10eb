from __future__ import annotations

from benchmarks.evaluation.moments import Stretch, clip, union, without


def test_stretches_that_touch_become_one() -> None:
    assert union([Stretch(5, 9), Stretch(0, 2), Stretch(2, 4)]) == (Stretch(0, 4), Stretch(5, 9))


def test_a_stretch_inside_another_adds_nothing() -> None:
    assert union([Stretch(0, 9), Stretch(2, 4)]) == (Stretch(0, 9),)


def test_what_lies_outside_a_window_is_cut_off() -> None:
    assert clip([Stretch(-5, 2), Stretch(3, 4), Stretch(8, 20), Stretch(10, 11)], Stretch(0, 10)) == (
        Stretch(0, 2),
        Stretch(3, 4),
        Stretch(8, 10),
    )


def test_cuts_leave_what_lies_between_them() -> None:
    assert without(Stretch(0, 10), [Stretch(0, 2), Stretch(4, 6)]) == (Stretch(2, 4), Stretch(6, 10))
