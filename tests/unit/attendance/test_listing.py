from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from attendance_service.domain.listing import DateRange, Page, PageRequest, RankPosition, TimeBounds

ROWS = ("a", "b", "c")


@pytest.mark.parametrize(
    ("size", "page"),
    [
        (1, Page(("a",), 0)),
        (2, Page(("a", "b"), 1)),
        (3, Page(ROWS, None)),
        (4, Page(ROWS, None)),
        (None, Page(ROWS, None)),
    ],
)
def test_a_page_has_a_next_one_if_more_rows_were_found_than_it_holds(size: int | None, page: Page[str, int]) -> None:
    request: PageRequest[int] = PageRequest(size=size)
    assert request.page(ROWS[: request.fetch_size], ROWS.index) == page


def test_an_empty_page_is_the_last() -> None:
    request: PageRequest[int] = PageRequest(size=2)
    assert request.page((), ROWS.index) == Page((), None)


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


def test_highest_comes_first_then_equals_by_id_and_those_without_a_value_last() -> None:
    ranked = [
        RankPosition(value=100.0, identifier=9),
        RankPosition(value=50.0, identifier=1),
        RankPosition(value=50.0, identifier=2),
        RankPosition(value=0.0, identifier=3),
        RankPosition(value=None, identifier=1),
        RankPosition(value=None, identifier=4),
    ]
    shuffled = ranked[3:] + ranked[:3]
    assert sorted(shuffled, key=lambda position: position.order) == ranked
