"""DESIGN 5.1 to 5.3: presence is a function of the set of events."""

from __future__ import annotations

from hypothesis import example, given

from tests.unit.tracking.histories import (
    TIMEOUT,
    connect,
    deliveries,
    disconnect,
    heartbeat,
    moments_of_presence,
    seconds_of_presence,
)
from tracking_service.domain.events import EndReason, PresenceEvent
from tracking_service.domain.presence import NOBODY, Presence, record

Delivery = tuple[list[PresenceEvent], list[list[PresenceEvent]]]


def recorded(*batches: list[PresenceEvent]) -> Presence:
    presence = NOBODY
    disconnects: list[PresenceEvent] = []
    for batch in batches:
        presence = record(presence, batch, earlier_disconnects=disconnects, timeout=TIMEOUT)
        disconnects += [event for event in batch if not event.is_sign_of_life]
    return presence


def stretches(*batches: list[PresenceEvent]) -> list[tuple[int, int]]:
    return [(i.stretch.started_at, i.stretch.ended_at) for i in recorded(*batches).intervals]


@given(deliveries())
@example(([disconnect(9), heartbeat(5), connect(1)], [[disconnect(9)], [heartbeat(5)], [connect(1)]]))
def test_any_delivery_covers_exactly_the_seconds_that_the_bare_rules_name(delivery: Delivery) -> None:
    history, batches = delivery
    covered = {second for start, end in stretches(*batches) for second in range(start, end)}
    assert covered == seconds_of_presence(history)


@given(deliveries())
def test_intervals_are_parted_by_silences_longer_than_the_timeout_and_by_nothing_else(delivery: Delivery) -> None:
    history, batches = delivery
    moments = moments_of_presence(history)
    starts = [
        at for at, before in zip(moments, [None, *moments], strict=False) if before is None or at - before > TIMEOUT
    ]
    assert [start for start, _ in stretches(*batches)] == starts


@given(deliveries())
@example(([heartbeat(3), disconnect(3)], [[heartbeat(3)], [disconnect(3)]]))
@example(([heartbeat(9, "phone"), heartbeat(0)], [[heartbeat(9, "phone")], [heartbeat(0)]]))
def test_order_duplication_and_batching_change_nothing_at_all(delivery: Delivery) -> None:
    history, batches = delivery
    assert recorded(*batches) == recorded(sorted(history, key=lambda event: event.at))


def test_a_reconnect_within_the_timeout_continues_the_interval() -> None:
    assert stretches([connect(0), disconnect(3), connect(8), disconnect(10)]) == [(0, 10)]


def test_a_silence_longer_than_the_timeout_ends_the_interval_at_its_last_event() -> None:
    assert stretches([connect(0), heartbeat(4), heartbeat(10)]) == [(0, 4), (10, 10)]


def test_a_heartbeat_opens_an_interval_as_well_as_a_connect_does() -> None:
    assert stretches([heartbeat(2), heartbeat(6)]) == [(2, 6)]


def test_a_disconnect_out_of_nowhere_adds_nothing() -> None:
    assert stretches([disconnect(9)]) == []


def test_a_disconnect_later_than_the_timeout_after_the_last_sign_of_life_adds_nothing() -> None:
    assert stretches([connect(0), disconnect(6)]) == [(0, 0)]


def test_a_disconnect_concluded_from_silence_adds_nothing() -> None:
    assert stretches([connect(0), disconnect(3, reason=EndReason.TIMED_OUT)]) == [(0, 0)]


def test_a_late_sign_of_life_makes_an_earlier_recorded_disconnect_count() -> None:
    assert stretches([connect(0), disconnect(9)], [heartbeat(5)]) == [(0, 9)]


def test_a_late_heartbeat_joins_two_intervals() -> None:
    assert stretches([connect(0), connect(10)], [heartbeat(5)]) == [(0, 10)]


def test_two_tabs_are_one_presence() -> None:
    history = [connect(0, "phone"), connect(1, "laptop"), disconnect(4, "phone"), heartbeat(5, "laptop")]
    assert stretches(history) == [(0, 5)]
