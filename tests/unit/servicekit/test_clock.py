"""Instants are exact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.clock import from_datetime, to_datetime


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_datetime_survives_the_way_there_and_back(moment: datetime) -> None:
    assert to_datetime(from_datetime(moment)) == moment


def test_zones_are_the_same_moment() -> None:
    zone = timezone(timedelta(hours=3))
    assert from_datetime(datetime(2026, 1, 1, 15, tzinfo=zone)) == from_datetime(datetime(2026, 1, 1, 12, tzinfo=UTC))


def test_a_naive_datetime_is_no_moment() -> None:
    with pytest.raises(ValueError, match="time zone"):
        from_datetime(datetime(2026, 1, 1))  # noqa: DTZ001 - what is refused
