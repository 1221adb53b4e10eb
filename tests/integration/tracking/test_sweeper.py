"""Silent intervals are closed, dated back, and logged with their reason (docs/presence.md#silent-intervals)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from servicekit.clock import seconds
from servicekit.database.engine import Database
from servicekit.identifiers import UserId, WhiteboardSessionId
from testkit.citus import needs_one_postgresql
from testkit.clock import SettableClock
from testkit.facts import query_facts
from testkit.postgres import execute
from testkit.recorder import Recorder
from testkit.sweep import sweep
from testkit.whiteboard_sessions import STUDENT, add_whiteboard_session, columns, intervals
from tracking_service.domain.events import EventKind, Participant, PresenceEvent, UserType
from tracking_service.domain.grouping import GROUPS
from tracking_service.folding.sweeper import Sweeper
from tracking_service.recording.submission import UNNUMBERED, NumberedEvent, Submission
from tracking_service.store.intervals_to_close import sessions_with_silence

TIMEOUT = seconds(75)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOON)


@pytest.fixture
def pool(database: str) -> Iterator[Database]:
    pool = Database(database, role="tracking_service", application="test", pool_size=4)
    yield pool
    pool.dispose()


@pytest.fixture
def recorder(pool: Database, clock: SettableClock) -> Recorder:
    return Recorder(pool, clock, timeout=TIMEOUT)


@pytest.fixture
def sweeper(pool: Database, clock: SettableClock, recorder: Recorder) -> Sweeper:
    return Sweeper(pool, clock, recorder.folder, timeout=TIMEOUT)


def send_heartbeat(recorder: Recorder, clock: SettableClock, session_id: int, connection_id: str = "") -> list[str]:
    """Record a heartbeat and return the reasons of its rejection."""
    participant = Participant(WhiteboardSessionId(session_id), UserId(STUDENT), UserType.STUDENT)
    event = PresenceEvent(participant, EventKind.HEARTBEAT, clock.now(), connection_id)
    [outcome] = recorder.write([Submission(None, [NumberedEvent(UNNUMBERED, event)])])
    return [rejection.error.reason for rejection in outcome.rejections]


def test_a_silent_interval_is_closed_at_its_last_sign_of_life(
    recorder: Recorder, sweeper: Sweeper, clock: SettableClock, database: str, session_id: int
) -> None:
    send_heartbeat(recorder, clock, session_id)
    clock.advance(60)
    send_heartbeat(recorder, clock, session_id)
    clock.advance(76)
    assert sweep(sweeper) == 1
    assert intervals(database, session_id) == [(STUDENT, 60.0, "timed_out")]
    (disconnected_at, last_activity_at, logs) = columns(
        database, session_id, "student_disconnected_at", "student_last_activity_at", "connection_logs"
    )
    assert disconnected_at == last_activity_at
    assert [(entry["event"], entry["reason"], entry["timestamp"]) for entry in logs] == [
        ("disconnect", "timed_out", last_activity_at.isoformat())
    ]


def test_an_interval_with_a_sign_of_life_within_the_timeout_stays_open(
    recorder: Recorder, sweeper: Sweeper, clock: SettableClock, database: str, session_id: int
) -> None:
    send_heartbeat(recorder, clock, session_id)
    clock.advance(75)
    assert sweep(sweeper) == 0
    assert intervals(database, session_id) == [(STUDENT, 0.0, None)]


def test_a_heartbeat_between_finding_and_closing_is_kept(
    recorder: Recorder, sweeper: Sweeper, clock: SettableClock, database: str, session_id: int
) -> None:
    send_heartbeat(recorder, clock, session_id)
    clock.advance(100)
    silent = sweeper.find_silent()
    send_heartbeat(recorder, clock, session_id)
    sweeper.close(silent)
    assert [reason for _, _, reason in intervals(database, session_id)] == ["timed_out", None]


def test_who_is_taken_off_the_whiteboard_is_present_no_longer_and_sends_events_in_vain(
    recorder: Recorder, sweeper: Sweeper, clock: SettableClock, database: str, session_id: int
) -> None:
    send_heartbeat(recorder, clock, session_id)
    assert list(sweeper.find_others()) == []
    clock.advance(15)
    send_heartbeat(recorder, clock, session_id)
    execute(database, "UPDATE whiteboard_sessions SET student_id = '{}'")
    others = sweeper.find_others()
    assert list(others) == [session_id]
    recorder.appender.forget_sessions(others)
    sweeper.close_others(others)
    clock.advance(15)
    assert send_heartbeat(recorder, clock, session_id) == ["NOT_A_PARTICIPANT"]
    assert intervals(database, session_id) == [(STUDENT, 15.0, "timed_out")]
    assert list(sweeper.find_others()) == []


def test_who_is_put_on_the_whiteboard_again_in_time_was_present_throughout(
    recorder: Recorder, sweeper: Sweeper, clock: SettableClock, database: str, session_id: int
) -> None:
    send_heartbeat(recorder, clock, session_id)
    execute(database, "UPDATE whiteboard_sessions SET student_id = '{}'")
    sweeper.close_others(sweeper.find_others())
    execute(database, f"UPDATE whiteboard_sessions SET student_id = '{{{STUDENT}}}'")  # noqa: S608
    clock.advance(60)
    assert send_heartbeat(recorder, clock, session_id) == []
    assert intervals(database, session_id) == [(STUDENT, 60.0, None)]


def test_a_second_sweep_finds_nothing_left(
    recorder: Recorder, sweeper: Sweeper, clock: SettableClock, session_id: int
) -> None:
    send_heartbeat(recorder, clock, session_id)
    clock.advance(100)
    sweep(sweeper)
    assert sweep(sweeper) == 0


def test_a_heartbeat_after_the_sweep_begins_a_new_interval(
    recorder: Recorder, sweeper: Sweeper, clock: SettableClock, database: str, session_id: int
) -> None:
    send_heartbeat(recorder, clock, session_id)
    clock.advance(100)
    sweep(sweeper)
    send_heartbeat(recorder, clock, session_id)
    assert [reason for _, _, reason in intervals(database, session_id)] == ["timed_out", None]
    assert columns(database, session_id, "student_disconnected_at") == (None,)


def test_replicas_that_sweep_at_once_log_each_silence_once(
    recorder: Recorder, pool: Database, clock: SettableClock, database: str
) -> None:
    sessions = [add_whiteboard_session(database) for _ in range(50)]
    for session_id in sessions:
        send_heartbeat(recorder, clock, session_id)
    # Much longer than the timeout: silence is judged as of the time up to which groups are folded, and on a busy
    # machine that of the first session is long before that of the last.
    clock.advance(3600)
    with ThreadPoolExecutor(4) as replicas:
        list(replicas.map(lambda _: sweep(Sweeper(pool, clock, recorder.folder, timeout=TIMEOUT)), range(4)))
    logged = query_facts(database, "SELECT DISTINCT jsonb_array_length(connection_logs) FROM whiteboard_sessions")
    assert logged == [(1,)]


@needs_one_postgresql
def test_finding_silence_reads_only_the_open_intervals_and_those_page_by_page(
    recorder: Recorder, pool: Database, clock: SettableClock, database: str, session_id: int
) -> None:
    send_heartbeat(recorder, clock, session_id)
    execute(
        database,
        f"""INSERT INTO presence_intervals
            (whiteboard_session_id, user_id, user_type, started_at, ended_at, last_sign_at, end_reason)
            SELECT {session_id}, 1, 'student', at, at, at, 'closed'
            FROM generate_series(now() - interval '10000 minutes', now(), interval '1 minute') AS at""",  # noqa: S608
        "ANALYZE presence_intervals",
    )
    with pool.transaction() as connection:
        clock.advance(3600)
        assert sessions_with_silence(connection, [clock.now()] * GROUPS, max_intervals=10) == [session_id]
        scans, found, fetched_alone = connection.execute(
            text("""SELECT pg_stat_get_xact_numscans(oid), pg_stat_get_xact_tuples_returned(oid),
                        pg_stat_get_xact_tuples_fetched(oid)
                    FROM (SELECT CAST('presence_intervals_open' AS regclass) AS oid) AS index""")
        ).one()
    # Rows that other tests have removed may still be in the index, but not those of intervals that are closed.
    assert (scans, found < 1_000, fetched_alone) == (1, True, 0)


def test_streams_unused_for_two_days_expire(sweeper: Sweeper, database: str) -> None:
    for hours in (47, 49):
        execute(
            database,
            f"""INSERT INTO heartbeat_streams (stream_id, owner, epoch, opened_at, last_used_at)
                VALUES (gen_random_uuid(), 'service:relay', 1, now(), now() - interval '{hours} hours')""",  # noqa: S608
        )
    assert sweeper.expire_streams() == 1


def test_what_the_expired_streams_of_relays_covered_is_kept(sweeper: Sweeper, database: str) -> None:
    for owner in ("service:relay", "user:201"):
        execute(
            database,
            f"""INSERT INTO heartbeat_streams (stream_id, owner, epoch, opened_at, last_used_at, last_committed_at)
                SELECT gen_random_uuid(), '{owner}', 1, at, at, at
                FROM (SELECT now() - interval '3 days') AS past (at)""",  # noqa: S608
        )
    assert sweeper.expire_streams() == 2
    assert query_facts(database, "SELECT opened_at = last_committed_at FROM expired_relay_streams") == [(True,)]
