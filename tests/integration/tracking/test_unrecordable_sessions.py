"""A session that can't be recorded, whatever is wrong with it, holds up no other (docs/streams.md#folding)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

import pytest

from servicekit.clock import SystemClock, seconds
from servicekit.database.engine import Database
from servicekit.identifiers import UserId, WhiteboardSessionId
from testkit.facts import query_facts
from testkit.postgres import execute
from testkit.recorder import Recorder
from testkit.whiteboard_sessions import STUDENT, add_whiteboard_session
from tracking_service.domain.events import EventKind, Participant, PresenceEvent, UserType
from tracking_service.recording.submission import UNNUMBERED, NumberedEvent, Submission

RECORDED = "SELECT whiteboard_session_id FROM presence_intervals ORDER BY whiteboard_session_id"


@pytest.fixture
def recorder(database: str) -> Iterator[Recorder]:
    pool = Database(database, role="tracking_service", application="test", pool_size=2)
    yield Recorder(pool, SystemClock(), timeout=seconds(75))
    pool.dispose()


def connect(recorder: Recorder, sessions: Sequence[int]) -> None:
    """Connect a student to each session; return once all of it is folded."""
    now = SystemClock().now()
    recorder.write(
        [
            Submission(None, [NumberedEvent(UNNUMBERED, PresenceEvent(participant, EventKind.CONNECT, now))])
            for participant in (
                Participant(WhiteboardSessionId(session_id), UserId(STUDENT), UserType.STUDENT)
                for session_id in sessions
            )
        ]
    )


def test_the_others_are_recorded_and_the_session_is_logged(
    recorder: Recorder, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    sessions = [add_whiteboard_session(database) for _ in range(9)]
    broken = sessions[4]
    execute(database, f"ALTER TABLE presence_intervals ADD CHECK (whiteboard_session_id <> {broken})")
    with caplog.at_level(logging.ERROR):
        connect(recorder, sessions)
    assert query_facts(database, RECORDED) == [(session_id,) for session_id in sessions if session_id != broken]
    assert [vars(record).get("session_id") for record in caplog.records] == [broken]


def test_it_is_recorded_from_the_next_event_on_once_nothing_is_wrong_any_more(
    recorder: Recorder, database: str, session_id: int
) -> None:
    execute(database, "ALTER TABLE presence_intervals ADD CONSTRAINT broken CHECK (false)")
    connect(recorder, [session_id])
    execute(database, "ALTER TABLE presence_intervals DROP CONSTRAINT broken")
    connect(recorder, [session_id])
    assert query_facts(database, RECORDED) == [(session_id,)]
