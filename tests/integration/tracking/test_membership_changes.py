"""Who is taken off a whiteboard session is noticed by every replica (docs/presence.md#who-may-be-present)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest
from grpc import aio

from servicekit.clock import seconds
from servicekit.database.engine import Database
from servicekit.identifiers import UserId, WhiteboardSessionId
from testkit.citus import needs_one_postgresql
from testkit.clock import SettableClock
from testkit.eventually import eventually
from testkit.facts import query_facts
from testkit.heartbeat_client import HeartbeatStream, event
from testkit.postgres import execute, query
from testkit.whiteboard_sessions import STUDENT, add_whiteboard_session, intervals
from tracking_service.domain.events import EventKind, Participant, PresenceEvent, UserType
from tracking_service.folding.fold import Folder
from tracking_service.folding.sweeper import Sweeper
from tracking_service.recording import membership
from tracking_service.recording.appender import Appender
from tracking_service.recording.membership import MembershipFollower
from tracking_service.recording.submission import UNNUMBERED, NumberedEvent, Submission

TIMEOUT = seconds(75)
TAKE_OFF = "UPDATE whiteboard_sessions SET student_id = '{}'"


@pytest.fixture
def pool(database: str) -> Iterator[Database]:
    pool = Database(database, role="tracking_service", application="test", pool_size=2)
    yield pool
    pool.dispose()


@pytest.fixture
def follower(pool: Database) -> MembershipFollower:
    """Return one that has looked once."""
    follower = MembershipFollower(pool)
    follower.has_dealt_with(follower.look())
    return follower


def noticed(follower: MembershipFollower) -> set[int]:
    """Look, deal with what is found, and return in which sessions others take part."""
    found = follower.look()
    follower.has_dealt_with(found)
    assert found.sessions is not None
    return set(found.sessions)


def test_at_its_first_look_a_replica_knows_nothing(pool: Database) -> None:
    assert MembershipFollower(pool).look().sessions is None


@pytest.mark.parametrize(
    "change",
    [
        TAKE_OFF,
        "UPDATE whiteboard_sessions SET student_id = student_id || 202",
        "UPDATE whiteboard_sessions SET tutor_id = 102",
        "SET session_replication_role = replica; UPDATE whiteboard_sessions SET tutor_id = 102",
        "DELETE FROM whiteboard_sessions",
    ],
)
def test_a_change_is_noticed_once(follower: MembershipFollower, database: str, session_id: int, change: str) -> None:
    execute(database, change)
    assert [noticed(follower), noticed(follower)] == [{session_id}, set()]


@pytest.mark.usefixtures("session_id")
@pytest.mark.parametrize("change", ["tutor_id = tutor_id, student_id = student_id", "tutor_last_activity_at = now()"])
def test_who_takes_part_as_before_is_not_looked_up_again(
    follower: MembershipFollower, database: str, change: str
) -> None:
    execute(database, f"UPDATE whiteboard_sessions SET {change}")  # noqa: S608
    assert noticed(follower) == set()


def test_a_change_that_was_not_dealt_with_is_returned_again(
    follower: MembershipFollower, database: str, session_id: int
) -> None:
    execute(database, TAKE_OFF)
    follower.look()
    assert noticed(follower) == {session_id}


def test_a_transaction_that_ends_after_later_ones_is_noticed_when_it_ends(
    follower: MembershipFollower, database: str, session_id: int
) -> None:
    other_id = add_whiteboard_session(database)
    with closing(psycopg2.connect(database)) as long, long.cursor() as cursor:
        cursor.execute(f"UPDATE whiteboard_sessions SET tutor_id = 102 WHERE id = {session_id}")  # noqa: S608
        execute(database, f"UPDATE whiteboard_sessions SET tutor_id = 102 WHERE id = {other_id}")  # noqa: S608
        assert [noticed(follower), noticed(follower)] == [{other_id}, set()]
        long.commit()
        assert [noticed(follower), noticed(follower)] == [{session_id}, set()]


def test_if_very_many_changed_at_once_it_may_be_any_and_is_not_repeated(
    follower: MembershipFollower, database: str, session_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(membership, "MAX_SESSIONS", 1)
    other_id = add_whiteboard_session(database)
    with closing(psycopg2.connect(database)) as long, long.cursor() as cursor:
        cursor.execute(f"UPDATE whiteboard_sessions SET tutor_id = 102 WHERE id = {session_id}")  # noqa: S608
        for _ in range(2):
            add_whiteboard_session(database)
        execute(database, f"UPDATE whiteboard_sessions SET tutor_id = 102 WHERE id >= {other_id}")  # noqa: S608
        found = follower.look()
        assert found.sessions is None
        follower.has_dealt_with(found)
        assert noticed(follower) == set()
        long.commit()
        assert noticed(follower) == {session_id}


@pytest.mark.usefixtures("session_id")
def test_a_transaction_that_is_rolled_back_changed_nothing(follower: MembershipFollower, database: str) -> None:
    with closing(psycopg2.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute(TAKE_OFF)
        connection.rollback()
    assert noticed(follower) == set()


def test_a_replica_that_did_not_look_for_long_knows_nothing(
    follower: MembershipFollower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(membership, "MAX_TIME_BETWEEN_LOOKS", timedelta(0))
    assert follower.look().sessions is None


@pytest.mark.usefixtures("session_id")
async def test_changes_are_deleted_when_every_replica_has_seen_them(
    follower: MembershipFollower, database: str
) -> None:
    execute(database, TAKE_OFF)
    assert follower.delete_old() == 0

    def is_empty() -> bool:
        noticed(follower)
        follower.delete_old()
        return query(database, "SELECT FROM membership_changes") == []

    await eventually(is_empty)


# On a cluster it has to be a role that may log in on the workers, and so one that was there before.
@needs_one_postgresql
def test_a_login_of_the_platform_needs_no_rights_to_our_tables(
    follower: MembershipFollower, database: str, session_id: int
) -> None:
    with closing(psycopg2.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE ROLE platform_of_this_test")
        cursor.execute("GRANT SELECT, UPDATE ON whiteboard_sessions TO platform_of_this_test")
        cursor.execute("SET LOCAL ROLE platform_of_this_test")
        cursor.execute(TAKE_OFF)
        cursor.execute("RESET ROLE")
        cursor.execute("REVOKE ALL ON whiteboard_sessions FROM platform_of_this_test")
        cursor.execute("DROP ROLE platform_of_this_test")
        connection.commit()
    assert noticed(follower) == {session_id}


def heartbeat(session_id: int, clock: SettableClock) -> Submission:
    participant = Participant(WhiteboardSessionId(session_id), UserId(STUDENT), UserType.STUDENT)
    return Submission(
        None, [NumberedEvent(UNNUMBERED, PresenceEvent(participant, EventKind.HEARTBEAT, clock.now(), ""))]
    )


def write(appender: Appender, submission: Submission) -> list[str]:
    """Append and return the reasons of rejections."""
    [outcome] = appender.write([submission])
    return [rejection.error.reason for rejection in outcome.rejections]


def test_a_heartbeat_that_another_replica_still_accepted_leaves_nobody_present(
    pool: Database, database: str, session_id: int
) -> None:
    clock = SettableClock(datetime(2026, 3, 2, 12, tzinfo=UTC))
    sweeper = Sweeper(pool, clock, Folder(pool, clock, timeout=TIMEOUT), timeout=TIMEOUT)
    quick, slow = Appender(pool), Appender(pool)
    for appender in (quick, slow):
        assert write(appender, heartbeat(session_id, clock)) == []
    sessions = [WhiteboardSessionId(session_id)]
    execute(database, TAKE_OFF)
    quick.forget_sessions(sessions)
    sweeper.close_others(sessions)
    assert write(quick, heartbeat(session_id, clock)) == ["NOT_A_PARTICIPANT"]
    clock.advance(1)
    assert write(slow, heartbeat(session_id, clock)) == []
    slow.forget_sessions(sessions)
    sweeper.close_others(sessions)
    assert write(slow, heartbeat(session_id, clock)) == ["NOT_A_PARTICIPANT"]
    assert query_facts(database, "SELECT FROM presence_intervals WHERE end_reason IS NULL") == []


def test_what_is_in_the_journal_of_a_deleted_session_is_in_nobody_s_way(pool: Database, database: str) -> None:
    clock = SettableClock(datetime(2026, 3, 2, 12, tzinfo=UTC))
    deleted, kept = add_whiteboard_session(database), add_whiteboard_session(database)
    write(Appender(pool), heartbeat(deleted, clock))
    write(Appender(pool), heartbeat(kept, clock))
    execute(database, f"DELETE FROM whiteboard_sessions WHERE id = {deleted}")  # noqa: S608
    Folder(pool, clock, timeout=TIMEOUT).fold()
    assert query(database, "SELECT whiteboard_session_id FROM presence_intervals") == [(kept,)]


async def test_the_service_rejects_and_closes_who_is_taken_off_while_present(
    channel: aio.Channel, relay_token: str, database: str, session_id: int
) -> None:
    stream = HeartbeatStream(channel, relay_token)
    await stream.open()
    sequence = 1
    await stream.send_events(event(sequence, "connect", session_id, STUDENT, at=datetime.now(UTC)))
    await stream.acknowledged(sequence)
    execute(database, TAKE_OFF)
    while not stream.rejections():
        sequence += 1
        await stream.send_events(event(sequence, "heartbeat", session_id, STUDENT, at=datetime.now(UTC)))
        await stream.acknowledged(sequence)
    assert stream.rejections() == {sequence: "NOT_A_PARTICIPANT"}
    await eventually(lambda: [reason for _, _, reason in intervals(database, session_id)] == ["timed_out"])
