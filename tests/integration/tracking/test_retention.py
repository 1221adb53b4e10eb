"""Facts that are older than their retention time are deleted, and no answer takes their absence for a person's."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest
from pydantic import ValidationError

from astegni.tracking.v1 import tracking_pb2 as pb
from astegni.tracking.v1 import tracking_pb2_grpc
from servicekit.database.engine import Database
from testkit import citus
from testkit.eventually import eventually
from testkit.facts import query_facts
from testkit.observation import cover
from testkit.postgres import CITUS_SHARDS, execute, query
from testkit.running_app import running
from testkit.tokens import metadata
from testkit.tracking_app import tracking_settings
from testkit.whiteboard_sessions import STUDENT, TUTOR, add_whiteboard_session, columns
from tracking_service.app import TrackingApp
from tracking_service.recording.retention import Retention, RetentionTimes

HOUR = timedelta(hours=1)
NOW = datetime.now(UTC).replace(microsecond=0)
#: A lesson that is older than all retention times here, and one that is younger.
OLD, YOUNG = NOW - timedelta(days=100), NOW - timedelta(days=40)
DAYS = 60
EVERYTHING = RetentionTimes(events=DAYS, presence=DAYS, relays=DAYS)
FACTS = ("presence_intervals", "connection_events", "activity_periods")


def hold_lesson(url: str, session_id: int, start: datetime, *, people: tuple[int, ...] = (TUTOR, STUDENT)) -> None:
    """Record that people were at a whiteboard for an hour, as the service would have."""
    for user in people:
        role = "tutor" if user == TUTOR else "student"
        who = f"{session_id}, {user}, '{role}'"
        execute(
            url,
            "INSERT INTO presence_intervals (whiteboard_session_id, user_id, user_type, started_at, ended_at, "  # noqa: S608
            f"last_sign_at, end_reason) VALUES ({who}, '{start}', '{start + HOUR}', '{start + HOUR}', 'closed')",
            f"INSERT INTO connection_events VALUES ({who}, '{start}', 'connect')",  # noqa: S608
            f"INSERT INTO activity_periods VALUES ({who}, 'draw', '{start}', '{start}', 1)",  # noqa: S608
            f"UPDATE whiteboard_sessions SET {role}_connected_at = '{start}', {role}_total_active_seconds = 3600, "  # noqa: S608
            f"{role}_disconnected_at = '{start + HOUR}', scheduled_start = '{start}', status = 'completed', "
            f"scheduled_end = '{start + HOUR}', connection_logs = '[{{\"user_id\": {user}}}]' WHERE id = {session_id}",
        )


def left(url: str, *tables: str) -> list[int]:
    """Return how many rows each table has."""
    return [int(str(query_facts(url, f"SELECT count(*) FROM {table}")[0][0])) for table in tables]  # noqa: S608


@pytest.fixture
def connected(database: str) -> Iterator[Database]:
    # A shard is asked beside the walk.
    opened = Database(database, role="tracking_service", application="test", pool_size=2)
    yield opened
    opened.dispose()


def delete(database: Database, times: RetentionTimes = EVERYTHING) -> None:
    """Do what the job does in a day."""
    retention = Retention(database, times)
    for part in (retention.delete_presence, retention.delete_events, retention.delete_coverage):
        while part().goes_on:
            pass


def test_what_is_older_than_its_time_is_deleted_and_what_is_younger_stays(database: str, connected: Database) -> None:
    old, young = add_whiteboard_session(database), add_whiteboard_session(database)
    hold_lesson(database, old, OLD)
    hold_lesson(database, young, YOUNG)
    delete(connected)
    kept = {tuple(query_facts(database, f"SELECT DISTINCT whiteboard_session_id FROM {table}")) for table in FACTS}  # noqa: S608
    assert kept == {((young,),)}
    assert columns(database, old, "connection_logs", "student_total_active_seconds") == ([], 3600)
    assert len(columns(database, young, "connection_logs")[0]) == 1


def test_facts_of_one_whiteboard_go_together(database: str, connected: Database) -> None:
    session = add_whiteboard_session(database)
    hold_lesson(database, session, OLD)
    hold_lesson(database, session, YOUNG)
    delete(connected)
    assert left(database, *FACTS) == [4, 4, 4]


def test_nothing_is_deleted_without_a_time(database: str, connected: Database) -> None:
    hold_lesson(database, add_whiteboard_session(database), OLD)
    cover(database, OLD, OLD + HOUR)
    delete(connected, RetentionTimes())
    assert left(database, *FACTS, "observation_coverage") == [2, 2, 2, 1]


def test_raw_events_can_go_before_presence(database: str, connected: Database) -> None:
    session = add_whiteboard_session(database)
    hold_lesson(database, session, OLD)
    delete(connected, RetentionTimes(events=DAYS))
    assert left(database, *FACTS) == [2, 0, 2]
    assert columns(database, session, "connection_logs") == ([],)


def test_an_open_interval_keeps_the_facts(database: str, connected: Database) -> None:
    session = add_whiteboard_session(database)
    hold_lesson(database, session, OLD)
    execute(database, "UPDATE presence_intervals SET end_reason = NULL WHERE user_type = 'tutor'")
    delete(connected)
    assert left(database, *FACTS) == [2, 2, 2]


def test_coverage_is_kept_as_long_as_presence_of_its_time(database: str, connected: Database) -> None:
    cover(database, OLD - 30 * HOUR, OLD - 29 * HOUR)
    cover(database, OLD, OLD + HOUR)
    cover(database, YOUNG, YOUNG + HOUR)
    hold_lesson(database, add_whiteboard_session(database), OLD)
    delete(connected, RetentionTimes(relays=DAYS))
    assert left(database, "observation_coverage") == [2]
    delete(connected)
    assert left(database, "observation_coverage") == [1]


def test_a_round_goes_on_where_another_replica_stopped_and_is_done_once_a_day(
    database: str, connected: Database
) -> None:
    for _ in range(3):
        hold_lesson(database, add_whiteboard_session(database), OLD)
    first, second = Retention(connected, EVERYTHING), Retention(connected, EVERYTHING)
    assert first.delete_presence() == (3, True)
    assert second.delete_presence() == (0, False)
    hold_lesson(database, add_whiteboard_session(database), OLD)
    assert second.delete_presence() == (0, False)
    execute(database, "UPDATE tracking_retention_walks SET finished_at = now() - interval '1 day'")
    assert second.delete_presence() == (1, True)


def test_two_replicas_do_not_work_at_the_same_time(database: str, connected: Database) -> None:
    hold_lesson(database, add_whiteboard_session(database), OLD)
    # On several servers each shard has a walk of its own.
    for task in ("presence", *(f"presence in shard {number}" for number in range(CITUS_SHARDS))):
        execute(database, f"INSERT INTO tracking_retention_walks (task) VALUES ('{task}')")  # noqa: S608 - a constant
    other = Database(database, role="tracking_service", application="test", pool_size=1)
    with other.transaction() as transaction:
        transaction.exec_driver_sql("SELECT FROM tracking_retention_walks FOR UPDATE")
        assert Retention(connected, EVERYTHING).delete_presence() == (0, False)
    other.dispose()
    assert Retention(connected, EVERYTHING).delete_presence() == (1, True)


async def test_a_whiteboard_at_which_somebody_is_again_meanwhile_keeps_its_facts(
    database: str, connected: Database
) -> None:
    session = add_whiteboard_session(database)
    hold_lesson(database, session, OLD)
    waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    if citus.is_wanted():
        waiting = "SELECT FROM citus_lock_waits"
    with ThreadPoolExecutor(1) as job, closing(psycopg2.connect(database)) as folding, folding.cursor() as cursor:
        cursor.execute(f"SELECT FROM whiteboard_sessions WHERE id = {session} FOR KEY SHARE")
        deletion = job.submit(Retention(connected, EVERYTHING).delete_presence)
        await eventually(lambda: query(database, waiting))
        cursor.execute(
            "INSERT INTO presence_intervals "  # noqa: S608
            "(whiteboard_session_id, user_id, user_type, started_at, ended_at, last_sign_at) "
            f"VALUES ({session}, {STUDENT}, 'student', now(), now(), now())"
        )
        folding.commit()
        assert deletion.result() == (0, True)
    assert left(database, *FACTS) == [3, 2, 2]


async def metrics(
    facts: tracking_pb2_grpc.PresenceQueryServiceAsyncStub, relay_token: str, session: int, start: datetime
) -> pb.GetConnectionMetricsResponse:
    request = pb.GetConnectionMetricsRequest(session_id=session)
    request.window_start.FromDatetime(start)
    request.window_end.FromDatetime(start + HOUR)
    response: pb.GetConnectionMetricsResponse = await facts.GetConnectionMetrics(
        request, metadata=metadata(relay_token)
    )
    return response


def unknown_minutes(response: pb.GetConnectionMetricsResponse) -> list[float]:
    """Return for how long nothing is known of each participant."""
    return [
        sum((it.ended_at.ToSeconds() - it.started_at.ToSeconds()) / 60 for it in participant.unknown)
        for participant in response.participants
    ]


async def test_of_a_lesson_whose_facts_were_deleted_nothing_is_known(
    database: str,
    connected: Database,
    facts: tracking_pb2_grpc.PresenceQueryServiceAsyncStub,
    relay_token: str,
) -> None:
    session = add_whiteboard_session(database)
    cover(database, OLD - HOUR, NOW)
    hold_lesson(database, session, OLD)
    assert unknown_minutes(await metrics(facts, relay_token, session, OLD)) == [0, 0]
    delete(connected)
    response = await metrics(facts, relay_token, session, OLD)
    assert unknown_minutes(response) == [60, 60]
    assert abs(response.facts_deleted_until.ToDatetime(tzinfo=UTC) - (NOW - timedelta(days=DAYS))) < HOUR
    later = await metrics(facts, relay_token, session, YOUNG)
    assert unknown_minutes(later) == [0, 0]


async def test_of_a_lesson_whose_raw_events_were_deleted_only_presence_is_known(
    database: str,
    connected: Database,
    facts: tracking_pb2_grpc.PresenceQueryServiceAsyncStub,
    relay_token: str,
) -> None:
    session = add_whiteboard_session(database)
    cover(database, OLD - HOUR, NOW)
    hold_lesson(database, session, OLD, people=(TUTOR,))
    delete(connected, RetentionTimes(events=DAYS))
    assert unknown_minutes(await metrics(facts, relay_token, session, OLD)) == [0, 60]


async def test_the_report_on_engagement_stays_the_same(
    database: str,
    connected: Database,
    facts: tracking_pb2_grpc.PresenceQueryServiceAsyncStub,
    relay_token: str,
) -> None:
    hold_lesson(database, add_whiteboard_session(database), OLD)
    before = await facts.ListTutorEngagement(pb.ListTutorEngagementRequest(), metadata=metadata(relay_token))
    delete(connected)
    after = await facts.ListTutorEngagement(pb.ListTutorEngagementRequest(), metadata=metadata(relay_token))
    assert (after.tutors, before.tutors[0].average_student_active_minutes) == (before.tutors, 60)


async def test_the_service_does_it_by_itself(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hold_lesson(database, add_whiteboard_session(database), OLD)
    settings = tracking_settings(database, monkeypatch, PRESENCE_RETENTION_DAYS=str(DAYS))
    async with running(TrackingApp(settings)):
        await eventually(lambda: left(database, *FACTS) == [0, 0, 0])


@pytest.mark.parametrize("days", ["29", "-1", "1"])
def test_a_time_that_is_too_short_is_refused(days: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError, match="presence_retention_days"):
        tracking_settings("postgresql://nowhere", monkeypatch, PRESENCE_RETENTION_DAYS=days)
