"""Observation gaps over real gRPC: a lesson in the past with an outage in the middle."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from grpc import aio

from astegni.tracking.v1 import tracking_pb2 as pb
from testkit.heartbeat_client import HeartbeatStream, event
from testkit.observation import cover
from testkit.postgres import execute
from testkit.tokens import metadata
from testkit.whiteboard_sessions import STUDENT, add_whiteboard_session, columns

if TYPE_CHECKING:
    from astegni.tracking.v1.tracking_pb2_grpc import PresenceQueryServiceAsyncStub as Facts

START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)
LESSON_MINUTES = 60
#: The outage, in minutes of the lesson.
DOWN, UP = 20, 40
CLASSMATE = 202

#: (kind, user, minute)
Delivered = tuple[str, int, float]
Deliver = Callable[..., Awaitable[HeartbeatStream]]
Measure = Callable[[int], Awaitable[pb.GetConnectionMetricsResponse]]


def minute(number: float) -> datetime:
    return START + timedelta(minutes=number)


def minutes(*timestamps: Timestamp) -> tuple[float, ...]:
    return tuple((timestamp.ToDatetime(tzinfo=UTC) - START).total_seconds() / 60 for timestamp in timestamps)


def intervals(found: pb.ParticipantMetrics) -> list[tuple[float, float, bool]]:
    return [(*minutes(one.started_at, one.ended_at), one.assumed) for one in found.intervals]  # type: ignore[misc]


def unknown(found: pb.ParticipantMetrics) -> list[tuple[float, ...]]:
    return [minutes(one.started_at, one.ended_at) for one in found.unknown]


def gaps(found: pb.GetConnectionMetricsResponse) -> list[tuple[float, ...]]:
    return [minutes(one.started_at, one.ended_at) for one in found.observation_gaps]


def student(found: pb.GetConnectionMetricsResponse, user_id: int = STUDENT) -> pb.ParticipantMetrics:
    (one,) = [participant for participant in found.participants if participant.user_id == user_id]
    return one


@pytest.fixture
def outage(database: str) -> None:
    cover(database, minute(-60), minute(DOWN))
    cover(database, minute(UP), datetime.now(UTC) + timedelta(minutes=1))


@pytest.fixture
def deliver(channel: aio.Channel, relay_token: str) -> Deliver:
    """Stream a history and wait for its ack."""

    async def deliver_events(session_id: int, *history: Delivered) -> HeartbeatStream:
        stream = HeartbeatStream(channel, relay_token)
        await stream.open()
        events = [
            event(number, kind, session_id, user, at=minute(at)) for number, (kind, user, at) in enumerate(history, 1)
        ]
        await stream.send_batch(events)
        await stream.acknowledged(len(events))
        return stream

    return deliver_events


@pytest.fixture
def measure(facts: Facts, relay_token: str) -> Measure:
    async def measured(session_id: int) -> pb.GetConnectionMetricsResponse:
        request = pb.GetConnectionMetricsRequest(session_id=session_id)
        request.window_start.FromDatetime(minute(0))
        request.window_end.FromDatetime(minute(LESSON_MINUTES))
        return await facts.GetConnectionMetrics(request, metadata=metadata(relay_token))

    return measured


@pytest.mark.usefixtures("outage")
async def test_a_participant_seen_on_both_sides_is_assumed_present(
    deliver: Deliver, measure: Measure, session_id: int, database: str
) -> None:
    await deliver(session_id, ("connect", STUDENT, 19), ("heartbeat", STUDENT, 19.5), ("heartbeat", STUDENT, 40.5))
    answer = await measure(session_id)
    found = student(answer)
    assert intervals(found) == [(19, 19.5, False), (19.5, 40.5, True), (40.5, 40.5, False)]
    assert (found.active_seconds, found.total_active_seconds, found.reconnect_count) == (1290, 1290, 0)
    assert columns(database, session_id, "student_total_active_seconds") == (30,)
    assert (gaps(answer), answer.student_total_active_seconds) == ([(DOWN, UP)], 1290)


@pytest.mark.usefixtures("outage")
async def test_a_participant_seen_on_one_side_is_unknown_in_the_gap(
    deliver: Deliver, measure: Measure, database: str
) -> None:
    session_id = add_whiteboard_session(database, students=[STUDENT, CLASSMATE])
    await deliver(session_id, ("connect", STUDENT, 19.5), ("connect", CLASSMATE, 40.5))
    answer = await measure(session_id)
    assert unknown(student(answer)) == unknown(student(answer, CLASSMATE)) == [(DOWN, UP)]


async def test_who_left_while_all_replicas_stood_still_is_unknown_although_one_of_them_stopped_a_little_earlier(
    deliver: Deliver, measure: Measure, session_id: int, database: str
) -> None:
    stopped, later = DOWN - 0.02, datetime.now(UTC) + timedelta(minutes=1)
    for down, up in ((stopped, UP + 0.02), (DOWN, UP)):
        replica_id = uuid4()
        cover(database, minute(-60), minute(down), replica_id=replica_id)
        cover(database, minute(up), later, replica_id=replica_id)
    # The one that stopped first reads that the student has left.
    await deliver(session_id, ("connect", STUDENT, 19), ("disconnect", STUDENT, stopped))
    assert unknown(student(await measure(session_id))) == [(DOWN, UP)]


@pytest.mark.usefixtures("outage")
async def test_a_participant_seen_on_neither_side_is_absent_and_the_gap_is_reported(
    deliver: Deliver, measure: Measure, session_id: int
) -> None:
    await deliver(session_id, ("connect", STUDENT, 5), ("disconnect", STUDENT, 6))
    answer = await measure(session_id)
    assert (unknown(student(answer)), gaps(answer)) == ([], [(DOWN, UP)])


@pytest.mark.usefixtures("outage")
async def test_a_participant_first_seen_by_a_heartbeat_after_a_gap_is_assumed_present_since_it_began(
    deliver: Deliver, measure: Measure, session_id: int
) -> None:
    await deliver(session_id, ("heartbeat", STUDENT, 41))
    found = student(await measure(session_id))
    assert intervals(found) == [(DOWN, 41, True), (41, 41, False)]
    assert minutes(found.arrival_uncertain_since) == (DOWN,)


async def test_nothing_is_known_from_before_coverage_was_first_recorded(measure: Measure, session_id: int) -> None:
    answer = await measure(session_id)
    whole = [(0, LESSON_MINUTES)]
    assert gaps(answer) == whole
    assert [unknown(participant) for participant in answer.participants] == [whole, whole]


async def test_there_is_no_gap_before_coverage_was_first_recorded_if_a_relay_delivered_events_from_then(
    deliver: Deliver, measure: Measure, session_id: int
) -> None:
    await deliver(session_id, ("connect", STUDENT, 19.5))
    answer = await measure(session_id)
    assert (gaps(answer), unknown(student(answer))) == ([], [])


async def test_nothing_is_known_of_a_window_without_coverage(
    deliver: Deliver, measure: Measure, session_id: int, database: str
) -> None:
    cover(database, minute(-60), minute(-20))
    cover(database, minute(LESSON_MINUTES + 20), datetime.now(UTC) + timedelta(minutes=1))
    await deliver(session_id, ("connect", STUDENT, -40), ("disconnect", STUDENT, -30))
    answer = await measure(session_id)
    assert [unknown(participant) for participant in answer.participants] == [[(0, LESSON_MINUTES)]] * 2


@pytest.mark.usefixtures("outage")
async def test_assumed_presence_of_a_class_is_the_union_over_its_students(
    deliver: Deliver, measure: Measure, database: str
) -> None:
    session_id = add_whiteboard_session(database, students=[STUDENT, CLASSMATE])
    both = [("connect", user, 20.0) for user in (STUDENT, CLASSMATE)]
    await deliver(session_id, *both, ("heartbeat", STUDENT, 40), ("heartbeat", CLASSMATE, 40))
    answer = await measure(session_id)
    assert [student(answer, user).total_active_seconds for user in (STUDENT, CLASSMATE)] == [1200, 1200]
    assert answer.student_total_active_seconds == 1200


@pytest.mark.usefixtures("outage")
async def test_a_stream_that_went_on_after_the_gap_missed_nothing(
    deliver: Deliver, measure: Measure, session_id: int, database: str
) -> None:
    await deliver(session_id, ("connect", STUDENT, 19.5))
    execute(database, f"UPDATE heartbeat_streams SET opened_at = '{minute(-10)}'")  # noqa: S608
    answer = await measure(session_id)
    assert (gaps(answer), unknown(student(answer))) == ([], [])


@pytest.mark.usefixtures("outage")
async def test_a_stream_that_went_on_after_the_gap_and_expired_missed_nothing(
    deliver: Deliver, measure: Measure, session_id: int, database: str
) -> None:
    stream = await deliver(session_id, ("connect", STUDENT, 19.5))
    execute(
        database,
        f"""WITH expired AS (DELETE FROM heartbeat_streams WHERE stream_id = '{stream.stream_id}' RETURNING *)
            INSERT INTO expired_relay_streams
            SELECT stream_id, '{minute(-10)}', last_committed_at FROM expired""",  # noqa: S608
    )
    assert gaps(await measure(session_id)) == []


@pytest.mark.usefixtures("outage")
async def test_a_participants_own_stream_does_not_cover_a_gap(
    measure: Measure, channel: aio.Channel, student_token: str, session_id: int, database: str
) -> None:
    stream = HeartbeatStream(channel, student_token)
    await stream.open()
    await stream.send_events(event(1, "connect", session_id, None))
    await stream.acknowledged(1)
    execute(database, f"UPDATE heartbeat_streams SET opened_at = '{minute(-10)}'")  # noqa: S608
    assert gaps(await measure(session_id)) == [(DOWN, UP)]
