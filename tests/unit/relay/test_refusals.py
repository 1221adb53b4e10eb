"""Which time a relay says that it lost."""

from __future__ import annotations

import pytest

from heartbeat_relay.events import SESSIONS_PER_GAP, gap_of
from heartbeat_relay.refusals import Refusals


def test_refused_events_of_any_order_span_the_time_from_the_earliest_to_the_latest() -> None:
    refusals = Refusals()
    for moment in (5, 3, 9):
        refusals.note(moment)
    assert refusals.take() == (3, 9)


def test_what_was_told_is_not_told_again() -> None:
    refusals = Refusals()
    refusals.note(5)
    refusals.take()
    assert refusals.take() is None


@pytest.mark.parametrize(
    ("started_at", "ended_at", "session_ids"), [(2, 1, []), (1, 2, range(SESSIONS_PER_GAP + 1)), (1, 2, [2**31])]
)
def test_a_gap_that_can_not_be_sent_is_refused_at_once(started_at: int, ended_at: int, session_ids: list[int]) -> None:
    with pytest.raises(ValueError, match=r"."):
        gap_of(started_at, ended_at, session_ids)
