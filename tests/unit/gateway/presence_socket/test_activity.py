from __future__ import annotations

import pytest

from gateway.presence_socket.activity import BURST, MESSAGES_PER_SECOND, ActivityLog, TokenBucket

NOW = 1_000.0


def test_the_first_message_of_a_type_in_a_second_is_recorded_and_the_others_are_merged_into_it() -> None:
    log = ActivityLog()
    assert [log.add("draw", 1), log.add("draw", 1), log.add("type", 1), log.add("draw", 2)] == [True, False, True, True]


def test_merged_messages_are_settled_with_the_recorded_one() -> None:
    log = ActivityLog()
    for _ in range(3):
        log.add("draw", 1)
    assert log.settled == 0
    log.mark_acknowledged()
    assert log.settled == 3


def test_a_message_that_is_merged_into_a_settled_one_is_settled_at_once() -> None:
    log = ActivityLog()
    log.add("draw", 1)
    log.mark_acknowledged()
    log.add("draw", 1)
    assert log.settled == 2


def test_only_messages_before_the_first_pending_one_are_settled() -> None:
    log = ActivityLog()
    for activity_type in ("draw", "type", "erase"):
        log.add(activity_type, 1)
    log.mark_acknowledged()
    assert log.settled == 1


def test_a_number_is_acknowledged_once() -> None:
    log = ActivityLog()
    log.add("draw", 1)
    assert log.next_ack() is None
    log.mark_acknowledged()
    assert [log.next_ack(), log.next_ack()] == [1, None]


def test_a_burst_is_read_without_delay() -> None:
    bucket = TokenBucket(NOW)
    assert [bucket.delay(NOW) for _ in range(BURST)] == [0.0] * BURST


def test_after_a_burst_messages_are_read_at_the_limited_rate() -> None:
    bucket, now = TokenBucket(NOW), NOW
    for _ in range(BURST + 5 * MESSAGES_PER_SECOND):
        now += bucket.delay(now)
    assert now - NOW == pytest.approx(5.0)


def test_a_long_pause_allows_one_burst_and_no_more() -> None:
    bucket = TokenBucket(NOW)
    later = NOW + 3_600
    delays = [bucket.delay(later) for _ in range(BURST + 1)]
    assert delays[-1] > 0
