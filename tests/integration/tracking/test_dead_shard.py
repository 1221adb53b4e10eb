"""A server that does not answer holds up its own sessions alone (docs/several-databases.md#a-worker-that-is-dead)."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from threading import Event

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import Connection

from servicekit.clock import Instant, seconds
from servicekit.database.engine import Database
from servicekit.database.url import sqlalchemy_url
from servicekit.errors import StorageUnavailable
from servicekit.identifiers import UserId, WhiteboardSessionId
from testkit.citus import needs_one_postgresql
from testkit.clock import SettableClock
from testkit.eventually import eventually
from testkit.folding import fold_settings
from testkit.postgres import query
from testkit.whiteboard_sessions import STUDENT, add_whiteboard_session
from tracking_service.domain.events import EventKind, Participant, PresenceEvent, UserType
from tracking_service.domain.fold_rhythm import Age
from tracking_service.domain.grouping import ALL_GROUPS, UNDIVIDED, Grouping
from tracking_service.domain.heartbeat_columns import participant_key
from tracking_service.folding.fold import Folder
from tracking_service.folding.schedule import FoldSchedule
from tracking_service.folding.watched import WatchedSessions
from tracking_service.migrations.distributing import CannotDistribute, plan
from tracking_service.queries.status import StatusQuery
from tracking_service.recording.appender import Appender
from tracking_service.recording.participant_check import MembersBySession, ParticipantCheck
from tracking_service.recording.submission import UNNUMBERED, NumberedEvent, Submission

pytestmark = needs_one_postgresql

TWO_SHARDS = Grouping(2)
STRANGER = 999
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class HalfAnswering(Folder):
    """Its groups are folded in two parts, of which one may be away. Both are in one PostgreSQL all the same."""

    dead: Sequence[int] = ()

    def grouping(self) -> Grouping:
        return TWO_SHARDS

    def fold_sessions(self, sessions: Collection[WhiteboardSessionId]) -> None:
        if any(TWO_SHARDS.group_of(one) in self.dead for one in sessions):
            raise StorageUnavailable

    def ages(self, groups: Sequence[int] = ALL_GROUPS) -> list[Age]:
        if set(groups) & set(self.dead):
            raise StorageUnavailable
        return super().ages(groups)


class SilentCheck(ParticipantCheck):
    """Of two shards, none says who takes part, and whoever asks again waits."""

    retry_seconds = 0.0

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.asked = 0
        self.answers = Event()

    def grouping(self, connection: Connection) -> Grouping:  # noqa: ARG002 - as it is called
        return TWO_SHARDS

    def members_of(self, sessions: Sequence[WhiteboardSessionId]) -> MembersBySession | None:
        self.asked += 1
        if self.asked == 1:
            return None
        self.answers.wait()
        return super().members_of(sessions)


@pytest.fixture
def pool(database: str) -> Iterator[Database]:
    pool = Database(database, role="tracking_service", application="test", pool_size=8)
    yield pool
    pool.dispose()


async def test_the_sessions_of_a_shard_that_does_not_answer_wait_and_no_others(
    database: str, pool: Database, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = TWO_SHARDS.by_shard(ALL_GROUPS)
    sessions = [add_whiteboard_session(database) for _ in range(2)]
    assert {UNDIVIDED.group_of(one) for one in sessions} <= set(first)
    clock = SettableClock(NOON)
    Appender(pool).write([_heartbeats(clock.now(), *((one, STUDENT) for one in sessions))])
    folder = HalfAnswering(pool, clock, timeout=seconds(75))
    folder.dead = second
    folding = asyncio.create_task(FoldSchedule(folder, fold_settings(database)).run())
    await eventually(lambda: query(database, "SELECT count(*) FROM presence_intervals") == [(2,)])
    await eventually(lambda: "does not answer" in caplog.text)
    folder.dead = ()
    await eventually(lambda: "answers again" in caplog.text)
    folding.cancel()
    await asyncio.wait([folding])
    assert caplog.text.count("does not answer") == 1


def test_watchers_of_other_sessions_get_new_states(database: str, pool: Database) -> None:
    clock, folder = SettableClock(NOON), HalfAnswering(pool, SettableClock(NOON), timeout=seconds(75))
    watched = WatchedSessions(pool, clock, folder, timeout=seconds(75))
    status = StatusQuery(pool, clock, folder, watched, timeout=seconds(75))
    sessions = {WhiteboardSessionId(add_whiteboard_session(database)) for _ in range(16)}
    folder.dead, _ = TWO_SHARDS.by_shard(ALL_GROUPS)
    dead = {one for one in sessions if TWO_SHARDS.group_of(one) in folder.dead}
    assert dead
    found = status.get_watched(sessions)
    assert found.statuses.keys() == sessions - dead
    assert set(found.unanswered) == dead
    folder.dead = ()
    assert status.get_watched(sessions).statuses.keys() == sessions


def test_who_could_not_be_checked_is_accepted_and_checked_when_facts_are_made(
    database: str, pool: Database, caplog: pytest.LogCaptureFixture
) -> None:
    session = add_whiteboard_session(database)
    clock = SettableClock(NOON)
    check = SilentCheck(pool)
    appender = Appender(pool, check=check)
    both = _heartbeats(clock.now(), *((session, student) for student in (STUDENT, STRANGER)))
    drawing = [_drawing(session, student, clock.now()) for student in (STUDENT, STRANGER)]
    for submission in (both, Submission(None, events=drawing), _heartbeats(clock.now(), (session, STUDENT))):
        # The second question has no answer meanwhile, and no flush waits for it.
        (outcome,) = appender.write([submission])
        assert outcome.rejections == ()
    Folder(pool, clock, timeout=seconds(75)).fold(skip_locked=False)
    assert query(database, "SELECT user_id FROM presence_intervals") == [(STUDENT,)]
    assert query(database, "SELECT user_id, occurrences FROM activity_periods") == [(STUDENT, 1)]
    assert "users who do not take part were left out" in caplog.text
    check.answers.set()
    while not (
        rejections := appender.write([_heartbeats(clock.now(), (session, STUDENT), (session, STRANGER))])[0].rejections
    ):
        pass
    assert [one.error.reason for one in rejections] == ["NOT_A_PARTICIPANT"]


def test_without_citus_nothing_is_distributed(database: str) -> None:
    engine = create_engine(sqlalchemy_url(database))
    with engine.connect() as connection, pytest.raises(CannotDistribute, match="has no Citus"):
        plan(connection, shards=4, roles=[])
    with engine.connect() as connection, pytest.raises(CannotDistribute, match="power of two"):
        plan(connection, shards=6, roles=[])
    engine.dispose()


def _heartbeats(at: Instant, *students: tuple[int, int]) -> Submission:
    """Return one heartbeat of each student, by session."""
    submission = Submission(None)
    for session, student in students:
        submission.heartbeats.add(UNNUMBERED, participant_key(session, student, is_student=True), at, "tab")
    return submission


def _drawing(session: int, student: int, at: Instant) -> NumberedEvent:
    participant = Participant(WhiteboardSessionId(session), UserId(student), UserType.STUDENT)
    return NumberedEvent(UNNUMBERED, PresenceEvent(participant, EventKind.HEARTBEAT, at, activity_type="draw"))
