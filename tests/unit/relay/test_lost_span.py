"""Which time a relay reports as an observation gap."""

from __future__ import annotations

import pytest

from heartbeat_relay.events import MAX_SESSIONS_PER_GAP, observation_gap
from heartbeat_relay.pool import LostSpan


def test_lost_events_in_any_order_span_the_time_from_the_earliest_to_the_latest() -> None:
    assert LostSpan(5, 5).including(3).including(9) == (3, 9)


@pytest.mark.parametrize(
    ("started_at", "ended_at", "session_ids"), [(2, 1, []), (1, 2, range(MAX_SESSIONS_PER_GAP + 1)), (1, 2, [2**31])]
)
def test_a_gap_that_can_not_be_sent_is_an_error_at_once(started_at: int, ended_at: int, session_ids: list[int]) -> None:
    with pytest.raises(ValueError, match=r"."):
        observation_gap(started_at, ended_at, session_ids)
