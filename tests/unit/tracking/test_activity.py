"""Interactions by minute of a window."""

from __future__ import annotations

import pytest

from servicekit.clock import Instant
from servicekit.time_ranges import TimeRange
from tests.unit.tracking.histories import time_range
from tracking_service.domain.activity import MAX_WINDOW_BY_MINUTE, MINUTE, interactions_per_minute

SECOND = MINUTE // 60


def window(length: int, start: int = 1_000 * MINUTE) -> TimeRange[Instant]:
    return time_range(start, start + length)


def at(window: TimeRange[Instant], microseconds: int) -> Instant:
    return Instant(window.start + microseconds)


def test_interactions_count_in_the_minute_of_the_window_in_which_they_happen() -> None:
    # A lesson need not begin at a full minute.
    lesson = window(3 * MINUTE, start=1_000 * MINUTE + 20 * SECOND)
    counts = [(at(lesson, 0), 1), (at(lesson, MINUTE - 1), 2), (at(lesson, 2 * MINUTE), 4)]
    assert interactions_per_minute(lesson, counts) == [3, 0, 4]


def test_the_last_minute_may_be_shorter() -> None:
    lesson = window(MINUTE + SECOND)
    assert interactions_per_minute(lesson, [(at(lesson, MINUTE), 5)]) == [0, 5]


def test_interactions_outside_of_the_window_do_not_count() -> None:
    lesson = window(MINUTE)
    assert interactions_per_minute(lesson, [(at(lesson, -1), 1), (at(lesson, MINUTE), 1)]) == []


@pytest.mark.parametrize(("length", "minutes"), [(MAX_WINDOW_BY_MINUTE, 24 * 60), (MAX_WINDOW_BY_MINUTE + 1, 0)])
def test_a_window_longer_than_a_day_has_no_minutes(length: int, minutes: int) -> None:
    lesson = window(length)
    assert len(interactions_per_minute(lesson, [(at(lesson, 0), 1)])) == minutes
