from __future__ import annotations

import pytest

from gateway.presence_socket.pace import BURST, MESSAGES_PER_SECOND, Pace

NOW = 1_000.0


def test_a_burst_is_read_at_once() -> None:
    pace = Pace(NOW)
    assert [pace.pause(NOW) for _ in range(BURST)] == [0.0] * BURST


def test_what_comes_faster_is_read_at_the_pace() -> None:
    pace, now = Pace(NOW), NOW
    for _ in range(BURST + 5 * MESSAGES_PER_SECOND):
        now += pace.pause(now)
    assert now - NOW == pytest.approx(5.0)


def test_after_a_rest_there_may_be_one_burst_and_no_more() -> None:
    pace = Pace(NOW)
    later = NOW + 3_600
    pauses = [pace.pause(later) for _ in range(BURST + 1)]
    assert pauses[-1] > 0
