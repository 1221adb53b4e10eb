"""A relay that could not see its participants says so, and so does one that had no room for their events."""

from __future__ import annotations

from datetime import datetime

import pytest

from heartbeat_relay import RelayClosed, RelayFull
from testkit.postgres import query
from testkit.relays import draw, make_relay, moment
from testkit.tracking_app import Service

CAPACITY = 8
RECORDED = "SELECT started_at, ended_at, whiteboard_session_ids FROM relay_observation_gaps ORDER BY sequence"


async def test_a_gap_is_told_on_every_stream(service: Service, database: str) -> None:
    async with make_relay(service.address, streams=3) as relay:
        relay.observation_gap(moment(0), moment(60))
    assert query(database, RECORDED) == [(moment(0), moment(60), [])] * 3


async def test_a_gap_of_some_sessions_is_told_once(service: Service, database: str) -> None:
    async with make_relay(service.address, streams=3) as relay:
        relay.observation_gap(moment(0), moment(60), session_ids=[2, 1])
    assert query(database, RECORDED) == [(moment(0), moment(60), [1, 2])]


async def test_events_that_were_refused_are_told_as_a_gap_when_there_is_room(
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
        assert query(database, RECORDED) == [(moment(20), moment(40), [])]


async def test_events_that_were_refused_are_told_on_leaving(service: Service, database: str, session_id: int) -> None:
    async with make_relay(service.address, capacity=1) as relay:
        draw(relay, session_id, 0)
        with pytest.raises(RelayFull):
            draw(relay, session_id, 1)
    assert query(database, RECORDED) == [(moment(1), moment(1), [])]


async def test_a_gap_that_the_service_refuses_harms_nothing(
    service: Service, database: str, session_id: int, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str] = []
    async with make_relay(service.address, on_rejection=lambda _event, reason, _message: told.append(reason)) as relay:
        relay.observation_gap(moment(-48 * 3600), moment(-47 * 3600))
        draw(relay, session_id, 0)
    assert (told, query(database, RECORDED)) == ([], [])
    assert "EVENT_TOO_OLD" in caplog.text


async def test_a_gap_is_told_inside_the_block_alone(service: Service) -> None:
    with pytest.raises(RelayClosed):
        make_relay(service.address).observation_gap(moment(0), moment(1))


async def test_a_gap_needs_time_zones(service: Service) -> None:
    async with make_relay(service.address) as relay:
        with pytest.raises(ValueError, match="time zone"):
            relay.observation_gap(datetime(2026, 3, 2), moment(0))  # noqa: DTZ001 - that is the point
