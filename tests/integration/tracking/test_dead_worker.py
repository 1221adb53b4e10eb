"""A worker of a real cluster that refuses connections, or hangs (docs/several-databases.md#a-worker-that-is-dead)."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial

import pytest

from servicekit.auth.principal import Principal
from servicekit.clock import Instant, seconds
from servicekit.database.engine import Database
from servicekit.errors import StorageUnavailable
from servicekit.identifiers import UserId, WhiteboardSessionId
from testkit.citus import first_worker, needs_cluster, worker_elsewhere
from testkit.clock import SettableClock
from testkit.postgres import CITUS_SHARDS, execute, query
from testkit.whiteboard_sessions import STUDENT, add_whiteboard_session
from tests.integration.personal_data.commands import run
from tracking_service.domain.grouping import ALL_GROUPS, Grouping
from tracking_service.domain.heartbeat_columns import participant_key
from tracking_service.erase import PartlyErased, erase_when_folded
from tracking_service.folding.fold import Folder
from tracking_service.folding.sweeper import Sweeper
from tracking_service.folding.watched import WatchedSessions
from tracking_service.queries.status import StatusQuery
from tracking_service.recording.appender import Appender
from tracking_service.recording.membership import MembershipFollower
from tracking_service.recording.retention import Retention, RetentionTimes
from tracking_service.recording.submission import UNNUMBERED, Submission, SubmissionStatus
from tracking_service.store.shards import MAX_ANSWER_SECONDS
from tracking_service.store.sql import WRITER_PARAMETERS

pytestmark = needs_cluster

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
GROUPING = Grouping(CITUS_SHARDS)
STRANGER = 999
ADMIN = Principal(subject="1", user_id=UserId(1), role="admin", roles=frozenset({"admin"}), expires_at=Instant(2**62))
LONG_AGO = datetime(2020, 3, 2, 12, tzinfo=UTC)
TIMEOUT = seconds(75)


@pytest.fixture
def pool(database: str) -> Iterator[Database]:
    pool = Database(database, role="tracking_service", application="test", pool_size=4, parameters=WRITER_PARAMETERS)
    yield pool
    pool.dispose()


@contextmanager
def port_that(behaviour: str) -> Iterator[int]:
    """Yield a port at which nobody listens, or at which connections are taken and nothing is answered."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port: int = server.getsockname()[1]
        if behaviour == "refuses":
            server.close()
        yield port


class Relay:
    """Passes on what the coordinator and a worker say, until it stands still: then the worker seems to hang."""

    def __init__(self, worker: tuple[str, int]) -> None:
        self._worker = worker
        self._server = socket.create_server(("127.0.0.1", 0))
        self._sockets = [self._server]
        self._threads: list[threading.Thread] = []
        self.port: int = self._server.getsockname()[1]
        self.passes = threading.Event()
        self.passes.set()
        self._start(self._accept)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._server.accept()
                there = socket.create_connection(self._worker)
                self._sockets += here, there
                for source, target in ((here, there), (there, here)):
                    self._start(partial(self._pass_on, source, target))

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self.passes.wait()
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def close(self) -> None:
        self.passes.set()
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for one in self._sockets:
            one.close()


def test_one_that_hangs_while_it_has_a_statement_holds_up_nobody_for_long(database: str, pool: Database) -> None:
    clock = SettableClock(NOON)
    sessions = [WhiteboardSessionId(add_whiteboard_session(database)) for _ in range(16)]
    appender, folder = Appender(pool), Folder(pool, clock, timeout=TIMEOUT)
    sweeper, follower = Sweeper(pool, clock, folder, timeout=TIMEOUT), MembershipFollower(pool)
    with closing(Relay(first_worker(database))) as relay, worker_elsewhere(database, relay.port) as hung:
        others = {one for one in sessions if GROUPING.shard_of(one) not in hung}
        appender.write([_heartbeats(sessions, clock.now())])
        # Now the coordinator has connections to the worker.
        folder.fold(ALL_GROUPS, skip_locked=False)
        follower.has_dealt_with(follower.look())
        clock.advance(3600)
        relay.passes.clear()
        for stranger in (STRANGER + 1, STRANGER + 2):
            (outcome,) = appender.write([_heartbeats(sessions, clock.now(), stranger)])
            assert outcome.status is SubmissionStatus.COMMITTED
        assert set(sweeper.find_silent()) == others
        assert follower.look().sessions == frozenset()
        relay.passes.set()
    folder.fold(ALL_GROUPS, skip_locked=False)
    assert set(_present(database, sessions)) == {(one, STUDENT) for one in sessions}


@pytest.mark.parametrize("behaviour", ["refuses", "hangs"])
def test_new_participants_of_its_sessions_hold_up_nobody(database: str, pool: Database, behaviour: str) -> None:
    clock = SettableClock(NOON)
    sessions = [WhiteboardSessionId(add_whiteboard_session(database)) for _ in range(16)]
    appender, folder = Appender(pool), Folder(pool, clock, timeout=seconds(75))
    with port_that(behaviour) as port, worker_elsewhere(database, port) as dead:
        dead_sessions = {one for one in sessions if GROUPING.shard_of(one) in dead}
        others = set(sessions) - dead_sessions
        assert dead_sessions
        assert others
        for _ in range(3):
            (outcome,) = appender.write([_heartbeats(sessions, clock.now())])
            assert [one.error.reason for one in outcome.rejections] == ["NOT_A_PARTICIPANT"] * len(others)
        folder.fold_sessions(others)
        assert _present(database, others) == [(one, STUDENT) for one in sorted(others)]
    folder.fold(ALL_GROUPS, skip_locked=False)
    assert _present(database, sessions) == [(one, STUDENT) for one in sorted(sessions)]


def test_whoever_asks_for_its_sessions_is_told_that_they_are_unavailable(database: str, pool: Database) -> None:
    sessions = [WhiteboardSessionId(add_whiteboard_session(database)) for _ in range(16)]
    folder = Folder(pool, SettableClock(NOON), timeout=seconds(75))
    with port_that("refuses") as port, worker_elsewhere(database, port) as dead:
        for one in sessions:
            if GROUPING.shard_of(one) not in dead:
                folder.fold_sessions({one})
        (asked, *_) = (one for one in sessions if GROUPING.shard_of(one) in dead)
        with pytest.raises(StorageUnavailable):
            folder.fold_sessions({asked})


def test_silence_and_changes_of_members_are_found_elsewhere(database: str, pool: Database) -> None:
    clock = SettableClock(NOON)
    sessions = [WhiteboardSessionId(add_whiteboard_session(database)) for _ in range(16)]
    folder = Folder(pool, clock, timeout=TIMEOUT)
    sweeper, follower = Sweeper(pool, clock, folder, timeout=TIMEOUT), MembershipFollower(pool)
    Appender(pool).write([_heartbeats(sessions, clock.now())])
    folder.fold(ALL_GROUPS, skip_locked=False)
    follower.has_dealt_with(follower.look())
    clock.advance(3600)
    with port_that("refuses") as port, worker_elsewhere(database, port) as dead:
        others = {one for one in sessions if GROUPING.shard_of(one) not in dead}
        assert set(sweeper.find_silent()) == others
        listed = ", ".join(map(str, others))
        execute(database, f"UPDATE whiteboard_sessions SET student_id = '{{}}' WHERE id IN ({listed})")  # noqa: S608
        noticed = follower.look()
        assert noticed.sessions is not None
        assert set(noticed.sessions) == others
        follower.has_dealt_with(noticed)
        assert set(sweeper.find_others()) == others
    assert set(sweeper.find_silent()) == set(sessions)
    assert follower.look().sessions == frozenset()


def test_readers_of_one_that_hangs_are_told_so_and_others_are_answered(database: str, pool: Database) -> None:
    clock = SettableClock(NOON)
    sessions = [WhiteboardSessionId(add_whiteboard_session(database)) for _ in range(16)]
    folder = Folder(pool, clock, timeout=TIMEOUT)
    watched = WatchedSessions(pool, clock, folder, timeout=TIMEOUT)
    status = StatusQuery(pool, clock, folder, watched, timeout=TIMEOUT)
    with closing(Relay(first_worker(database))) as relay, worker_elsewhere(database, relay.port) as hung:
        folder.fold(ALL_GROUPS, skip_locked=False)
        relay.passes.clear()
        asked = [one for one in sessions if GROUPING.shard_of(one) in hung]
        began = time.monotonic()
        for one in asked:
            with pytest.raises(StorageUnavailable):
                status.get(ADMIN, one)
        # The first one waited, for all shards of the worker.
        assert time.monotonic() - began < 2 * MAX_ANSWER_SECONDS
        for one in set(sessions) - set(asked):
            assert status.get(ADMIN, one).session.session_id == one
        watched_status = status.get_watched(sessions)
        assert watched_status.statuses.keys() == set(sessions) - set(asked)
        assert set(watched_status.unanswered) == set(asked)
        relay.passes.set()


def test_what_is_old_is_deleted_from_the_others_and_later_from_all(database: str, pool: Database) -> None:
    sessions = [add_whiteboard_session(database) for _ in range(16)]
    for one in sessions:
        event = f"({one}, {STUDENT}, 'student', '{LONG_AGO}', 'connect')"
        execute(database, f"INSERT INTO connection_events VALUES {event}")  # noqa: S608 - constants
    retention = Retention(pool, RetentionTimes(events=60))

    def delete() -> None:
        while retention.delete_events().goes_on:
            pass

    with port_that("refuses") as port, worker_elsewhere(database, port) as dead, pytest.raises(StorageUnavailable):
        delete()
    left = {one for (one,) in query(database, "SELECT whiteboard_session_id FROM connection_events")}
    assert left == {one for one in sessions if GROUPING.shard_of(one) in dead}
    delete()
    assert query(database, "SELECT FROM connection_events") == []


@pytest.mark.parametrize(("dies", "erased"), [("before", 2), ("meanwhile", 3)])
def test_who_is_erased_from_the_others_is_erased_from_its_shards_by_the_next_run(
    database: str, dies: str, erased: int
) -> None:
    _connect(database)
    opened = Database(database, role="tracking_erasure", application="test", pool_size=1)
    with port_that("refuses") as port, ExitStack() as dead:

        def die(done: str) -> None:
            if "in 1 of" in done and dies == "meanwhile":
                dead.enter_context(worker_elsewhere(database, port))

        if dies == "before":
            dead.enter_context(worker_elsewhere(database, port))
        with pytest.raises(PartlyErased, match=f"in {erased} of 4 shards as -.*on 127.0.0.1:{port} wait"):
            erase_when_folded(opened, UserId(STUDENT), note=die)
    remaining = f"SELECT count(*) FROM connection_events WHERE user_id = {STUDENT}"  # noqa: S608
    assert 0 < int(str(query(database, remaining)[0][0])) < 16
    erase_when_folded(opened, UserId(STUDENT), note=lambda _done: None)
    assert query(database, remaining) == [(0,)]
    opened.dispose()


def test_one_that_hangs_keeps_nobody_from_being_erased_from_the_others(database: str) -> None:
    sessions = _connect(database)
    opened = Database(database, role="tracking_erasure", application="test", pool_size=1)
    with (
        port_that("hangs") as port,
        worker_elsewhere(database, port) as hung,
        pytest.raises(PartlyErased, match="in 2 of 4 shards"),
    ):
        erase_when_folded(opened, UserId(STUDENT), note=lambda _done: None)
    left = f"SELECT whiteboard_session_id FROM connection_events WHERE user_id = {STUDENT}"  # noqa: S608
    assert {one for (one,) in query(database, left)} == {one for one in sessions if GROUPING.shard_of(one) in hung}
    opened.dispose()


def test_the_commands_say_who_waits_for_whom(database: str) -> None:
    _connect(database)
    with port_that("refuses") as port, worker_elsewhere(database, port):
        refused = run("attendance_service.erase", database, "--user", str(STUDENT))
        partly = run("tracking_service.erase", database, "--user", str(STUDENT))
    # Whoever is on whiteboards can't be told without all of them.
    assert (refused.returncode, f"127.0.0.1:{port}" in refused.stderr) == (2, True)
    assert refused.stderr.startswith("Nothing was done. ")
    assert (partly.returncode, f"127.0.0.1:{port} wait" in partly.stderr) == (75, True)


def _connect(database: str) -> list[int]:
    """Let the student connect once in each of some sessions of all shards."""
    sessions = [add_whiteboard_session(database) for _ in range(16)]
    for one in sessions:
        execute(database, f"INSERT INTO connection_events VALUES ({one}, {STUDENT}, 'student', now(), 'connect')")  # noqa: S608
    return sessions


def _heartbeats(sessions: list[WhiteboardSessionId], at: Instant, stranger: int = STRANGER) -> Submission:
    """Return a heartbeat of the student of each session, and one of somebody else."""
    submission = Submission(None)
    for session in sessions:
        for student in (STUDENT, stranger):
            key = participant_key(session, student, is_student=True)
            submission.heartbeats.add(UNNUMBERED, key, at, "tab")
    return submission


def _present(database: str, sessions: set[WhiteboardSessionId] | list[WhiteboardSessionId]) -> list[tuple[object, ...]]:
    listed = ", ".join(map(str, sessions))
    return query(
        database,
        "SELECT whiteboard_session_id, user_id FROM presence_intervals "  # noqa: S608 - numbers
        f"WHERE whiteboard_session_id IN ({listed}) ORDER BY 1, 2",
    )
