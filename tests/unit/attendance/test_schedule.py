from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from attendance_service.domain.session import Schedule
from servicekit.time_ranges import TimeRange

ADDIS = ZoneInfo("Africa/Addis_Ababa")
NEW_YORK = ZoneInfo("America/New_York")
DAY = date(2026, 3, 2)
#: Clocks go from 2:00 to 3:00.
SPRING = date(2026, 3, 8)
#: Clocks go from 2:00 back to 1:00.
AUTUMN = date(2026, 11, 1)


def window_of(day: date | None, start: time | None, end: time | None, zone: tzinfo) -> TimeRange[datetime] | None:
    return Schedule(day=day, start=start, end=end, whiteboard_id=None).window(zone)


def hours(day: date, start: time, end: time) -> float:
    window = window_of(day, start, end, NEW_YORK)
    assert window is not None
    return (window.end - window.start) / timedelta(hours=1)


def test_times_are_read_in_the_session_time_zone() -> None:
    window = window_of(DAY, time(10, 0), time(11, 30), ADDIS)
    assert window is not None
    assert window.start == datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
    assert window.end == datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


def test_an_end_before_the_start_is_the_next_days() -> None:
    window = window_of(DAY, time(23, 30), time(0, 30), ADDIS)
    assert window is not None
    assert window.end == datetime(2026, 3, 2, 21, 30, tzinfo=UTC)


def test_an_end_that_equals_the_start_is_no_window() -> None:
    assert window_of(DAY, time(10, 0), time(10, 0), ADDIS) is None


def test_a_missing_time_is_no_window() -> None:
    assert window_of(None, time(10), time(11), ADDIS) is None
    assert window_of(DAY, None, time(11), ADDIS) is None
    assert window_of(DAY, time(10), None, ADDIS) is None


def test_a_start_that_clocks_skip_keeps_the_length_of_the_session() -> None:
    assert hours(SPRING, time(2, 30), time(3, 15)) == 0.75


def test_an_end_that_clocks_skip_keeps_the_length_of_the_session() -> None:
    assert hours(SPRING, time(1, 30), time(2, 30)) == 1


def test_a_session_in_an_hour_that_comes_twice_keeps_its_length() -> None:
    assert hours(AUTUMN, time(1, 15), time(1, 45)) == 0.5


def test_an_end_after_the_hour_that_comes_twice_keeps_the_length_of_the_session() -> None:
    assert hours(AUTUMN, time(1, 30), time(2, 30)) == 1


def test_a_session_across_a_change_of_clocks_ends_when_the_clock_says() -> None:
    assert hours(SPRING, time(1, 0), time(4, 0)) == 2
    assert hours(AUTUMN, time(0, 30), time(2, 30)) == 3


@given(st.sampled_from((DAY, SPRING, AUTUMN)), st.times(), st.times())
def test_a_window_is_never_empty(day: date, start: time, end: time) -> None:
    window = window_of(day, start, end, NEW_YORK)
    assert (window is None) == (start == end)
    assert window is None or timedelta() < (window.end - window.start) <= timedelta(hours=25)
