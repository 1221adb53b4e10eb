from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from attendance_service.domain.listing import DateRange, TimeBounds

ADDIS_ABABA = ZoneInfo("Africa/Addis_Ababa")
NEW_YORK = ZoneInfo("America/New_York")


def test_a_range_of_days_begins_at_midnight_and_ends_at_the_midnight_after() -> None:
    dates = DateRange(first=date(2026, 3, 2), last=date(2026, 3, 3))
    assert dates.time_bounds(ADDIS_ABABA) == TimeBounds(
        since=datetime(2026, 3, 1, 21, tzinfo=UTC), before=datetime(2026, 3, 3, 21, tzinfo=UTC)
    )


def test_a_day_on_which_clocks_change_has_its_own_length() -> None:
    bounds = DateRange(first=date(2026, 3, 8), last=date(2026, 3, 8)).time_bounds(NEW_YORK)
    assert bounds == TimeBounds(since=datetime(2026, 3, 8, 5, tzinfo=UTC), before=datetime(2026, 3, 9, 4, tzinfo=UTC))


def test_a_range_without_days_has_no_limits() -> None:
    assert DateRange().time_bounds(ADDIS_ABABA) == TimeBounds()


@pytest.mark.parametrize("zone", [ADDIS_ABABA, NEW_YORK])
def test_the_end_of_the_calendar_is_no_limit(zone: ZoneInfo) -> None:
    assert DateRange(last=date.max).time_bounds(zone) == TimeBounds()


def test_the_beginning_of_the_calendar_is_no_limit_east_of_greenwich() -> None:
    assert DateRange(first=date.min).time_bounds(ADDIS_ABABA) == TimeBounds()
