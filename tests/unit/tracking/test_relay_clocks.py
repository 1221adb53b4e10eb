"""How far a relay's clock is off is measured by the least delay of its events."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from servicekit.clock import Instant, seconds
from servicekit.time_ranges import TimeRange
from tracking_service.domain.relay_clocks import ClockOffset, ClockOffsetMeter, largest_offset

NOON = seconds(12 * 3600)
#: Delivery takes a little time.
DELAY = 0.05


def at(second: float) -> Instant:
    return Instant(NOON + seconds(second))


def measured(events: Iterable[tuple[float, float]]) -> list[ClockOffset]:
    """Return the changes that events show, each given by when it was read and what its relay's clock says."""
    meter = ClockOffsetMeter()
    changes = [meter.add(at(observed_at), at(read_at)) for read_at, observed_at in events]
    return [change for change in changes if change is not None]


def live(offset: float, start: int = 0, end: int = 120) -> list[tuple[float, float]]:
    """Return heartbeats of a relay whose clock is off, one every 5 s."""
    return [(second + DELAY, second + offset) for second in range(start, end, 5)]


@pytest.mark.parametrize("offset", [-360, 360, 6])
def test_a_clock_that_is_off_is_reported_once_since_the_first_event(offset: int) -> None:
    assert measured(live(offset)) == [ClockOffset(at(DELAY), seconds(offset - DELAY))]


@pytest.mark.parametrize("offset", [-4, 0, 4])
def test_a_clock_that_is_nearly_right_is_not_reported(offset: int) -> None:
    assert measured(live(offset)) == []


def test_a_clock_that_is_set_right_is_reported_as_right() -> None:
    changes = measured([*live(-360), *live(0, 120, 300)])
    assert [round(change.offset / seconds(1)) for change in changes] == [-360, 0]
    assert changes[1].since >= at(120)


def test_a_clock_that_goes_a_little_wrong_further_is_not_reported_again() -> None:
    assert len(measured([*live(-360), *live(-361, 120, 300)])) == 1


def test_one_late_event_among_others_shows_nothing() -> None:
    assert (
        measured((read_at, observed_at - 600 if read_at > 20 else observed_at) for read_at, observed_at in live(0)[:6])
        == []
    )


def test_history_that_is_delivered_late_says_nothing_about_the_clock() -> None:
    """An hour of heartbeats is delivered within two minutes."""
    assert measured((second / 30, second - 7_200) for second in range(0, 3_600, 5)) == []


def test_events_that_waited_for_the_service_say_nothing_about_the_clock() -> None:
    waited = [(300 + index / 100, index * 5) for index in range(60)]
    assert measured([*waited, *live(0, 305, 500)]) == []


def test_bursts_of_history_say_nothing_about_the_clock() -> None:
    assert measured((minute * 60, minute * 60 - 7_200) for minute in range(10)) == []


def test_of_an_unknown_clock_nothing_is_said() -> None:
    assert largest_offset([], TimeRange(at(0), at(10))) == 0


@pytest.mark.parametrize(
    ("start", "end", "largest"), [(0, 10, 0), (0, 40, -360), (50, 60, -360), (130, 140, 0), (100, 140, -360)]
)
def test_the_largest_offset_of_a_window_is_the_one_that_was_in_force(start: int, end: int, largest: int) -> None:
    offsets = [ClockOffset(at(30), seconds(-360)), ClockOffset(at(120), 0)]
    assert largest_offset(offsets, TimeRange(at(start), at(end))) == seconds(largest)
