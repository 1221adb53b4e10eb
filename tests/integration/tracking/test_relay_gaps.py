"""ObservationGap frames: a relay reports that it could not observe."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from grpc import aio

from astegni.tracking.v1 import tracking_pb2 as pb
from testkit.facts import query_facts
from testkit.heartbeat_client import HeartbeatStream, event
from testkit.tokens import metadata
from testkit.whiteboard_sessions import STUDENT, add_whiteboard_session

if TYPE_CHECKING:
    from astegni.tracking.v1.tracking_pb2_grpc import PresenceQueryServiceAsyncStub as Facts

START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)
STORED = "SELECT started_at, ended_at FROM relay_observation_gaps"


@pytest.fixture
def stream(channel: aio.Channel, relay_token: str) -> HeartbeatStream:
    return HeartbeatStream(channel, relay_token)


def minute(number: float) -> datetime:
    return START + timedelta(minutes=number)


def gap(sequence: int, started_at: datetime, ended_at: datetime, *session_ids: int) -> pb.StreamHeartbeatsRequest:
    made = pb.ObservationGap(sequence=sequence, session_ids=session_ids)
    made.started_at.FromDatetime(started_at)
    made.ended_at.FromDatetime(ended_at)
    return pb.StreamHeartbeatsRequest(gap=made)


async def reported_gaps(facts: Facts, bearer: str, session_id: int) -> int:
    request = pb.GetConnectionMetricsRequest(session_id=session_id)
    request.window_start.FromDatetime(minute(0))
    request.window_end.FromDatetime(minute(60))
    return len((await facts.GetConnectionMetrics(request, metadata=metadata(bearer))).observation_gaps)


async def test_a_gap_takes_a_number_and_concerns_the_sessions_it_names(
    stream: HeartbeatStream, facts: Facts, relay_token: str, database: str
) -> None:
    sessions = [add_whiteboard_session(database) for _ in range(2)]
    await stream.open()
    for number, session_id in enumerate(sessions, start=1):
        await stream.send_events(event(number, "connect", session_id, STUDENT, at=minute(0)))
    await stream.send(gap(3, minute(10), minute(20), sessions[0]))
    await stream.acknowledged(3)
    assert [await reported_gaps(facts, relay_token, session_id) for session_id in sessions] == [1, 0]


async def test_a_gap_without_names_concerns_all_sessions_of_its_stream_and_no_others(
    stream: HeartbeatStream, facts: Facts, channel: aio.Channel, relay_token: str, database: str
) -> None:
    own, others = (add_whiteboard_session(database) for _ in range(2))
    for relay, session_id in ((stream, own), (HeartbeatStream(channel, relay_token), others)):
        await relay.open()
        await relay.send_events(event(1, "connect", session_id, STUDENT, at=minute(0)))
        await relay.acknowledged(1)
    await stream.send(gap(2, minute(10), minute(20)))
    await stream.acknowledged(2)
    assert [await reported_gaps(facts, relay_token, session_id) for session_id in (own, others)] == [1, 0]


async def test_a_gap_that_is_sent_again_is_recorded_once(
    stream: HeartbeatStream, channel: aio.Channel, relay_token: str, database: str
) -> None:
    for relay in (stream, HeartbeatStream(channel, relay_token, stream.stream_id)):
        await relay.open()
        await relay.send(gap(1, minute(0), minute(1)))
        await relay.acknowledged(1)
    assert query_facts(database, STORED) == [(minute(0), minute(1))]


async def test_the_parts_of_a_gap_in_the_future_and_beyond_the_backfill_limit_are_cut_off(
    stream: HeartbeatStream, database: str
) -> None:
    await stream.open()
    now = datetime.now(UTC)
    await stream.send(gap(1, now - timedelta(hours=30), now + timedelta(hours=1)))
    await stream.acknowledged(1)
    ((started_at, ended_at),) = query_facts(database, STORED)
    assert isinstance(started_at, datetime)
    assert isinstance(ended_at, datetime)
    # The service measures PostgreSQL's clock, on a busy machine to some milliseconds.
    inaccuracy = timedelta(seconds=1)
    assert now - inaccuracy <= ended_at <= datetime.now(UTC) + inaccuracy
    assert ended_at - started_at == timedelta(hours=24)


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (pb.StreamHeartbeatsRequest(gap=pb.ObservationGap(sequence=1)), "INVALID_ARGUMENT"),
        (gap(1, minute(1), minute(0)), "INVALID_ARGUMENT"),
        (gap(1, minute(0), minute(1), -1), "INVALID_ARGUMENT"),
        (gap(1, minute(0), minute(1), *range(1, 1_002)), "INVALID_ARGUMENT"),
        (gap(1, minute(-48 * 60), minute(-47 * 60)), "EVENT_TOO_OLD"),
    ],
    ids=["without its times", "ends before it starts", "no session's id", "too many sessions", "too old"],
)
async def test_a_bad_gap_is_rejected_by_its_number_and_the_stream_goes_on(
    stream: HeartbeatStream, database: str, frame: pb.StreamHeartbeatsRequest, reason: str
) -> None:
    await stream.open()
    await stream.send(frame)
    await stream.send(gap(2, minute(0), minute(1)))
    await stream.acknowledged(2)
    assert stream.rejections() == {1: reason}
    assert len(query_facts(database, STORED)) == 1


async def test_only_relays_may_report_gaps(channel: aio.Channel, student_token: str) -> None:
    stream = HeartbeatStream(channel, student_token)
    await stream.open()
    await stream.send(gap(1, minute(0), minute(1)))
    await stream.acknowledged(1)
    assert stream.rejections() == {1: "ROLE_MISSING"}
