"""One session is flooded with events: its log, its answers and its rows stay small, and others are served."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from grpc import aio

from astegni.tracking.v1 import tracking_pb2 as pb
from testkit.facts import query_facts
from testkit.heartbeat_client import HeartbeatStream, event
from testkit.postgres import execute
from testkit.tokens import metadata
from testkit.tracking_app import tracking_settings
from testkit.whiteboard_sessions import TUTOR, columns
from tracking_service.domain.activity import MAX_TYPES_PER_PERIOD, OTHER
from tracking_service.domain.connection_log import MAX_UNFOLDED
from tracking_service.domain.presence import MAX_OPEN_CONNECTIONS
from tracking_service.settings import TrackingSettings

if TYPE_CHECKING:
    from astegni.tracking.v1.tracking_pb2_grpc import TrackingServiceAsyncStub as Tracking

BATCH = 1_000
BATCHES = 5
MAX_ANSWER_BYTES = 100_000


@pytest.fixture(scope="module")
def module_settings(module_database: str) -> Iterator[TrackingSettings]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield tracking_settings(module_database, monkeypatch, MAX_EVENTS_PER_SECOND_PER_USER="10000")


async def status(tracking: Tracking, bearer: str, session_id: int) -> pb.GetConnectionStatusResponse:
    request = pb.GetConnectionStatusRequest(session_id=session_id)
    answer: pb.GetConnectionStatusResponse = await tracking.GetConnectionStatus(request, metadata=metadata(bearer))
    return answer


def tutors_event(
    number: int, kind: str, session_id: int, *, connection_id: str = "", activity_type: str = ""
) -> pb.PresenceEvent:
    return event(
        number,
        kind,
        session_id,
        TUTOR,
        user_type="tutor",
        connection_id=connection_id,
        activity_type=activity_type,
    )


async def test_a_flood_of_connection_ids_leaves_a_short_log_that_says_how_much_was_folded(
    tracking: Tracking, channel: aio.Channel, tutor_token: str, session_id: int, database: str
) -> None:
    stream = HeartbeatStream(channel, tutor_token)
    await stream.open()
    for batch in range(BATCHES):
        first = batch * BATCH + 1
        names = [str(uuid4()) for _ in range(BATCH // 2)]
        await stream.send_batch(
            tutors_event(first + 2 * index + offset, kind, session_id, connection_id=name)
            for index, name in enumerate(names)
            for offset, kind in enumerate(("connect", "disconnect"))
        )
    await stream.acknowledged(BATCH * BATCHES)
    found = await status(tracking, tutor_token, session_id)
    (logs,) = columns(database, session_id, "connection_logs")
    assert isinstance(logs, list)
    assert len(logs) == len(found.connection_logs) <= MAX_UNFOLDED + 1
    assert found.ByteSize() < MAX_ANSWER_BYTES
    (folded,) = [entry for entry in found.connection_logs if entry.event == "folded"]
    assert folded.folded_count + len(found.connection_logs) - 1 == BATCH * BATCHES
    assert folded.timestamp.ToDatetime() < folded.folded_until.ToDatetime()


async def test_a_flood_of_open_connections_is_remembered_in_part(
    channel: aio.Channel, tutor_token: str, session_id: int, database: str
) -> None:
    stream = HeartbeatStream(channel, tutor_token)
    await stream.open()
    await stream.send_batch(
        tutors_event(number, "connect", session_id, connection_id=str(uuid4())) for number in range(1, BATCH + 1)
    )
    await stream.acknowledged(BATCH)
    remembered = "SELECT count(*) FROM presence_intervals, jsonb_object_keys(connections::jsonb)"
    assert query_facts(database, remembered) == [(MAX_OPEN_CONNECTIONS,)]


async def test_a_flood_of_activity_types_is_counted_under_one_name(
    channel: aio.Channel, tutor_token: str, session_id: int, database: str
) -> None:
    stream = HeartbeatStream(channel, tutor_token)
    await stream.open()
    await stream.send_batch(
        tutors_event(number, "heartbeat", session_id, activity_type=f"word_{number}") for number in range(1, BATCH + 1)
    )
    await stream.acknowledged(BATCH)
    await stream.send_batch(
        tutors_event(number, "heartbeat", session_id, activity_type=f"word_{number}")
        for number in range(BATCH + 1, 2 * BATCH + 1)
    )
    await stream.acknowledged(2 * BATCH)
    # The events may fall into two periods.
    ((types, counted, others),) = query_facts(
        database,
        f"""SELECT count(DISTINCT activity_type) <= {2 * MAX_TYPES_PER_PERIOD + 1}, sum(occurrences)::integer,
            bool_or(activity_type = '{OTHER}') FROM activity_periods""",  # noqa: S608
    )
    assert (types, counted, others) == (True, 2 * BATCH, True)


async def test_a_log_that_grew_too_long_before_is_answered_short_and_is_short_after_the_next_event(
    tracking: Tracking, tutor_token: str, session_id: int, database: str
) -> None:
    entry = '{"user_id": 101, "user_type": "tutor", "event": "connect", "timestamp": "2026-03-02T12:00:00+00:00"}'
    execute(
        database,
        f"""UPDATE whiteboard_sessions SET connection_logs = (
            SELECT jsonb_agg('{entry}'::jsonb) FROM generate_series(1, 5000)) WHERE id = {session_id}""",  # noqa: S608
    )
    assert (await status(tracking, tutor_token, session_id)).ByteSize() < MAX_ANSWER_BYTES
    request = pb.ConnectRequest(session_id=session_id, user_type=pb.tutor)
    await tracking.Connect(request, metadata=metadata(tutor_token))
    (logs,) = columns(database, session_id, "connection_logs")
    assert isinstance(logs, list)
    assert len(logs) <= MAX_UNFOLDED
    assert logs[-1]["event"] == "connect"
