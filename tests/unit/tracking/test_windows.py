from __future__ import annotations

import pytest

from servicekit.clock import Instant
from tracking_service.domain.windows import LONGEST_BY_MINUTE, MINUTE, Window, interactions_per_minute

SECOND = MINUTE // 60


def window(length: int, start: int = 1_000 * MINUTE) -> Window:
    return Window(Instant(start), Instant(start + length))


def at(window: Window, microseconds: int) -> Instant:
    return Instant(window.start + microseconds)


def test_interactions_count_in_the_minute_of_the_window_in_which_they_lie() -> None:
    # A lesson need not begin at a full minute.
    lesson = window(3 * MINUTE, start=1_000 * MINUTE + 20 * SECOND)
    moments = [(at(lesson, 0), 1), (at(lesson, MINUTE - 1), 2), (at(lesson, 2 * MINUTE), 4)]
    assert interactions_per_minute(lesson, moments) == [3, 0, 4]


def test_the_last_minute_may_be_shorter() -> None:
    lesson = window(MINUTE + SECOND)
    assert interactions_per_minute(lesson, [(at(lesson, MINUTE), 5)]) == [0, 5]


def test_interactions_outside_of_the_window_do_not_count() -> None:
    lesson = window(MINUTE)
    assert interactions_per_minute(lesson, [(at(lesson, -1), 1), (at(lesson, MINUTE), 1)]) == []


@pytest.mark.parametrize(("length", "minutes"), [(LONGEST_BY_MINUTE, 24 * 60), (LONGEST_BY_MINUTE + 1, 0)])
def test_nobody_is_told_the_minutes_of_more_than_a_day(length: int, minutes: int) -> None:
    lesson = window(length)
    assert len(interactions_per_minute(lesson, [(at(lesson, 0), 1)])) == minutes
