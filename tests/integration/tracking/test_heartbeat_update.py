"""A large flush is written over two connections at once (docs/adr/0006-how-events-are-written.md)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from servicekit.clock import seconds
from servicekit.database.engine import Database
from servicekit.errors import StorageConflict
from servicekit.identifiers import UserId, WhiteboardSessionId
from testkit.clock import SettableClock
from testkit.whiteboard_sessions import STUDENT, add_whiteboard_session, intervals
from tracking_service.domain.events import EventKind, Participant, PresenceEvent, UserType
from tracking_service.domain.heartbeat_batch import PlainHeartbeat, participant_key
from tracking_service.recording.recorder import Recorder
from tracking_service.recording.submission import UNNUMBERED, NumberedEvent, Outcome, Submission
from tracking_service.store import heartbeat_update

TIMEOUT = seconds(75)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LOCK = text("SELECT FROM whiteboard_sessions WHERE id = :id FOR UPDATE")


@pytest.fixture(autouse=True)
def _every_flush_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat_update, "MIN_ROWS_FOR_HALVES", 1)


@pytest.fixture
def pool(database: str) -> Iterator[Database]:
    pool = Database(
        database, role="tracking_service", application="test", pool_size=3, parameters={"lock_timeout": "100ms"}
    )
    yield pool
    pool.dispose()


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOON)


@pytest.fixture
def recorder(pool: Database, clock: SettableClock) -> Recorder:
    return Recorder(pool, clock, timeout=TIMEOUT)


@pytest.fixture
def sessions(database: str) -> list[int]:
    """One even, one odd."""
    return [add_whiteboard_session(database) for _ in range(2)]


def connect(recorder: Recorder, clock: SettableClock, session_id: int) -> None:
    student = Participant(WhiteboardSessionId(session_id), UserId(STUDENT), UserType.STUDENT)
    event = PresenceEvent(student, EventKind.CONNECT, clock.now())
    recorder.write([Submission(None, [NumberedEvent(UNNUMBERED, event)])])


def send_heartbeats(recorder: Recorder, clock: SettableClock, sessions: list[int]) -> list[Outcome]:
    keys = [participant_key(session_id, STUDENT, is_student=True) for session_id in sessions]
    heartbeats = [PlainHeartbeat(UNNUMBERED, key, clock.now(), "") for key in keys]
    return recorder.write([Submission(None, heartbeats=heartbeats)])


def durations(database: str, sessions: list[int]) -> list[list[float]]:
    return [[length for _, length, _ in intervals(database, session_id)] for session_id in sessions]


def test_both_halves_are_written(recorder: Recorder, clock: SettableClock, database: str, sessions: list[int]) -> None:
    for session_id in sessions:
        connect(recorder, clock, session_id)
    clock.advance(60)
    send_heartbeats(recorder, clock, sessions)
    assert durations(database, sessions) == [[60.0], [60.0]]


@pytest.mark.parametrize("there", [0, 1])
def test_a_participant_who_was_not_there_gets_an_interval_in_either_half(
    recorder: Recorder, clock: SettableClock, database: str, sessions: list[int], there: int
) -> None:
    connect(recorder, clock, sessions[there])
    clock.advance(60)
    send_heartbeats(recorder, clock, sessions)
    assert durations(database, [sessions[there], sessions[1 - there]]) == [[60.0], [0.0]]


def test_a_half_that_waits_too_long_for_a_lock_fails_the_flush_but_not_the_other_half_and_a_retry_counts_once(
    recorder: Recorder, pool: Database, clock: SettableClock, database: str, sessions: list[int]
) -> None:
    for session_id in sessions:
        connect(recorder, clock, session_id)
    clock.advance(60)
    even, odd = sorted(sessions, key=lambda session_id: session_id % 2)
    with pool.transaction() as connection:
        connection.execute(LOCK, {"id": odd})
        with pytest.raises(StorageConflict):
            send_heartbeats(recorder, clock, sessions)
    assert durations(database, [even, odd]) == [[60.0], [0.0]]
    send_heartbeats(recorder, clock, sessions)
    assert durations(database, sessions) == [[60.0], [60.0]]
