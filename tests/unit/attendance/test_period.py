from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from attendance_service.domain.period import Moments, Period

ADDIS_ABABA = ZoneInfo("Africa/Addis_Ababa")
NEW_YORK = ZoneInfo("America/New_York")


def test_a_period_begins_at_midnight_and_ends_at_the_midnight_after() -> None:
    period = Period(first=date(2026, 3, 2), last=date(2026, 3, 3))
    assert period.moments(ADDIS_ABABA) == Moments(
        since=datetime(2026, 3, 1, 21, tzinfo=UTC), before=datetime(2026, 3, 3, 21, tzinfo=UTC)
    )


def test_a_day_on_which_clocks_change_has_its_own_length() -> None:
    moments = Period(first=date(2026, 3, 8), last=date(2026, 3, 8)).moments(NEW_YORK)
    assert moments == Moments(since=datetime(2026, 3, 8, 5, tzinfo=UTC), before=datetime(2026, 3, 9, 4, tzinfo=UTC))


def test_no_days_are_no_limits() -> None:
    assert Period().moments(ADDIS_ABABA) == Moments()


@pytest.mark.parametrize("zone", [ADDIS_ABABA, NEW_YORK])
def test_the_end_of_the_calendar_is_no_limit(zone: ZoneInfo) -> None:
    assert Period(last=date.max).moments(zone) == Moments()


def test_the_beginning_of_the_calendar_is_no_limit_east_of_greenwich() -> None:
    assert Period(first=date.min).moments(ADDIS_ABABA) == Moments()
