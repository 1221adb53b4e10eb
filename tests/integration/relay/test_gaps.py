"""A relay reports times in which it could not observe its participants, or was full and lost their events."""

from __future__ import annotations

from datetime import datetime

import pytest

from heartbeat_relay import RelayClosed, RelayFull
from testkit.postgres import query
from testkit.relays import draw, lesson_time, make_relay
from testkit.tracking_app import Service

CAPACITY = 8
RECORDED = "SELECT started_at, ended_at, whiteboard_session_ids FROM relay_observation_gaps ORDER BY sequence"


async def test_a_gap_is_sent_over_every_stream(service: Service, database: str) -> None:
    async with make_relay(service.address, streams=3) as relay:
        relay.observation_gap(lesson_time(0), lesson_time(60))
    assert query(database, RECORDED) == [(lesson_time(0), lesson_time(60), [])] * 3


async def test_a_gap_with_session_ids_is_sent_once(service: Service, database: str) -> None:
    async with make_relay(service.address, streams=3) as relay:
        relay.observation_gap(lesson_time(0), lesson_time(60), session_ids=[2, 1])
    assert query(database, RECORDED) == [(lesson_time(0), lesson_time(60), [1, 2])]


async def test_lost_events_are_reported_as_a_gap_when_the_relay_has_room_again(
    service: Service, database: str, session_id: int
) -> None:
    await service.stop()
    async with make_relay(service.address, capacity=CAPACITY) as relay:
        for second in range(CAPACITY):
            draw(relay, session_id, second)
        for second in (20, 40):
            with pytest.raises(RelayFull):
                draw(relay, session_id, second)
        await service.start()
        await relay.flushed()
        await relay.flushed()
        assert query(database, RECORDED) == [(lesson_time(20), lesson_time(40), [])]


async def test_lost_events_are_reported_as_a_gap_at_the_end_of_the_block(
    service: Service, database: str, session_id: int
) -> None:
    async with make_relay(service.address, capacity=1) as relay:
        draw(relay, session_id, 0)
        with pytest.raises(RelayFull):
            draw(relay, session_id, 1)
    assert query(database, RECORDED) == [(lesson_time(1), lesson_time(1), [])]


async def test_a_rejected_gap_is_logged_and_affects_no_event(
    service: Service, database: str, session_id: int, caplog: pytest.LogCaptureFixture
) -> None:
    rejected: list[str] = []
    async with make_relay(
        service.address, on_rejection=lambda _event, reason, _message: rejected.append(reason)
    ) as relay:
        relay.observation_gap(lesson_time(-48 * 3600), lesson_time(-47 * 3600))
        draw(relay, session_id, 0)
    assert (rejected, query(database, RECORDED)) == ([], [])
    assert "EVENT_TOO_OLD" in caplog.text


async def test_gaps_are_taken_only_inside_the_block(service: Service) -> None:
    with pytest.raises(RelayClosed):
        make_relay(service.address).observation_gap(lesson_time(0), lesson_time(1))


async def test_a_gap_without_time_zone_is_an_error(service: Service) -> None:
    async with make_relay(service.address) as relay:
        with pytest.raises(ValueError, match="time zone"):
            relay.observation_gap(datetime(2026, 3, 2), lesson_time(0))  # noqa: DTZ001 - that is the point
