from __future__ import annotations

from datetime import UTC, datetime, timedelta

from gateway.presence_socket.activity import BURST, MAX_WAITING_TYPES, MESSAGES_PER_SECOND, ActivityLog, TokenBucket

NOW = 1_000.0
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def at(second: float) -> datetime:
    return NOON + timedelta(seconds=second)


def record(log: ActivityLog) -> list[tuple[str, datetime]]:
    """Record what waits, as a relay with room does."""
    recorded = []
    for activity in log.waiting():
        log.mark_recorded(activity)
        recorded.append((activity.activity_type, activity.at))
    return recorded


def receive(log: ActivityLog, activity_type: str, second: float) -> list[tuple[str, datetime]]:
    assert log.add(activity_type, at(second))
    return record(log)


def test_the_first_message_of_a_type_in_a_second_is_recorded_and_the_others_are_merged_into_it() -> None:
    log = ActivityLog()
    received = [("draw", 1.0), ("draw", 1.5), ("type", 1.6), ("draw", 2.0)]
    assert [receive(log, *message) for message in received] == [
        [("draw", at(1))],
        [],
        [("type", at(1.6))],
        [("draw", at(2))],
    ]


def test_merged_messages_are_settled_with_the_recorded_one() -> None:
    log = ActivityLog()
    for _ in range(3):
        receive(log, "draw", 1)
    assert log.settled == 0
    log.mark_acknowledged()
    assert log.settled == 3


def test_a_message_that_is_merged_into_a_settled_one_is_settled_at_once() -> None:
    log = ActivityLog()
    receive(log, "draw", 1)
    log.mark_acknowledged()
    receive(log, "draw", 1)
    assert log.settled == 2


def test_only_messages_before_the_first_unanswered_one_are_settled() -> None:
    log = ActivityLog()
    for activity_type in ("draw", "type", "erase"):
        receive(log, activity_type, 1)
    log.mark_acknowledged()
    assert log.settled == 1


def test_a_number_is_acknowledged_once() -> None:
    log = ActivityLog()
    receive(log, "draw", 1)
    assert log.next_ack() is None
    log.mark_acknowledged()
    assert [log.next_ack(), log.next_ack()] == [1, None]


def test_messages_that_wait_for_room_keep_their_time_and_take_in_later_ones_of_their_type() -> None:
    log = ActivityLog()
    for second in range(5):
        assert log.add("draw", at(second))
    assert log.settled == 0
    assert record(log) == [("draw", at(0))]
    log.mark_acknowledged()
    assert log.settled == 5


def test_a_bounded_number_of_types_waits_for_room() -> None:
    log = ActivityLog()
    assert [log.add(f"type{number}", NOON) for number in range(MAX_WAITING_TYPES + 1)] == [
        *[True] * MAX_WAITING_TYPES,
        False,
    ]


def test_a_page_may_send_a_burst() -> None:
    bucket = TokenBucket(NOW)
    assert [bucket.take(NOW) for _ in range(BURST + 1)] == [*[True] * BURST, False]


def test_after_a_burst_a_page_may_send_at_the_limited_rate() -> None:
    assert all(taken_at_rate(0.9 * MESSAGES_PER_SECOND))
    assert not all(taken_at_rate(1.1 * MESSAGES_PER_SECOND))


def taken_at_rate(messages_per_second: float) -> list[bool]:
    bucket = TokenBucket(NOW)
    return [bucket.take(NOW + number / messages_per_second) for number in range(300 * MESSAGES_PER_SECOND)]


def test_a_long_pause_allows_one_burst_and_no_more() -> None:
    bucket = TokenBucket(NOW)
    later = NOW + 3_600
    assert [bucket.take(later) for _ in range(BURST + 1)][-1] is False
