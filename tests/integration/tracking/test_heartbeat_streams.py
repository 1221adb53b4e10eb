"""StreamHeartbeats: acknowledgements, resuming, and every way in which a stream ends (docs/streams.md)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from grpc import StatusCode, aio

from astegni.tracking.v1 import tracking_pb2
from testkit.facts import query_facts
from testkit.heartbeat_client import HeartbeatStream, event
from testkit.postgres import execute
from testkit.tokens import token
from testkit.whiteboard_sessions import RELAY, STUDENT, TUTOR, add_whiteboard_session, columns, intervals

#: A lesson that began two hours ago: relays deliver history.
START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
OPEN_FRAME = tracking_pb2.StreamHeartbeatsRequest(open=tracking_pb2.OpenStream(stream_id=str(uuid4())))


@pytest.fixture
def stream(channel: aio.Channel, relay_token: str) -> HeartbeatStream:
    return HeartbeatStream(channel, relay_token)


def minute(number: float) -> datetime:
    return START + timedelta(minutes=number)


async def test_the_first_response_has_the_committed_number_and_the_intervals(stream: HeartbeatStream) -> None:
    opened = await stream.open()
    assert opened.committed_sequence == 0
    assert opened.heartbeat_interval.ToTimedelta() == timedelta(seconds=15)
    assert opened.presence_timeout.ToTimedelta() == timedelta(seconds=75)
    assert opened.max_unacknowledged > 0


async def test_acknowledged_events_are_in_the_database(stream: HeartbeatStream, database: str, session_id: int) -> None:
    await stream.open()
    await stream.send_events(
        event(1, "connect", session_id, STUDENT, at=minute(0)), event(2, "heartbeat", session_id, STUDENT, at=minute(1))
    )
    await stream.acknowledged(2)
    assert intervals(database, session_id) == [(STUDENT, 60.0, "timed_out")]


async def test_a_batch_carries_events_of_many_participants(stream: HeartbeatStream, database: str) -> None:
    sessions = [add_whiteboard_session(database, students=[200 + number]) for number in range(20)]
    await stream.open()
    await stream.send_batch(
        event(number + 1, "connect", session, 200 + number, at=minute(number))
        for number, session in enumerate(sessions)
    )
    await stream.acknowledged(20)
    assert [columns(database, session, "student_connected_at") for session in sessions] == [
        (minute(number),) for number in range(20)
    ]


async def test_one_bad_event_is_rejected_by_its_number_and_its_neighbours_are_kept(
    stream: HeartbeatStream, database: str, session_id: int
) -> None:
    await stream.open()
    await stream.send_batch(
        [
            event(1, "connect", session_id, STUDENT, at=minute(0)),
            event(2, "connect", 999_999, STUDENT, at=minute(0)),
            event(3, "connect", session_id, 31_337, at=minute(0)),
            event(4, "connect", session_id, None, at=minute(0)),
            event(5, "connect", session_id, STUDENT, at=datetime.now(UTC) - timedelta(hours=25)),
            event(6, "heartbeat", session_id, STUDENT, activity_type="NO SUCH", at=minute(0)),
            event(7, "heartbeat", session_id, STUDENT, at=minute(1)),
        ]
    )
    await stream.acknowledged(7)
    assert stream.rejections() == {
        2: "WHITEBOARD_SESSION_NOT_FOUND",
        3: "NOT_A_PARTICIPANT",
        4: "INVALID_ARGUMENT",
        5: "EVENT_TOO_OLD",
        6: "INVALID_ARGUMENT",
    }
    assert intervals(database, session_id) == [(STUDENT, 60.0, "timed_out")]


async def test_a_rejection_is_sent_once(stream: HeartbeatStream, session_id: int) -> None:
    await stream.open()
    await stream.send_events(event(1, "connect", 999_999, STUDENT, at=minute(0)))
    await stream.acknowledged(1)
    await stream.send_events(event(2, "connect", session_id, STUDENT, at=minute(0)))
    last = await stream.acknowledged(2)
    assert list(last.rejections) == []


async def test_resuming_goes_on_after_what_is_committed(
    channel: aio.Channel, stream: HeartbeatStream, relay_token: str, session_id: int
) -> None:
    await stream.open()
    await stream.send_events(event(1, "connect", session_id, STUDENT, at=minute(0)))
    await stream.acknowledged(1)
    await stream.half_close()
    assert await stream.end() == StatusCode.OK
    again = HeartbeatStream(channel, relay_token, stream.stream_id)
    assert (await again.open()).committed_sequence == 1


async def test_a_number_that_is_committed_is_acknowledged_again_and_changes_nothing(
    stream: HeartbeatStream, database: str, session_id: int
) -> None:
    await stream.open()
    drawing = event(1, "heartbeat", session_id, STUDENT, activity_type="draw", at=minute(0))
    await stream.send_events(drawing)
    await stream.acknowledged(1)
    await stream.send_events(drawing)
    assert (await stream.receive()).ack.committed_sequence == 1
    assert query_facts(database, "SELECT occurrences FROM activity_periods") == [(1,)]


async def test_at_a_gap_in_the_numbers_what_came_before_is_kept_and_the_stream_ends(
    stream: HeartbeatStream, database: str, session_id: int
) -> None:
    await stream.open()
    await stream.send_batch(
        [
            event(1, "connect", session_id, STUDENT, at=minute(0)),
            event(3, "heartbeat", session_id, STUDENT, at=minute(1)),
        ]
    )
    assert await stream.end() == StatusCode.OUT_OF_RANGE
    assert stream.acks[-1].committed_sequence == 1
    assert intervals(database, session_id) == [(STUDENT, 0.0, "timed_out")]


async def test_a_second_stream_with_the_same_id_ends_the_first(
    channel: aio.Channel, stream: HeartbeatStream, relay_token: str
) -> None:
    await stream.open()
    second = HeartbeatStream(channel, relay_token, stream.stream_id)
    await second.open()
    assert await stream.end() == StatusCode.ABORTED


async def test_a_stream_taken_over_at_another_replica_writes_no_more(
    stream: HeartbeatStream, database: str, session_id: int
) -> None:
    await stream.open()
    execute(database, "UPDATE heartbeat_streams SET epoch = epoch + 1")  # what the other replica does
    await stream.send_events(event(1, "connect", session_id, STUDENT, at=minute(0)))
    assert await stream.end() == StatusCode.ABORTED
    assert intervals(database, session_id) == []


async def test_a_stream_belongs_to_the_identity_that_opened_it(
    channel: aio.Channel, stream: HeartbeatStream, student_token: str, session_id: int
) -> None:
    await stream.open()
    other_caller = HeartbeatStream(channel, student_token, stream.stream_id)
    with pytest.raises(aio.AioRpcError) as refused:
        await other_caller.open()
    assert refused.value.code() == StatusCode.PERMISSION_DENIED
    await stream.send_events(event(1, "connect", session_id, STUDENT, at=minute(0)))
    await stream.acknowledged(1)


async def test_a_participant_streams_with_their_own_token_and_the_services_clock(
    channel: aio.Channel, student_token: str, database: str, session_id: int
) -> None:
    stream = HeartbeatStream(channel, student_token)
    await stream.open()
    await stream.send_events(event(1, "connect", session_id, None, at=minute(0)))
    await stream.acknowledged(1)
    (connected_at,) = columns(database, session_id, "student_connected_at")
    assert connected_at > minute(60)


async def test_a_relays_event_from_the_future_is_taken_as_now(
    stream: HeartbeatStream, database: str, session_id: int
) -> None:
    await stream.open()
    await stream.send_events(event(1, "connect", session_id, STUDENT, at=datetime.now(UTC) + timedelta(hours=5)))
    await stream.acknowledged(1)
    (connected_at, now) = columns(database, session_id, "student_connected_at", "now()")
    assert connected_at <= now


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(OPEN_FRAME, id="opened twice"),
        pytest.param(tracking_pb2.StreamHeartbeatsRequest(), id="empty"),
        pytest.param(tracking_pb2.StreamHeartbeatsRequest(batch=tracking_pb2.PresenceEventBatch()), id="empty batch"),
        pytest.param(tracking_pb2.StreamHeartbeatsRequest(event=tracking_pb2.PresenceEvent()), id="no number"),
    ],
)
async def test_an_invalid_frame_ends_the_stream(
    stream: HeartbeatStream, frame: tracking_pb2.StreamHeartbeatsRequest
) -> None:
    await stream.open()
    await stream.send(frame)
    assert await stream.end() == StatusCode.INVALID_ARGUMENT


async def test_the_first_frame_must_open_the_stream(stream: HeartbeatStream, session_id: int) -> None:
    await stream.send_events(event(1, "connect", session_id, STUDENT))
    assert await stream.end() == StatusCode.INVALID_ARGUMENT


async def test_a_stream_ends_when_its_token_has_expired_and_keeps_what_came_before(
    channel: aio.Channel, session_id: int
) -> None:
    # Expired 25 s ago: the 30 s of grace end soon, but not before the event is sent.
    stream = HeartbeatStream(channel, token(RELAY, "service", lifetime=timedelta(seconds=-25)))
    await stream.open()
    await stream.send_events(event(1, "connect", session_id, STUDENT, at=minute(0)))
    assert await stream.end() == StatusCode.UNAUTHENTICATED
    assert stream.acks[-1].committed_sequence == 1


async def test_no_event_is_lost_with_the_database_connections(
    stream: HeartbeatStream, database: str, session_id: int
) -> None:
    await stream.open()
    terminate = """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'tracking_service' AND datname = current_database()"""
    for number in range(5):
        execute(database, terminate)
        await stream.send_events(event(number + 1, "heartbeat", session_id, STUDENT, at=minute(number)))
        await stream.acknowledged(number + 1)
    assert intervals(database, session_id) == [(STUDENT, 240.0, "timed_out")]


async def test_tutor_and_student_are_kept_apart(stream: HeartbeatStream, database: str, session_id: int) -> None:
    await stream.open()
    await stream.send_events(
        event(1, "connect", session_id, TUTOR, user_type="tutor", at=minute(0)),
        event(2, "connect", session_id, STUDENT, at=minute(2)),
    )
    await stream.acknowledged(2)
    assert columns(database, session_id, "tutor_connected_at", "student_connected_at") == (minute(0), minute(2))
