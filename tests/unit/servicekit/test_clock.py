"""Instants are exact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.clock import from_datetime, to_datetime


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_datetime_converts_to_an_instant_and_back(time: datetime) -> None:
    assert to_datetime(from_datetime(time)) == time


def test_the_same_time_in_two_zones_is_the_same_instant() -> None:
    zone = timezone(timedelta(hours=3))
    assert from_datetime(datetime(2026, 1, 1, 15, tzinfo=zone)) == from_datetime(datetime(2026, 1, 1, 12, tzinfo=UTC))


def test_a_naive_datetime_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        from_datetime(datetime(2026, 1, 1))  # noqa: DTZ001 - what is refused
