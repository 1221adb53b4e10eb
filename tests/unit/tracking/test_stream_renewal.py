from __future__ import annotations

import pytest

from tracking_service.servicer.heartbeat_stream import MIN_AGE_SHARE, RENEWAL_SECONDS, renewal_seconds

HOUR = 3600.0
MAX_AGE = 600.0


def test_a_stream_is_renewed_before_its_token_ends() -> None:
    assert renewal_seconds(HOUR, max_age_seconds=0) == HOUR - RENEWAL_SECONDS


def test_streams_that_were_opened_together_are_renewed_at_different_times_within_the_age() -> None:
    ages = [renewal_seconds(HOUR, MAX_AGE) for _ in range(100)]
    assert len(set(ages)) > 1
    assert all(age is not None and MAX_AGE * MIN_AGE_SHARE <= age <= MAX_AGE for age in ages)


@pytest.mark.parametrize("max_age", [0, HOUR])
def test_a_client_whose_token_ends_soon_is_not_asked_because_it_may_have_no_other(max_age: float) -> None:
    assert renewal_seconds(2 * RENEWAL_SECONDS, max_age) is None
