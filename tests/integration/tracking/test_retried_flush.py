"""A flush is retried when the answer to its commit is lost: nothing counts twice, and no rejection is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy.engine import Connection

from servicekit.clock import seconds
from servicekit.database.engine import Database
from servicekit.errors import StorageUnavailable
from servicekit.identifiers import UserId, WhiteboardSessionId
from testkit.clock import SettableClock
from testkit.facts import query_facts
from testkit.postgres import execute
from testkit.recorder import Recorder
from testkit.whiteboard_sessions import STUDENT
from tracking_service.domain.events import EventKind, Participant, PresenceEvent, UserType
from tracking_service.recording.submission import NumberedEvent, Outcome, StreamHold, Submission
from tracking_service.store import heartbeat_streams

TIMEOUT = seconds(75)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
UNKNOWN_SESSION = 424_242


class UnreliableDatabase(Database):
    """Loses the answer to the next commit of what was written, or the next transaction."""

    lose_answer = False
    lose_transaction = False

    @contextmanager
    def transaction(self, *, within_seconds: float | None = None) -> Iterator[Connection]:
        with super().transaction(within_seconds=within_seconds) as connection:
            yield connection
            if self.lose_transaction:
                self.lose_transaction = False
                raise StorageUnavailable
            has_written = connection.exec_driver_sql("SELECT pg_current_xact_id_if_assigned() IS NOT NULL").scalar_one()
        if self.lose_answer and has_written:
            self.lose_answer = False
            raise StorageUnavailable


@pytest.fixture
def pool(database: str) -> Iterator[UnreliableDatabase]:
    pool = UnreliableDatabase(database, role="tracking_service", application="test", pool_size=2)
    yield pool
    pool.dispose()


@pytest.fixture
def recorder(pool: Database) -> Recorder:
    return Recorder(pool, SettableClock(NOON), timeout=TIMEOUT)


def drawing(session_id: int) -> PresenceEvent:
    participant = Participant(WhiteboardSessionId(session_id), UserId(STUDENT), UserType.STUDENT)
    return PresenceEvent(participant, EventKind.HEARTBEAT, SettableClock(NOON).now(), activity_type="draw")


def part_of_a_stream(pool: Database, *session_ids: int) -> Submission:
    stream_id = uuid4()
    with pool.transaction() as connection:
        position = heartbeat_streams.open_stream(connection, stream_id, "service:relay")
    assert position is not None
    events = [NumberedEvent(number, drawing(session_id)) for number, session_id in enumerate(session_ids, 1)]
    return Submission(StreamHold(stream_id, position.epoch), events, first_sequence=1, last_sequence=len(events))


def rejected(outcomes: list[Outcome]) -> list[list[tuple[int, str]]]:
    return [[(each.sequence, each.error.reason) for each in outcome.rejections] for outcome in outcomes]


def occurrences(database: str) -> list[tuple[object, ...]]:
    return query_facts(database, "SELECT occurrences FROM activity_periods")


def write_twice(recorder: Recorder, submissions: list[Submission]) -> list[Outcome]:
    with pytest.raises(StorageUnavailable):
        recorder.write(submissions)
    return recorder.write(submissions)


def test_a_retry_after_a_commit_returns_the_rejections_of_the_first_attempt(
    recorder: Recorder, pool: UnreliableDatabase, database: str, session_id: int
) -> None:
    submission = part_of_a_stream(pool, session_id, UNKNOWN_SESSION)
    pool.lose_answer = True
    assert rejected(write_twice(recorder, [submission])) == [[(2, "WHITEBOARD_SESSION_NOT_FOUND")]]
    assert occurrences(database) == [(1,)]


def test_a_second_lost_answer_changes_nothing(recorder: Recorder, pool: UnreliableDatabase, session_id: int) -> None:
    submission = part_of_a_stream(pool, session_id, UNKNOWN_SESSION)
    pool.lose_answer = True
    with pytest.raises(StorageUnavailable):
        recorder.write([submission])
    pool.lose_answer = True
    assert rejected(write_twice(recorder, [submission])) == [[(2, "WHITEBOARD_SESSION_NOT_FOUND")]]


def test_halves_of_a_flush_whose_answer_was_lost_count_once_and_return_its_rejections(
    recorder: Recorder, pool: UnreliableDatabase, database: str, session_id: int
) -> None:
    submissions = [
        Submission(None, [NumberedEvent(0, drawing(session_id))]),
        Submission(None, [NumberedEvent(0, drawing(UNKNOWN_SESSION))]),
    ]
    pool.lose_answer = True
    with pytest.raises(StorageUnavailable):
        recorder.write(submissions)
    halves = [outcome for one in submissions for outcome in recorder.write([one])]
    assert rejected(halves) == [[], [(0, "WHITEBOARD_SESSION_NOT_FOUND")]]
    assert occurrences(database) == [(1,)]


def test_the_rejections_of_an_attempt_that_was_not_committed_do_not_count(
    recorder: Recorder, pool: UnreliableDatabase, database: str, session_id: int
) -> None:
    submission = part_of_a_stream(pool, session_id, UNKNOWN_SESSION)
    pool.lose_transaction = True
    with pytest.raises(StorageUnavailable):
        recorder.write([submission])
    execute(
        database,
        f"INSERT INTO whiteboard_sessions (id, tutor_id, student_id) VALUES ({UNKNOWN_SESSION}, 101, '{{{STUDENT}}}')",  # noqa: S608
    )
    pool.lose_answer = True
    assert rejected(write_twice(recorder, [submission])) == [[]]
    assert occurrences(database) == [(1,), (1,)]


def test_a_retry_with_unary_calls_returns_the_outcomes_of_the_first_attempt(
    recorder: Recorder, pool: UnreliableDatabase, database: str, session_id: int
) -> None:
    submissions = [
        part_of_a_stream(pool, UNKNOWN_SESSION),
        Submission(None, [NumberedEvent(0, drawing(session_id))]),
        Submission(None, [NumberedEvent(0, drawing(UNKNOWN_SESSION))]),
    ]
    pool.lose_answer = True
    assert rejected(write_twice(recorder, submissions)) == [
        [(1, "WHITEBOARD_SESSION_NOT_FOUND")],
        [],
        [(0, "WHITEBOARD_SESSION_NOT_FOUND")],
    ]
    assert occurrences(database) == [(1,)]


def test_who_is_taken_off_before_the_retry_is_checked_at_the_next_event(
    recorder: Recorder, pool: UnreliableDatabase, database: str, session_id: int
) -> None:
    submission = part_of_a_stream(pool, session_id)
    pool.lose_answer = True
    with pytest.raises(StorageUnavailable):
        recorder.write([submission])
    execute(database, "UPDATE whiteboard_sessions SET student_id = '{}'")
    recorder.appender.forget_sessions([WhiteboardSessionId(session_id)])
    assert rejected(recorder.write([submission])) == [[]]
    assert rejected(recorder.write([part_of_a_stream(pool, session_id)])) == [[(1, "NOT_A_PARTICIPANT")]]
