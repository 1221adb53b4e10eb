"""What the status shows while connections open and close (docs/presence.md#several-connections)."""

from __future__ import annotations

from servicekit.clock import Instant
from tests.unit.tracking.histories import TIMEOUT, connect, disconnect, heartbeat
from tests.unit.tracking.test_presence_rules import recorded
from tracking_service.domain.events import EndReason, PresenceEvent
from tracking_service.domain.presence import Interval, time_out


def last_interval(*history: PresenceEvent) -> Interval:
    last = recorded(list(history)).last
    assert last is not None
    return last


def test_closing_one_tab_while_another_is_open_does_not_end_the_interval() -> None:
    assert last_interval(connect(0, "phone"), connect(1, "laptop"), disconnect(4, "phone")).is_open


def test_closing_the_last_tab_ends_the_interval() -> None:
    history = [connect(0, "phone"), connect(1, "laptop"), disconnect(3, "phone"), disconnect(4, "laptop")]
    assert last_interval(*history).end_reason is EndReason.CLOSED


def test_a_tab_that_became_silent_long_ago_does_not_keep_the_interval_open() -> None:
    heartbeats = [heartbeat(at, "laptop") for at in (3, 6, 9)]
    assert not last_interval(connect(0, "phone"), *heartbeats, disconnect(10, "laptop")).is_open


def test_a_reload_that_closes_after_the_new_page_opened_stays_open() -> None:
    assert last_interval(connect(0, "old"), connect(3, "new"), disconnect(3, "old")).is_open


def test_without_connection_ids_a_disconnect_closes() -> None:
    assert last_interval(connect(0), disconnect(2)).end_reason is EndReason.CLOSED


def test_a_connection_concluded_to_be_gone_closes_at_the_last_sign_of_life() -> None:
    last = last_interval(connect(0), heartbeat(2), disconnect(4, reason=EndReason.TIMED_OUT))
    assert (last.span.ended_at, last.end_reason) == (2, EndReason.TIMED_OUT)


def test_silence_up_to_the_timeout_is_alive() -> None:
    assert last_interval(heartbeat(3)).is_alive(Instant(3 + TIMEOUT), TIMEOUT)


def test_silence_longer_than_the_timeout_is_not() -> None:
    assert not last_interval(heartbeat(3)).is_alive(Instant(3 + TIMEOUT + 1), TIMEOUT)


def test_timing_out_closes_a_silent_interval_at_its_last_sign_of_life() -> None:
    last = time_out(recorded([heartbeat(0), heartbeat(3)]), Instant(20), TIMEOUT).last
    assert last is not None
    assert (last.span.ended_at, last.end_reason) == (3, EndReason.TIMED_OUT)


def test_timing_out_does_not_change_an_interval_that_is_alive() -> None:
    presence = recorded([heartbeat(3)])
    assert time_out(presence, Instant(4), TIMEOUT) is presence


def test_a_late_heartbeat_reopens_what_was_timed_out() -> None:
    closed = time_out(recorded([heartbeat(0)]), Instant(20), TIMEOUT)
    assert not closed.intervals[-1].is_open
    assert recorded([heartbeat(0)], [heartbeat(4)]).intervals[-1].is_open


def test_a_disconnect_at_the_time_of_the_last_sign_of_life_closes() -> None:
    assert last_interval(connect(3), disconnect(3)).end_reason is EndReason.CLOSED
