"""Heartbeats as columns have the outcomes and become the facts of a batch (docs/streams.md#heartbeats-as-columns)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from grpc import StatusCode, aio

from astegni.tracking.v1 import tracking_pb2
from testkit.heartbeat_client import HeartbeatStream, event
from testkit.tokens import token
from testkit.whiteboard_sessions import STUDENT, add_whiteboard_session, intervals

#: A lesson that began an hour ago: relays deliver history.
START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
STUDENTS = range(201, 221)
NO_SESSION = 999_999
STRANGER = 31_337
ROWS = 300


class Row(NamedTuple):
    #: Which of the sessions; None: one that does not exist.
    session: int | None
    user_id: int
    at: datetime
    connection_id: str


def drawn(seed: int, sessions: int) -> list[Row]:
    """Draw heartbeats of several tabs, with silences, and some that are rejected."""
    chance = random.Random(seed)
    return [
        Row(
            chance.choice([*range(sessions)] * 5 + [None]),
            chance.choice([*STUDENTS] * 2 + [STRANGER, 0]),
            START + timedelta(seconds=chance.choice([-25 * 3600, *[chance.randrange(1_800)] * 20])),
            chance.choice(["", "", "tab", "phone", "x" * 65]),
        )
        for _ in range(ROWS)
    ]


def as_batch(rows: Sequence[Row], sessions: Sequence[int]) -> tracking_pb2.StreamHeartbeatsRequest:
    events = (
        event(
            number,
            "heartbeat",
            NO_SESSION if row.session is None else sessions[row.session],
            row.user_id,
            at=row.at,
            connection_id=row.connection_id,
        )
        for number, row in enumerate(rows, 1)
    )
    return tracking_pb2.StreamHeartbeatsRequest(batch=tracking_pb2.PresenceEventBatch(events=events))


def as_columns(
    rows: Sequence[Row], sessions: Sequence[int], first_sequence: int = 1
) -> tracking_pb2.StreamHeartbeatsRequest:
    ids = sorted({row.connection_id for row in rows} - {""})
    columns = tracking_pb2.PresenceHeartbeats(
        first_sequence=first_sequence,
        session_ids=[NO_SESSION if row.session is None else sessions[row.session] for row in rows],
        user_ids=[row.user_id for row in rows],
        user_types=[tracking_pb2.student] * len(rows),
        observed_after_microseconds=[(row.at - START) // timedelta(microseconds=1) for row in rows],
        connection_ids=ids,
        connections=[ids.index(row.connection_id) + 1 if row.connection_id else 0 for row in rows],
    )
    columns.observed_at.FromDatetime(START)
    return tracking_pb2.StreamHeartbeatsRequest(heartbeats=columns)


async def deliver(
    channel: aio.Channel, bearer: str, frame: tracking_pb2.StreamHeartbeatsRequest, last: int
) -> dict[int, str]:
    """Send a frame over a stream of its own, and return what was rejected, and why."""
    stream = HeartbeatStream(channel, bearer)
    await stream.open()
    await stream.send(frame)
    await stream.acknowledged(last)
    await stream.half_close()
    assert await stream.end() == StatusCode.OK
    return stream.rejections()


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_outcomes_and_facts_are_those_of_a_batch(
    channel: aio.Channel, relay_token: str, database: str, seed: int
) -> None:
    of_batch, of_columns = ([add_whiteboard_session(database, students=STUDENTS) for _ in range(3)] for _ in range(2))
    rows = drawn(seed, sessions=3)
    by_batch = await deliver(channel, relay_token, as_batch(rows, of_batch), ROWS)
    by_columns = await deliver(channel, relay_token, as_columns(rows, of_columns), ROWS)
    assert set(by_batch.values()) == {
        "EVENT_TOO_OLD",
        "INVALID_ARGUMENT",
        "NOT_A_PARTICIPANT",
        "WHITEBOARD_SESSION_NOT_FOUND",
    }
    assert by_columns == by_batch
    facts = [intervals(database, session) for session in of_batch]
    assert all(facts)
    assert [intervals(database, session) for session in of_columns] == facts


async def test_a_frame_that_is_sent_again_is_acknowledged_and_changes_nothing(
    channel: aio.Channel, relay_token: str, database: str, session_id: int
) -> None:
    rows = [Row(0, STUDENT, START + timedelta(minutes=minute), "tab") for minute in range(4)]
    stream = HeartbeatStream(channel, relay_token)
    assert (await stream.open()).accepts_heartbeats
    await stream.send(as_columns(rows[:3], [session_id]))
    await stream.acknowledged(3)
    # It overlaps with what is committed.
    await stream.send(as_columns(rows[1:], [session_id], first_sequence=2))
    await stream.acknowledged(4)
    assert intervals(database, session_id) == [(STUDENT, 180.0, "timed_out")]


async def test_a_missing_number_ends_the_stream_after_what_came_before(
    channel: aio.Channel, relay_token: str, database: str, session_id: int
) -> None:
    rows = [Row(0, STUDENT, START + timedelta(minutes=minute), "") for minute in range(3)]
    stream = HeartbeatStream(channel, relay_token)
    await stream.open()
    await stream.send(as_columns(rows[:2], [session_id]))
    await stream.send(as_columns(rows[2:], [session_id], first_sequence=4))
    assert await stream.end() == StatusCode.OUT_OF_RANGE
    assert intervals(database, session_id) == [(STUDENT, 60.0, "timed_out")]


async def test_a_participant_may_send_columns_of_their_own(
    channel: aio.Channel, database: str, session_id: int
) -> None:
    frame = as_columns([Row(0, STUDENT, START, "tab")] * 3, [session_id])
    frame.heartbeats.ClearField("user_ids")
    assert await deliver(channel, token(STUDENT, "student"), frame, 3) == {}
    assert [user for user, _, _ in intervals(database, session_id)] == [STUDENT]


async def test_columns_that_do_not_fit_together_end_the_stream(
    channel: aio.Channel, relay_token: str, session_id: int
) -> None:
    frame = as_columns([Row(0, STUDENT, START, "")], [session_id])
    frame.heartbeats.user_ids.append(STUDENT)
    stream = HeartbeatStream(channel, relay_token)
    await stream.open()
    await stream.send(frame)
    assert await stream.end() == StatusCode.INVALID_ARGUMENT
