"""Facts are made of the journal by whoever comes first, exactly once (docs/streams.md#folding)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from servicekit.clock import seconds
from servicekit.database.engine import Database
from servicekit.identifiers import UserId, WhiteboardSessionId
from testkit.clock import SettableClock
from testkit.eventually import eventually
from testkit.folding import fold_settings
from testkit.postgres import execute, query
from testkit.whiteboard_sessions import STUDENT, TUTOR, add_whiteboard_session
from tracking_service.domain.events import EventKind, Participant, PresenceEvent, UserType
from tracking_service.domain.grouping import ALL_GROUPS, GROUPS
from tracking_service.domain.heartbeat_columns import participant_key
from tracking_service.domain.journal import NEIGHBOURS, WHOLE_FLUSH
from tracking_service.folding import reading, watched
from tracking_service.folding.fold import Folder
from tracking_service.folding.schedule import FoldSchedule
from tracking_service.folding.sweeper import Sweeper
from tracking_service.folding.watched import WatchedSessions
from tracking_service.queries.engagement import Engagement, EngagementQuery, EngagementRequest
from tracking_service.recording.appender import Appender
from tracking_service.recording.submission import UNNUMBERED, NumberedEvent, Outcome, Submission, SubmissionStatus
from tracking_service.store import journal, session_groups
from tracking_service.store.journal import Wanted

TIMEOUT = seconds(75)
HEARTBEAT_SECONDS = 15
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Lesson:
    """A whiteboard session, and the ways of what happens in it."""

    database: str
    session_id: WhiteboardSessionId
    pool: Database
    clock: SettableClock
    appender: Appender
    folder: Folder
    watched: WatchedSessions

    def append_heartbeat(self, session_id: int | None = None) -> None:
        heartbeat = Submission(None)
        key = participant_key(session_id or self.session_id, STUDENT, is_student=True)
        heartbeat.heartbeats.add(UNNUMBERED, key, self.clock.now(), "")
        self.appender.write([heartbeat])

    def append_event(self, kind: EventKind) -> None:
        self.appender.write([submission(self.session_id, kind, self.clock)])

    def append_for(self, duration: int) -> None:
        """Append a heartbeat each 15 s, and grow older by `duration` seconds; so do the groups."""
        for _ in range(duration // HEARTBEAT_SECONDS):
            self.append_heartbeat()
            self.clock.advance(HEARTBEAT_SECONDS)
        self.let_folding_lag(duration)

    def let_folding_lag(self, seconds: int) -> None:
        """Make it seem as if nothing was folded for so long."""
        with self.pool.transaction() as connection:
            connection.execute(
                text("UPDATE session_groups SET folded_at = now() - make_interval(secs => :seconds)"),
                {"seconds": seconds},
            )

    def another_session(self) -> int:
        """Add a session of a group that is no neighbour of the lesson's."""
        while True:
            other = add_whiteboard_session(self.database)
            if self.group_of(other) // NEIGHBOURS != self.group_of(self.session_id) // NEIGHBOURS:
                return other

    def group_of(self, session_id: int) -> int:
        return self.folder.grouping().group_of(session_id)

    def intervals(self, session_id: int | None = None) -> list[tuple[object, ...]]:
        """Return (seconds, end_reason) of the intervals that are in the table."""
        return query(
            self.database,
            f"""SELECT EXTRACT(EPOCH FROM ended_at - started_at)::integer, end_reason FROM presence_intervals
            WHERE whiteboard_session_id = {session_id or self.session_id} ORDER BY started_at""",  # noqa: S608
        )


@pytest.fixture
def lesson(database: str, session_id: int) -> Iterator[Lesson]:
    clock = SettableClock(NOON)
    pool = Database(database, role="tracking_service", application="test", pool_size=8)
    folder = Folder(pool, clock, timeout=TIMEOUT)
    followed = WatchedSessions(pool, clock, folder, timeout=TIMEOUT)
    yield Lesson(database, WhiteboardSessionId(session_id), pool, clock, Appender(pool), folder, followed)
    pool.dispose()


@pytest.fixture
def sweeper(lesson: Lesson) -> Sweeper:
    return Sweeper(lesson.pool, lesson.clock, lesson.folder, timeout=TIMEOUT)


def submission(session_id: int, kind: EventKind, clock: SettableClock, activity: str = "") -> Submission:
    participant = Participant(WhiteboardSessionId(session_id), UserId(STUDENT), UserType.STUDENT)
    event = PresenceEvent(participant, kind, clock.now(), activity_type=activity)
    return Submission(None, events=[NumberedEvent(UNNUMBERED, event)])


def test_nobody_is_silent_whose_signs_of_life_are_in_the_journal(lesson: Lesson, sweeper: Sweeper) -> None:
    lesson.append_heartbeat()
    lesson.folder.fold()
    lesson.append_for(600)
    sweeper.close([lesson.session_id])
    assert lesson.intervals() == [(585, None)]


def test_while_folding_stands_still_the_sweeper_does_not_even_ask(lesson: Lesson, sweeper: Sweeper) -> None:
    lesson.append_heartbeat()
    lesson.folder.fold()
    lesson.append_for(600)
    assert list(sweeper.find_silent()) == []
    lesson.folder.fold()
    lesson.clock.advance(76)
    assert list(sweeper.find_silent()) == [lesson.session_id]


def test_a_backlog_that_is_read_in_parts_times_nobody_out(lesson: Lesson, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_FLUSHES_OF_NEIGHBOURS", 7)
    monkeypatch.setattr(reading, "MAX_FLUSHES_OF_ALL", 7)
    lesson.append_for(600)
    assert lesson.folder.fold() == 600 // HEARTBEAT_SECONDS
    assert lesson.intervals() == [(585, None)]
    assert query(lesson.database, "SELECT count(*) FROM connection_events") == [(0,)]


def test_much_is_read_in_steps_and_then_folded_at_once(lesson: Lesson, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_FLUSHES_PER_STEP", 4)
    lesson.append_for(600)
    lesson.append_event(EventKind.DISCONNECT)
    (groups,) = lesson.folder.grouping().by_shard([lesson.group_of(lesson.session_id)])
    assert [weight == 0 for weight in lesson.folder.steps(groups)] == [True] * 10 + [False]
    assert lesson.intervals() == [(600, "closed")]


def test_a_reader_of_one_session_gets_the_whole_of_a_backlog(lesson: Lesson, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_FLUSHES_OF_NEIGHBOURS", 7)
    lesson.append_for(600)
    lesson.folder.fold_sessions({lesson.session_id})
    assert lesson.intervals() == [(585, None)]


def test_who_asks_for_one_session_reads_the_records_that_concern_it(lesson: Lesson) -> None:
    lesson.append_heartbeat()
    lesson.append_heartbeat(lesson.another_session())
    lesson.append_event(EventKind.DISCONNECT)
    with lesson.pool.transaction() as connection:
        [writer] = journal.last_records(connection)
        now = session_groups.time(connection)
        found = journal.read(
            connection,
            [Wanted(WHOLE_FLUSH, writer, 0, 3)],
            [lesson.group_of(lesson.session_id)],
            since=now,
            now=now,
            sessions={lesson.session_id},
        )
    assert [record.number for record in found] == [1, 3]


@pytest.mark.parametrize("kind", [EventKind.HEARTBEAT, EventKind.DISCONNECT])
def test_who_asks_for_one_session_gets_all_of_it_and_the_others_are_folded_later(
    lesson: Lesson, kind: EventKind
) -> None:
    other = lesson.another_session()
    lesson.append_event(EventKind.CONNECT)
    lesson.append_heartbeat(other)
    lesson.folder.fold()
    for _ in range(2):
        lesson.clock.advance(HEARTBEAT_SECONDS)
        lesson.append_heartbeat()
        lesson.append_heartbeat(other)
    lesson.append_event(kind)
    lesson.folder.fold_sessions({lesson.session_id})
    ended = None if kind is EventKind.HEARTBEAT else "closed"
    assert (lesson.intervals(), lesson.intervals(other)) == ([(30, ended)], [(0, None)])
    # Folded again with all others, they change nothing.
    lesson.folder.fold()
    assert (lesson.intervals(), lesson.intervals(other)) == ([(30, ended)], [(30, None)])


def test_folding_one_session_leaves_the_heartbeats_of_the_others_to_be_folded(lesson: Lesson) -> None:
    of_the_same_group = lesson.session_id + GROUPS
    execute(
        lesson.database,
        f"""INSERT INTO whiteboard_sessions (id, tutor_id, student_id) OVERRIDING SYSTEM VALUE
        VALUES ({of_the_same_group}, {TUTOR}, '{{{STUDENT}}}')""",  # noqa: S608
    )
    lesson.append_heartbeat()
    lesson.append_heartbeat(of_the_same_group)
    lesson.folder.fold_sessions({lesson.session_id})
    assert len(lesson.intervals()) == 1
    assert lesson.intervals(of_the_same_group) == []
    lesson.folder.fold()
    assert len(lesson.intervals(of_the_same_group)) == 1


def test_processes_that_fold_at_once_count_every_activity_once(lesson: Lesson) -> None:
    sessions = [add_whiteboard_session(lesson.database) for _ in range(20)]
    everything_is_appended = Event()

    def fold_until_the_end() -> None:
        is_last = False
        while not is_last:
            is_last = everything_is_appended.is_set()
            lesson.folder.fold()
            lesson.folder.fold_sessions({WhiteboardSessionId(sessions[0])})

    def append(appender: Appender) -> None:
        for _ in range(5):
            for session_id in sessions:
                appender.write([submission(session_id, EventKind.HEARTBEAT, lesson.clock, "whiteboard_draw")])

    with ThreadPoolExecutor() as threads:
        folding = [threads.submit(fold_until_the_end) for _ in range(3)]
        try:
            list(threads.map(append, [Appender(lesson.pool), Appender(lesson.pool)]))
        finally:
            everything_is_appended.set()
        for one in folding:
            one.result()
    lesson.folder.fold(skip_locked=False)
    counted = query(lesson.database, "SELECT sum(occurrences), count(*) FROM activity_periods")
    assert counted == [(2 * 5 * len(sessions), len(sessions))]


def test_a_fold_leaves_locked_groups_to_whoever_locked_them_and_readers_wait_for_no_other_group(lesson: Lesson) -> None:
    other = lesson.another_session()
    lesson.append_heartbeat()
    lesson.append_heartbeat(other)
    with lesson.pool.transaction() as connection:
        session_groups.lock(connection, [lesson.group_of(other)])
        lesson.folder.fold_sessions({lesson.session_id})
        assert len(lesson.intervals()) == 1
        lesson.folder.fold()
        assert lesson.intervals(other) == []
    lesson.folder.fold()
    assert len(lesson.intervals(other)) == 1


def test_of_a_watched_session_everything_is_folded_and_of_others_nothing(lesson: Lesson) -> None:
    other = lesson.another_session()
    for _ in range(5):
        lesson.append_heartbeat(other)
        lesson.append_heartbeat()
        lesson.watched.fold({lesson.session_id})
        lesson.clock.advance(HEARTBEAT_SECONDS)
    assert lesson.intervals() == [(60, None)]
    assert lesson.intervals(other) == []


def test_of_a_watched_session_connects_and_disconnects_are_folded_once_and_in_order(lesson: Lesson) -> None:
    other = lesson.another_session()
    kinds = [EventKind.CONNECT, EventKind.DISCONNECT, EventKind.CONNECT, EventKind.DISCONNECT]
    for kind in kinds:
        lesson.append_event(kind)
        lesson.append_heartbeat(other)
        lesson.watched.fold({lesson.session_id})
        lesson.clock.advance(30 if kind is EventKind.CONNECT else 100)
    lesson.folder.fold()
    assert lesson.intervals() == [(30, "closed"), (30, "closed")]
    events = "SELECT whiteboard_session_id, event FROM connection_events ORDER BY occurred_at"
    recorded = [event for session_id, event in query(lesson.database, events) if session_id == lesson.session_id]
    assert recorded == [kind.value for kind in kinds]


def test_a_session_that_is_watched_from_now_on_gets_what_was_appended_before(lesson: Lesson) -> None:
    lesson.watched.fold([WhiteboardSessionId(lesson.another_session())])
    lesson.append_for(60)
    lesson.watched.fold([lesson.session_id])
    assert lesson.intervals() == [(45, None)]


@pytest.mark.parametrize("max_pause", [timedelta(hours=1), timedelta(0)], ids=["in parts", "after a pause"])
def test_watched_sessions_get_what_is_too_much_to_be_read_at_once(
    lesson: Lesson, monkeypatch: pytest.MonkeyPatch, max_pause: timedelta
) -> None:
    monkeypatch.setattr(reading, "MAX_FLUSHES_OF_ALL", 3)
    monkeypatch.setattr(watched, "MAX_PAUSE", max_pause)
    lesson.append_heartbeat()
    lesson.watched.fold([lesson.session_id])
    lesson.append_for(150)
    lesson.watched.fold([lesson.session_id])
    assert lesson.intervals() == [(135, None)]
    lesson.append_heartbeat()
    lesson.watched.fold([lesson.session_id])
    assert lesson.intervals() == [(150, None)]


def report(lesson: Lesson) -> Engagement:
    everyone = EngagementRequest(frozenset(), None, None, UserId(0), None)
    return EngagementQuery(lesson.pool, lesson.folder, zone=ZoneInfo("UTC")).get(everyone)


def test_a_report_over_many_sessions_folds_a_little_first(lesson: Lesson) -> None:
    lesson.append_heartbeat()
    lesson.let_folding_lag(30)
    assert report(lesson).as_of == lesson.clock.now()
    assert len(lesson.intervals()) == 1


def test_a_report_over_many_sessions_says_how_old_it_is_if_much_is_to_be_folded(
    lesson: Lesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_FLUSHES_OF_ALL", 0)
    lesson.append_heartbeat()
    lesson.let_folding_lag(30)
    assert report(lesson).as_of <= lesson.clock.now() - seconds(30)
    assert lesson.intervals() == []


def test_while_nothing_happens_nothing_is_appended(lesson: Lesson) -> None:
    assert lesson.appender.write([Submission(None)]) == [Outcome(SubmissionStatus.COMMITTED)]
    assert query(lesson.database, "SELECT FROM journal_writers") == []


async def test_it_is_logged_when_folding_is_behind_and_when_it_is_no_longer(
    lesson: Lesson, caplog: pytest.LogCaptureFixture
) -> None:
    lesson.append_heartbeat()
    lesson.let_folding_lag(120)
    with lesson.pool.transaction() as connection:
        for groups in lesson.folder.grouping().by_shard(ALL_GROUPS):
            session_groups.lock(connection, groups)
        folding = asyncio.create_task(FoldSchedule(lesson.folder, fold_settings(lesson.database)).run())
        await eventually(lambda: "folding is behind" in caplog.text)
    await eventually(lambda: "folding is no longer behind" in caplog.text)
    folding.cancel()
    await asyncio.wait([folding])
    assert caplog.text.count("folding is behind") == 1
    assert len(lesson.intervals()) == 1
