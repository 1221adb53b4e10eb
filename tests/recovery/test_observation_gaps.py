"""Observation gaps of processes that are killed, stopped and started again (docs/presence.md#observation-gaps).

An outage lasts as long as a start takes. Where it has to last longer, the recorded times are set back meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from grpc import aio

from astegni.tracking.v1 import tracking_pb2 as pb
from astegni.tracking.v1 import tracking_pb2_grpc
from heartbeat_relay import HeartbeatRelay
from testkit.observation import age_records
from testkit.postgres import query
from testkit.relays import make_relay
from testkit.service_process import ServiceProcess, tracking_process
from testkit.tokens import metadata, token
from testkit.whiteboard_sessions import RELAY, STUDENT, TUTOR, add_whiteboard_session
from tests.recovery.conftest import replicas
from tests.recovery.postgres_control import PostgresControl

OUTAGE = timedelta(minutes=10)
NEWCOMER = 202
#: Between two readings of what a replica has recorded; it records every 2 s.
POLL_SECONDS = 0.05
#: More than a busy machine takes from one sign of life to the next, or for a start.
SHORT_TIMEOUT_SECONDS = 6
LISTENED_BEFORE_TIMING_OUT = """
    SELECT recorded_at - (SELECT max(started_at) FROM observation_coverage)
    FROM connection_events WHERE event = 'timeout'"""
COVERAGE = "SELECT count(*), min(observed_until) FROM observation_coverage"


@pytest.fixture
def service(database: str, tmp_path: Path) -> Iterator[ServiceProcess]:
    with tracking_process(database, tmp_path / "tracking.log") as process:
        yield process


class People:
    """Participants of one session who call one replica."""

    def __init__(self, channel: aio.Channel, session_id: int) -> None:
        self._tracking = tracking_pb2_grpc.TrackingServiceStub(channel)
        self._facts = tracking_pb2_grpc.PresenceQueryServiceStub(channel)
        self._session_id = session_id

    async def connect(self, user: int, role: pb.UserType.ValueType) -> None:
        request = pb.ConnectRequest(session_id=self._session_id, user_type=role)
        await self._tracking.Connect(request, metadata=_bearer(user, role))

    async def beat(self, user: int, role: pb.UserType.ValueType) -> datetime:
        """Send a heartbeat and return when it arrived, as the service says."""
        request = pb.HeartbeatRequest(session_id=self._session_id, user_type=role)
        response = await self._tracking.Heartbeat(request, metadata=_bearer(user, role))
        return response.last_activity_at.ToDatetime(UTC)

    async def beat_after(self, standstill: datetime, user: int, role: pb.UserType.ValueType) -> None:
        """Send heartbeats until one surely arrived after a standstill."""
        while await self.beat(user, role) < standstill:  # noqa: ASYNC110 - this state has no event
            await asyncio.sleep(POLL_SECONDS)

    async def disconnect(self, user: int, role: pb.UserType.ValueType) -> None:
        request = pb.DisconnectRequest(session_id=self._session_id, user_type=role)
        await self._tracking.Disconnect(request, metadata=_bearer(user, role))

    async def measured(self, since: datetime | None = None) -> pb.GetConnectionMetricsResponse:
        """Return the metrics of all participants since a time, or over the last hour."""
        now = datetime.now(UTC)
        request = pb.GetConnectionMetricsRequest(session_id=self._session_id)
        request.window_start.FromDatetime(since or now - timedelta(hours=1))
        request.window_end.FromDatetime(now)
        answer: pb.GetConnectionMetricsResponse = await self._facts.GetConnectionMetrics(
            request, metadata=metadata(token(RELAY, "service"))
        )
        return answer


@asynccontextmanager
async def people(service: ServiceProcess, session_id: int) -> AsyncIterator[People]:
    async with aio.insecure_channel(service.address) as channel:
        yield People(channel, session_id)


def _bearer(user: int, role: pb.UserType.ValueType) -> tuple[tuple[str, str], ...]:
    return metadata(token(user, pb.UserType.Name(role)))


async def observed_until_now(database: str, *, periods: int = 1) -> None:
    """Wait until so many periods of coverage are recorded, all of them up to now or later."""
    now = datetime.now(UTC)
    while True:
        ((count, until),) = await asyncio.to_thread(query, database, COVERAGE)
        if count == periods and isinstance(until, datetime) and until > now:
            return
        await asyncio.sleep(POLL_SECONDS)


def covered_since(database: str) -> datetime:
    """Return when the first coverage began; nothing is known about the time before it."""
    ((since,),) = query(database, "SELECT min(started_at) FROM observation_coverage")
    assert isinstance(since, datetime)
    return since


async def listened_before_timing_out(database: str) -> timedelta:
    """Wait until a participant is timed out; return for how long the service had listened by then."""
    while True:
        for (listened,) in await asyncio.to_thread(query, database, LISTENED_BEFORE_TIMING_OUT):
            assert isinstance(listened, timedelta)
            return listened
        await asyncio.sleep(POLL_SECONDS)


def lengths(ranges: list[pb.TimeStretch]) -> list[timedelta]:
    return [one.ended_at.ToDatetime() - one.started_at.ToDatetime() for one in ranges]


def of(metrics: pb.GetConnectionMetricsResponse, user: int) -> pb.ParticipantMetrics:
    (one,) = [participant for participant in metrics.participants if participant.user_id == user]
    return one


async def test_the_service_is_killed_and_comes_back(service: ServiceProcess, database: str) -> None:
    session_id = add_whiteboard_session(database, students=[STUDENT, NEWCOMER])
    async with people(service, session_id) as before:
        await observed_until_now(database)
        await before.connect(TUTOR, pb.tutor)
        await before.connect(STUDENT, pb.student)
    service.kill()
    age_records(database, OUTAGE)
    service.start()
    async with people(service, session_id) as after:
        await after.beat(TUTOR, pb.tutor)
        await after.beat(NEWCOMER, pb.student)
        found = await after.measured()
    (gap,) = found.observation_gaps
    (length,) = lengths([gap])
    assert length > OUTAGE
    assert [interval.assumed for interval in of(found, TUTOR).intervals] == [False, True, False]
    assert lengths(list(of(found, STUDENT).unknown)) > [OUTAGE]
    assert of(found, NEWCOMER).arrival_uncertain_since == gap.started_at


async def test_a_service_that_was_stopped_and_continued_took_no_events_meanwhile(database: str, tmp_path: Path) -> None:
    session_id = add_whiteboard_session(database, students=[STUDENT])
    rhythm = {"PRESENCE_TIMEOUT_SECONDS": str(SHORT_TIMEOUT_SECONDS), "HEARTBEAT_INTERVAL_SECONDS": "1"}
    with tracking_process(database, tmp_path / "tracking.log", **rhythm) as service:
        async with people(service, session_id) as board:
            await board.connect(TUTOR, pb.tutor)
            await board.connect(STUDENT, pb.student)
            with service.suspended():
                stopped = datetime.now(UTC)
                await asyncio.sleep(SHORT_TIMEOUT_SECONDS + 1)
                continued = datetime.now(UTC)
            await board.beat_after(continued, TUTOR, pb.tutor)
            found = await board.measured()
    (gap,) = found.observation_gaps
    assert gap.started_at.ToDatetime(UTC) < stopped
    assert gap.ended_at.ToDatetime(UTC) > continued
    assert [interval.assumed for interval in of(found, TUTOR).intervals] == [False, True, False]
    assert of(found, TUTOR).reconnect_count == 0
    assert len(of(found, STUDENT).unknown) == 1


async def test_what_was_sent_while_the_service_was_stopped_is_no_sign_of_life_after_it(
    database: str, tmp_path: Path
) -> None:
    leaver, closer = 203, 204
    session_id = add_whiteboard_session(database, students=[STUDENT, NEWCOMER, leaver, closer])
    rhythm = {"PRESENCE_TIMEOUT_SECONDS": str(SHORT_TIMEOUT_SECONDS), "HEARTBEAT_INTERVAL_SECONDS": "1"}
    with tracking_process(database, tmp_path / "tracking.log", **rhythm) as service:
        async with people(service, session_id) as board:
            for present in (STUDENT, leaver, closer):
                await board.connect(present, pb.student)
            with service.suspended():
                sent = [
                    asyncio.create_task(call)
                    for call in (
                        board.connect(NEWCOMER, pb.student),
                        board.beat(leaver, pb.student),
                        board.disconnect(closer, pb.student),
                    )
                ]
                await asyncio.sleep(SHORT_TIMEOUT_SECONDS + 1)
                continued = datetime.now(UTC)
            await asyncio.gather(*sent)
            for present in (STUDENT, NEWCOMER):
                await board.beat_after(continued, present, pb.student)
            found = await board.measured()
    (gap,) = found.observation_gaps
    assert [interval.assumed for interval in of(found, STUDENT).intervals] == [False, True, False]
    assert of(found, NEWCOMER).arrival_uncertain_since == gap.started_at
    assert [interval.assumed for interval in of(found, NEWCOMER).intervals] == [True, False]
    for gone in (leaver, closer):
        assert [(one.started_at, one.ended_at) for one in of(found, gone).unknown] == [(gap.started_at, gap.ended_at)]


async def test_no_participant_is_timed_out_before_the_service_has_listened_for_a_whole_timeout(
    database: str, tmp_path: Path
) -> None:
    session_id = add_whiteboard_session(database)
    timeout = {"PRESENCE_TIMEOUT_SECONDS": str(SHORT_TIMEOUT_SECONDS), "HEARTBEAT_INTERVAL_SECONDS": "1"}
    with tracking_process(database, tmp_path / "tracking.log", **timeout) as service:
        async with people(service, session_id) as before:
            await before.connect(TUTOR, pb.tutor)
        service.kill()
        age_records(database, OUTAGE)
        service.start()
        assert await listened_before_timing_out(database) >= timedelta(seconds=SHORT_TIMEOUT_SECONDS)


async def test_a_relay_that_resumed_its_stream_missed_nothing(service: ServiceProcess, database: str) -> None:
    session_id = add_whiteboard_session(database)
    async with make_relay(service.address) as relay:
        relay.connect(session_id=session_id, user_id=STUDENT, user_type="student")
        await relay.flushed()
        await observed_until_now(database)
        service.kill()
        age_records(database, OUTAGE)
        await _board_goes_on(relay, session_id, service)
    async with people(service, session_id) as after:
        found = await after.measured()
    assert (list(found.observation_gaps), list(of(found, STUDENT).unknown)) == ([], [])


async def _board_goes_on(relay: HeartbeatRelay, session_id: int, service: ServiceProcess) -> None:
    """Let another participant connect while the service is unavailable, and start the service again."""
    relay.connect(session_id=session_id, user_id=TUTOR, user_type="tutor")
    await asyncio.to_thread(service.start)
    await relay.flushed()
    relay.heartbeat(session_id=session_id, user_id=TUTOR, user_type="tutor")
    await relay.flushed()


async def test_unavailable_storage_is_no_gap_while_the_queue_has_room(
    service_on_own_postgres: ServiceProcess, postgres: PostgresControl
) -> None:
    session_id = add_whiteboard_session(postgres.url)
    await observed_until_now(postgres.url)
    await postgres.stop()
    await postgres.start()
    await observed_until_now(postgres.url)
    async with people(service_on_own_postgres, session_id) as after:
        assert list((await after.measured(covered_since(postgres.url))).observation_gaps) == []


async def test_one_replica_down_of_two_is_no_gap_and_both_down_is_one(database: str, tmp_path: Path) -> None:
    session_id = add_whiteboard_session(database)
    with replicas(database, 2, tmp_path) as (first, second):
        await observed_until_now(database, periods=2)
        first.kill()
        async with people(second, session_id) as still:
            assert list((await still.measured(covered_since(database))).observation_gaps) == []
        second.kill()
        age_records(database, OUTAGE)
        first.start()
        async with people(first, session_id) as again:
            (length,) = lengths(list((await again.measured(covered_since(database))).observation_gaps))
        assert length > OUTAGE
