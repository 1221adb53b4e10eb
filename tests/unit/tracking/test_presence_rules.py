"""Presence is a function of the set of events (docs/presence.md#order-of-arrival)."""

from __future__ import annotations

from hypothesis import example, given

from tests.unit.tracking.histories import (
    TIMEOUT,
    connect,
    deliveries,
    disconnect,
    heartbeat,
    seconds_of_presence,
    times_of_presence,
)
from tracking_service.domain.events import EndReason, PresenceEvent
from tracking_service.domain.presence import NEVER_PRESENT, Presence, disconnects_matter_since, record

Delivery = tuple[list[PresenceEvent], list[list[PresenceEvent]]]


def recorded(*batches: list[PresenceEvent]) -> Presence:
    presence = NEVER_PRESENT
    disconnects: list[PresenceEvent] = []
    for batch in batches:
        since = disconnects_matter_since(presence, batch)
        earlier = [event for event in disconnects if event.at >= since]
        presence = record(presence, batch, earlier_disconnects=earlier, timeout=TIMEOUT)
        disconnects += [event for event in batch if not event.is_sign_of_life]
    return presence


def spans(*batches: list[PresenceEvent]) -> list[tuple[int, int]]:
    return [(i.span.started_at, i.span.ended_at) for i in recorded(*batches).intervals]


@given(deliveries())
@example(([disconnect(9), heartbeat(5), connect(1)], [[disconnect(9)], [heartbeat(5)], [connect(1)]]))
def test_any_delivery_covers_exactly_the_seconds_of_the_plain_rules(delivery: Delivery) -> None:
    history, batches = delivery
    covered = {second for start, end in spans(*batches) for second in range(start, end)}
    assert covered == seconds_of_presence(history)


@given(deliveries())
def test_only_silences_longer_than_the_timeout_separate_intervals(delivery: Delivery) -> None:
    history, batches = delivery
    times = times_of_presence(history)
    starts = [at for at, before in zip(times, [None, *times], strict=False) if before is None or at - before > TIMEOUT]
    assert [start for start, _ in spans(*batches)] == starts


@given(deliveries())
@example(([heartbeat(3), disconnect(3)], [[heartbeat(3)], [disconnect(3)]]))
@example(([heartbeat(9, "phone"), heartbeat(0)], [[heartbeat(9, "phone")], [heartbeat(0)]]))
def test_order_duplication_and_batching_change_nothing_at_all(delivery: Delivery) -> None:
    history, batches = delivery
    assert recorded(*batches) == recorded(sorted(history, key=lambda event: event.at))


def test_a_reconnect_within_the_timeout_continues_the_interval() -> None:
    assert spans([connect(0), disconnect(3), connect(8), disconnect(10)]) == [(0, 10)]


def test_a_silence_longer_than_the_timeout_ends_the_interval_at_its_last_event() -> None:
    assert spans([connect(0), heartbeat(4), heartbeat(10)]) == [(0, 4), (10, 10)]


def test_a_heartbeat_opens_an_interval_as_well_as_a_connect_does() -> None:
    assert spans([heartbeat(2), heartbeat(6)]) == [(2, 6)]


def test_a_disconnect_without_a_sign_of_life_adds_nothing() -> None:
    assert spans([disconnect(9)]) == []


def test_a_disconnect_later_than_the_timeout_after_the_last_sign_of_life_adds_nothing() -> None:
    assert spans([connect(0), disconnect(6)]) == [(0, 0)]


def test_a_disconnect_concluded_from_silence_adds_nothing() -> None:
    assert spans([connect(0), disconnect(3, reason=EndReason.TIMED_OUT)]) == [(0, 0)]


def test_a_late_sign_of_life_makes_an_earlier_recorded_disconnect_count() -> None:
    assert spans([connect(0), disconnect(9)], [heartbeat(5)]) == [(0, 9)]


def test_a_late_heartbeat_joins_two_intervals() -> None:
    assert spans([connect(0), connect(10)], [heartbeat(5)]) == [(0, 10)]


def test_two_tabs_are_one_presence() -> None:
    history = [connect(0, "phone"), connect(1, "laptop"), disconnect(4, "phone"), heartbeat(5, "laptop")]
    assert spans(history) == [(0, 5)]
