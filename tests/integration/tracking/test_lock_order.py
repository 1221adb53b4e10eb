"""All transactions of all replicas lock rows in one order: no deadlocks (docs/streams.md#group-commit)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg2
import pytest
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class with a small name

from servicekit.clock import seconds
from servicekit.database.engine import Database
from servicekit.identifiers import UserId, WhiteboardSessionId
from testkit.clock import SettableClock
from testkit.eventually import eventually
from testkit.postgres import query
from testkit.whiteboard_sessions import STUDENT, TUTOR, add_whiteboard_session, intervals
from tracking_service.domain.events import EventKind, Participant, PresenceEvent, UserType
from tracking_service.domain.heartbeat_batch import PlainHeartbeat, participant_key
from tracking_service.recording.recorder import Recorder
from tracking_service.recording.submission import UNNUMBERED, NumberedEvent, Submission
from tracking_service.store import heartbeat_update
from tracking_service.store.sql import FIND_ROWS_BY_KEY

TIMEOUT = seconds(75)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SESSION = "SELECT FROM whiteboard_sessions WHERE id = %s FOR NO KEY UPDATE"
INTERVALS = "SELECT FROM presence_intervals WHERE whiteboard_session_id = %s FOR NO KEY UPDATE"


@pytest.fixture(autouse=True, params=[1, heartbeat_update.MIN_ROWS_FOR_HALVES], ids=["large", "small"])
def _every_flush_is_large_or_small(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.setattr(heartbeat_update, "MIN_ROWS_FOR_HALVES", request.param)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOON)


@pytest.fixture
def recorder(database: str, clock: SettableClock) -> Iterator[Recorder]:
    with running_recorder(database, clock) as recorder:
        yield recorder


@pytest.fixture
def other_recorder(database: str, clock: SettableClock) -> Iterator[Recorder]:
    with running_recorder(database, clock) as recorder:
        yield recorder


@contextmanager
def running_recorder(database: str, clock: SettableClock) -> Iterator[Recorder]:
    pool = Database(database, role="tracking_service", application="test", pool_size=3, parameters=FIND_ROWS_BY_KEY)
    yield Recorder(pool, clock, timeout=TIMEOUT)
    pool.dispose()


def connect(session_id: int, clock: SettableClock, user_id: int = STUDENT) -> NumberedEvent:
    role = UserType.TUTOR if user_id == TUTOR else UserType.STUDENT
    participant = Participant(WhiteboardSessionId(session_id), UserId(user_id), role)
    return NumberedEvent(UNNUMBERED, PresenceEvent(participant, EventKind.CONNECT, clock.now()))


def heartbeat(session_id: int, clock: SettableClock) -> PlainHeartbeat:
    return PlainHeartbeat(UNNUMBERED, participant_key(session_id, STUDENT, is_student=True), clock.now(), "")


@contextmanager
def other_transaction(database: str) -> Iterator[Cursor]:
    """Run a transaction of another process, and commit it at the end of the block."""
    connection = psycopg2.connect(database)
    try:
        with connection, connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


async def waits_for(database: str, other: Cursor) -> None:
    """Return when a transaction waits for the other one."""
    blocked = f"SELECT FROM pg_stat_activity WHERE {other.connection.info.backend_pid} = ANY (pg_blocking_pids(pid))"
    await eventually(lambda: query(database, blocked))


async def test_flushes_of_two_replicas_with_events_of_both_kinds_wait_for_each_other_in_one_direction(
    recorder: Recorder, other_recorder: Recorder, clock: SettableClock, database: str
) -> None:
    sessions = [add_whiteboard_session(database) for _ in range(2)]
    recorder.write([Submission(None, [connect(session_id, clock) for session_id in sessions])])
    clock.advance(60)
    flushes = [
        [Submission(None, [connect(connecting, clock, TUTOR)], heartbeats=[heartbeat(beating, clock)])]
        for beating, connecting in (sessions, reversed(sessions))
    ]
    with ThreadPoolExecutor() as threads:
        with other_transaction(database) as first, other_transaction(database) as second:
            # Each flush stops when it has locked the interval of its heartbeat.
            for holder, session_id in zip((first, second), sessions, strict=True):
                holder.execute(SESSION, (session_id,))
            writing = [
                threads.submit(replica.write, flush)
                for replica, flush in zip((recorder, other_recorder), flushes, strict=True)
            ]
            for holder in (first, second):
                await waits_for(database, holder)
        for written in writing:
            written.result()
    for session_id in sessions:
        assert [length for _, length, _ in intervals(database, session_id)] == [0.0, 60.0]


async def test_who_has_locked_a_session_never_waits_for_an_interval_that_was_opened_meanwhile(
    recorder: Recorder, clock: SettableClock, database: str
) -> None:
    session_id, of_heartbeat = (add_whiteboard_session(database) for _ in range(2))
    recorder.write([Submission(None, [connect(of_heartbeat, clock)])])
    flush = [Submission(None, [connect(session_id, clock, TUTOR)], heartbeats=[heartbeat(of_heartbeat, clock)])]
    opened = """
        INSERT INTO presence_intervals (whiteboard_session_id, user_id, user_type, started_at, ended_at, last_sign_at)
        VALUES (%s, %s, 'student', %s, %s, %s)"""
    with ThreadPoolExecutor() as threads:
        with other_transaction(database) as heartbeats:
            with other_transaction(database) as general:
                general.execute(SESSION, (session_id,))
                writing = threads.submit(recorder.write, flush)
                await waits_for(database, general)
                with other_transaction(database) as opening:
                    opening.execute(opened, (session_id, STUDENT, NOON, NOON, NOON))
                heartbeats.execute(INTERVALS, (session_id,))
            await waits_for(database, heartbeats)
            heartbeats.execute(f"{SESSION} NOWAIT", (session_id,))
        writing.result()
    assert len(intervals(database, session_id)) == len((TUTOR, STUDENT))
