"""Old hours of the journal are emptied once they are folded, and writers that are gone are deleted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import psycopg2
import pytest

from servicekit.clock import seconds
from servicekit.database.engine import Database
from servicekit.errors import StorageConflict
from servicekit.identifiers import UserId, WhiteboardSessionId
from testkit.clock import SettableClock
from testkit.eventually import eventually
from testkit.postgres import execute, query
from testkit.recorder import Recorder
from testkit.running_app import running
from testkit.source_tree import ROOT
from testkit.whiteboard_sessions import STUDENT
from tracking_service import housekeeping
from tracking_service.app import TrackingApp
from tracking_service.domain.events import EventKind, Participant, PresenceEvent, UserType
from tracking_service.recording.retention import Retention, RetentionTimes
from tracking_service.recording.submission import UNNUMBERED, NumberedEvent, Submission
from tracking_service.settings import TrackingSettings

#: In hours. No test minds whether an hour ends while it runs.
RETENTION, YOUNG, OLD = 5, 3, 8
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PAST_AN_HOUR = "UPDATE journal_writers SET last_appended_at = now() - interval '61 minutes'"
#: So that also groups are moved on for which nothing was appended.
PAST_A_MINUTE = "UPDATE session_groups SET folded_at = now() - interval '1 minute'"


@pytest.fixture
def pool(database: str) -> Iterator[Database]:
    pool = Database(database, role="tracking_service", application="test", pool_size=2)
    yield pool
    pool.dispose()


@pytest.fixture
def retention(pool: Database) -> Retention:
    return Retention(pool, RetentionTimes(journal_hours=RETENTION))


@pytest.fixture
def recorder(pool: Database) -> Recorder:
    return Recorder(pool, SettableClock(NOON), timeout=seconds(75))


def add_record(database: str, *, hours_ago: int) -> None:
    """Add a record of a past hour; its number says how long ago it was."""
    execute(
        database,
        f"""INSERT INTO presence_journal (hour, bucket, writer_id, record, payload)
            SELECT date_part('hour', timezone('UTC', now()) - interval '{hours_ago} hours'), 1, 1, {hours_ago}, ''""",
    )


def kept(database: str) -> list[int]:
    """Return how many hours ago the remaining records were added."""
    return [int(str(record)) for (record,) in query(database, "SELECT record FROM presence_journal ORDER BY record")]


def drawing(session_id: int) -> Submission:
    participant = Participant(WhiteboardSessionId(session_id), UserId(STUDENT), UserType.STUDENT)
    event = PresenceEvent(participant, EventKind.HEARTBEAT, SettableClock(NOON).now(), activity_type="draw")
    return Submission(None, [NumberedEvent(UNNUMBERED, event)])


def fold_and_append_no_more(recorder: Recorder, database: str, session_id: int) -> None:
    """Append an event and fold it, an hour ago."""
    recorder.appender.write([drawing(session_id)])
    execute(database, PAST_A_MINUTE, PAST_AN_HOUR)
    recorder.folder.fold()


def test_old_hours_are_emptied_and_young_ones_kept(retention: Retention, database: str) -> None:
    for hours_ago in (0, YOUNG, OLD):
        add_record(database, hours_ago=hours_ago)
    assert retention.empty_journal() == 1
    assert kept(database) == [0, YOUNG]


def test_all_hours_that_are_old_are_emptied_at_once(retention: Retention, database: str) -> None:
    for hours_ago in range(OLD, 22):
        add_record(database, hours_ago=hours_ago)
    assert retention.empty_journal() == 22 - OLD
    assert retention.empty_journal() == 0


@pytest.mark.parametrize("lag", ["8 hours", "20 hours", "3 days"])
def test_what_one_group_has_not_folded_is_kept(retention: Retention, database: str, lag: str) -> None:
    add_record(database, hours_ago=OLD)
    execute(
        database,
        f"UPDATE session_groups SET folded_at = now() - interval '{lag}' WHERE session_group = 7",  # noqa: S608
    )
    assert retention.empty_journal() == 0
    execute(database, "UPDATE session_groups SET folded_at = now()")
    assert retention.empty_journal() == 1


def test_nothing_is_emptied_while_a_group_is_missing(retention: Retention, database: str) -> None:
    add_record(database, hours_ago=OLD)
    execute(database, "CREATE TABLE missing AS SELECT * FROM session_groups WHERE session_group = 7")
    execute(database, "DELETE FROM session_groups WHERE session_group = 7")
    try:
        assert retention.empty_journal() == 0
    finally:
        execute(database, "INSERT INTO session_groups SELECT * FROM missing", "DROP TABLE missing")


def test_an_hour_that_somebody_reads_for_long_waits_for_the_next_round(retention: Retention, database: str) -> None:
    add_record(database, hours_ago=OLD)
    with closing(psycopg2.connect(database)) as reader, reader.cursor() as cursor:
        cursor.execute("SELECT FROM presence_journal")
        with pytest.raises(StorageConflict):
            retention.empty_journal()
    assert retention.empty_journal() == 1


async def test_the_service_empties_the_journal(
    settings: TrackingSettings, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "JOURNAL_INTERVAL_SECONDS", 0.1)
    add_record(database, hours_ago=OLD)
    async with running(TrackingApp(settings)):
        # The service itself appends, too.
        await eventually(lambda: OLD not in kept(database))


def test_a_writer_that_is_gone_is_deleted_with_its_positions(
    retention: Retention, recorder: Recorder, database: str, session_id: int
) -> None:
    fold_and_append_no_more(recorder, database, session_id)
    retention.empty_journal()
    assert query(database, "SELECT FROM journal_writers") == []
    assert query(database, "SELECT DISTINCT positions::text FROM session_groups") == [("{}",)]


def test_a_writer_whose_records_are_not_folded_is_kept(
    retention: Retention, recorder: Recorder, database: str, session_id: int
) -> None:
    recorder.appender.write([drawing(session_id)])
    execute(database, PAST_A_MINUTE)
    recorder.folder.fold([group for group in range(256) if group != session_id % 256])
    execute(database, PAST_AN_HOUR)
    retention.empty_journal()
    assert len(query(database, "SELECT FROM journal_writers")) == 1


def test_the_positions_of_other_writers_are_kept(
    retention: Retention, recorder: Recorder, pool: Database, database: str, session_id: int
) -> None:
    fold_and_append_no_more(recorder, database, session_id)
    other = Recorder(pool, SettableClock(NOON), timeout=seconds(75))
    other.write([drawing(session_id)])
    retention.empty_journal()
    other.folder.fold()
    assert query(database, "SELECT occurrences FROM activity_periods") == [(2,)]
    positions = "SELECT value FROM session_groups, jsonb_each(positions) WHERE session_group = {}"
    assert query(database, positions.format(session_id % 256)) == [([1, 1],)]


def test_a_writer_of_a_process_that_appends_is_kept(
    retention: Retention, recorder: Recorder, database: str, session_id: int
) -> None:
    recorder.write([drawing(session_id)])
    retention.empty_journal()
    assert len(query(database, "SELECT FROM journal_writers")) == 1


def test_a_process_that_appends_again_after_its_writer_was_deleted_goes_on_as_another(
    retention: Retention, recorder: Recorder, database: str, session_id: int
) -> None:
    fold_and_append_no_more(recorder, database, session_id)
    retention.empty_journal()
    recorder.write([drawing(session_id)])
    recorder.write([drawing(session_id)])
    assert query(database, "SELECT occurrences FROM activity_periods") == [(3,)]
    assert query(database, "SELECT last_record FROM journal_writers") == [(2,)]


def test_the_documentation_s_query_says_whether_all_is_folded(
    recorder: Recorder, database: str, session_id: int
) -> None:
    document = (ROOT / "docs/operations.md").read_text()
    statement = document[document.index("WITH known AS MATERIALIZED") :].split(";")[0]
    recorder.appender.write([drawing(session_id)])
    assert query(database, statement)[0][1] is True
    execute(database, PAST_A_MINUTE)
    recorder.folder.fold()
    assert query(database, statement)[0][1] is False
