"""A relay reports times in which it could not observe its participants, or was full and lost their events."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

import pytest

from heartbeat_relay import HeartbeatRelay, RelayClosed, RelayFull, standstill
from heartbeat_relay.events import MAX_SESSIONS_PER_GAP
from testkit.eventually import eventually
from testkit.postgres import query
from testkit.relays import draw, lesson_time, make_relay, relay_token
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


async def test_a_relay_that_stood_still_reports_a_gap_over_every_stream_and_names_the_sessions_that_it_observes(
    service: Service, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standstill, "CHECK_INTERVAL_SECONDS", 0.01)
    monkeypatch.setattr(standstill, "MAX_STANDSTILL_SECONDS", 0.3)
    sessions = list(range(MAX_SESSIONS_PER_GAP + 1, 0, -1))
    async with HeartbeatRelay(service.address, relay_token, streams=2, observed_sessions=lambda: sessions) as relay:
        await relay.opened()
        # A check has passed.
        await asyncio.sleep(0.1)
        began = datetime.now(UTC)
        time.sleep(0.5)  # noqa: ASYNC251 - that is the point
        ended = datetime.now(UTC)
        reported = f"""
            SELECT cardinality(whiteboard_session_ids) FROM relay_observation_gaps
            WHERE started_at <= '{began}' AND ended_at >= '{ended}' ORDER BY 1"""  # noqa: S608
        await eventually(lambda: query(database, reported))
    assert query(database, reported) == [(0,), (0,), (1,), (MAX_SESSIONS_PER_GAP,)]


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
