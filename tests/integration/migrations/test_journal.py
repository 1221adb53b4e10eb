"""The revision that adds the journal, on a database with facts of earlier versions of the service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest

from servicekit.clock import from_datetime, seconds
from servicekit.database.engine import Database
from servicekit.database.migration.transaction import MigrationFailed
from servicekit.identifiers import UserId, WhiteboardSessionId
from testkit.clock import SettableClock
from testkit.eventually import eventually
from testkit.postgres import execute, migrate, query
from testkit.recorder import Recorder
from testkit.whiteboard_sessions import STUDENT, add_whiteboard_session
from tests.integration.migrations.test_repetition import BEFORE_JOURNAL
from tracking_service.domain.events import EventKind, Participant, PresenceEvent, UserType
from tracking_service.recording.submission import UNNUMBERED, NumberedEvent, Submission

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CONNECTED = "SELECT FROM pg_stat_activity WHERE application_name = 'tracking_service' AND datname = current_database()"


@pytest.fixture
def ninth_revision(empty_database: str) -> str:
    migrate(empty_database)
    execute(empty_database, *BEFORE_JOURNAL, "UPDATE tracking_alembic_version SET version_num = '0009'")
    return empty_database


@pytest.fixture
def service(ninth_revision: str) -> Iterator[Database]:
    """Connect as the service will once the database is migrated."""
    pool = Database(ninth_revision, role="tracking_service", application="test", pool_size=2)
    yield pool
    pool.dispose()


async def test_it_refuses_while_a_service_is_connected_and_succeeds_when_that_is_gone(ninth_revision: str) -> None:
    with (
        closing(psycopg2.connect(ninth_revision, application_name="tracking_service")),
        pytest.raises(MigrationFailed, match="Stop the tracking services"),
    ):
        migrate(ninth_revision)
    assert query(ninth_revision, "SELECT version_num FROM tracking_alembic_version") == [("0009",)]
    await eventually(lambda: query(ninth_revision, CONNECTED) == [])
    migrate(ninth_revision)
    assert query(ninth_revision, "SELECT count(*) FROM session_groups") == [(256,)]


@pytest.mark.parametrize("connection_id", ["", "tab"])
def test_an_interval_that_an_earlier_version_left_open_goes_on(
    ninth_revision: str, service: Database, connection_id: str
) -> None:
    session_id = add_whiteboard_session(ninth_revision)
    execute(
        ninth_revision,
        "INSERT INTO presence_intervals (whiteboard_session_id, user_id, user_type, started_at, ended_at, "  # noqa: S608
        f"last_sign_at, connections, sole_connection_id) VALUES ({session_id}, {STUDENT}, 'student', "
        f"'{NOON - MINUTE}', '{NOON}', '{NOON}', "
        f"'{{\"{connection_id}\": {from_datetime(NOON - MINUTE)}}}', '{connection_id}')",
    )
    migrate(ninth_revision)
    clock = SettableClock(NOON + MINUTE)
    participant = Participant(WhiteboardSessionId(session_id), UserId(STUDENT), UserType.STUDENT)
    heartbeat = PresenceEvent(participant, EventKind.HEARTBEAT, clock.now(), connection_id)
    Recorder(service, clock, timeout=seconds(75)).write([Submission(None, [NumberedEvent(UNNUMBERED, heartbeat)])])
    assert query(ninth_revision, "SELECT ended_at - started_at, end_reason FROM presence_intervals") == [
        (2 * MINUTE, None)
    ]
