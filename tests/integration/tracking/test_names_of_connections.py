"""Plain heartbeats name their connection by a number; whenever they are folded, it is the connection of that id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from servicekit.clock import seconds
from servicekit.database.engine import Database
from servicekit.identifiers import UserId, WhiteboardSessionId
from testkit.clock import SettableClock
from testkit.postgres import query
from testkit.sweep import sweep
from testkit.whiteboard_sessions import STUDENT
from tracking_service.domain.events import EventKind, Participant, PresenceEvent, UserType
from tracking_service.domain.heartbeat_columns import participant_key
from tracking_service.folding.fold import Folder
from tracking_service.folding.sweeper import Sweeper
from tracking_service.recording.appender import Appender
from tracking_service.recording.submission import UNNUMBERED, NumberedEvent, Submission

TIMEOUT = seconds(75)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PHONE, LAPTOP = "phone", "laptop"


@dataclass(frozen=True)
class Student:
    """What one student's connections send, and what became of it."""

    database: str
    session_id: WhiteboardSessionId
    clock: SettableClock
    #: The replica of each connection.
    appenders: dict[str, Appender]
    folder: Folder
    sweeper: Sweeper

    def beats(self, connection_id: str) -> None:
        heartbeat = Submission(None)
        key = participant_key(self.session_id, STUDENT, is_student=True)
        heartbeat.heartbeats.add(UNNUMBERED, key, self.clock.now(), connection_id)
        self._append(heartbeat, connection_id)

    def stays_on(self, connection_id: str) -> None:
        """Beat for three minutes, with which all other connections are forgotten."""
        for _ in range(3):
            self.clock.advance(60)
            self.beats(connection_id)
            self.folder.fold()

    def connects(self, connection_id: str) -> None:
        self._append_event(EventKind.CONNECT, connection_id)

    def disconnects(self, connection_id: str) -> None:
        self._append_event(EventKind.DISCONNECT, connection_id)

    def _append_event(self, kind: EventKind, connection_id: str) -> None:
        participant = Participant(self.session_id, UserId(STUDENT), UserType.STUDENT)
        event = PresenceEvent(participant, kind, self.clock.now(), connection_id)
        self._append(Submission(None, events=[NumberedEvent(UNNUMBERED, event)]), connection_id)

    def _append(self, submission: Submission, connection_id: str) -> None:
        self.appenders[connection_id].write([submission])
        self.clock.advance(1)

    def ends(self) -> list[object]:
        """Return how each interval ended, the oldest first; None: it is open."""
        rows = query(self.database, "SELECT end_reason FROM presence_intervals ORDER BY started_at")
        return [reason for (reason,) in rows]

    def open_connections(self) -> set[str]:
        rows = query(self.database, "SELECT jsonb_object_keys(connections) FROM presence_intervals")
        return {str(name) for (name,) in rows}


@pytest.fixture
def student(database: str, session_id: int) -> Iterator[Student]:
    clock = SettableClock(NOON)
    pool = Database(database, role="tracking_service", application="test", pool_size=2)
    folder = Folder(pool, clock, timeout=TIMEOUT)
    sweeper = Sweeper(pool, clock, folder, timeout=TIMEOUT)
    appenders = {PHONE: Appender(pool), LAPTOP: Appender(pool)}
    yield Student(database, WhiteboardSessionId(session_id), clock, appenders, folder, sweeper)
    pool.dispose()


def test_a_heartbeat_that_is_folded_again_after_its_connection_closed_opens_no_other(student: Student) -> None:
    student.connects(LAPTOP)
    student.folder.fold()
    student.beats(LAPTOP)
    student.disconnects(LAPTOP)
    # Of heartbeats it does not move the position.
    student.folder.fold_sessions({student.session_id})
    student.folder.fold()
    assert student.ends() == ["closed"]


def test_a_connection_that_slept_while_another_was_open_is_the_same_when_it_wakes(student: Student) -> None:
    student.connects(LAPTOP)
    student.connects(PHONE)
    student.folder.fold()
    student.stays_on(PHONE)
    student.beats(LAPTOP)
    student.folder.fold()
    assert student.open_connections() == {LAPTOP, PHONE}


def test_a_connection_without_a_connect_gets_its_id_back_when_it_closes(student: Student) -> None:
    student.beats(LAPTOP)
    student.connects(PHONE)
    student.folder.fold()
    student.stays_on(PHONE)
    student.beats(LAPTOP)
    student.folder.fold()
    student.disconnects(PHONE)
    student.disconnects(LAPTOP)
    student.folder.fold()
    assert student.ends() == ["closed"]


def test_after_a_time_out_a_connection_goes_on_under_its_id(student: Student) -> None:
    student.beats(LAPTOP)
    student.folder.fold()
    student.clock.advance(76)
    sweep(student.sweeper)
    student.beats(LAPTOP)
    student.folder.fold()
    student.disconnects(LAPTOP)
    student.folder.fold()
    assert student.ends() == ["timed_out", "closed"]
