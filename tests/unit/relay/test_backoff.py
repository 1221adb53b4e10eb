"""Pauses between attempts."""

from __future__ import annotations

from heartbeat_relay.backoff import FIRST_PAUSE_SECONDS, JITTER, LONGEST_PAUSE_SECONDS, Backoff

LEAST, MOST = JITTER


def test_pauses_double_up_to_the_longest() -> None:
    backoff = Backoff()
    for number in range(20):
        expected = min(FIRST_PAUSE_SECONDS * 2**number, LONGEST_PAUSE_SECONDS)
        assert expected * LEAST <= backoff.next_pause() <= expected * MOST


def test_success_makes_the_next_pause_short() -> None:
    backoff = Backoff()
    for _ in range(20):
        backoff.next_pause()
    backoff.reset()
    assert backoff.next_pause() <= FIRST_PAUSE_SECONDS * MOST


def test_relays_that_failed_together_do_not_come_back_together() -> None:
    assert len({Backoff().next_pause() for _ in range(10)}) > 1
