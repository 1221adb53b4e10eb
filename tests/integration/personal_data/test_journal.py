"""What of a person is in the journal is exported, is fact before anybody is erased, and goes by itself within hours."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from servicekit.clock import SystemClock, seconds
from servicekit.database.engine import Database
from servicekit.identifiers import UserId, WhiteboardSessionId
from testkit.facts import fold as fold_what_is_appended
from testkit.postgres import execute, query
from tests.integration.personal_data.abel import ABEL, CLASS, SARA, fill
from tests.integration.personal_data.commands import acting_as
from tracking_service.domain.events import EventKind, Participant, PresenceEvent, UserType
from tracking_service.erase import erase_when_folded
from tracking_service.export import export_when_folded
from tracking_service.folding import waiting
from tracking_service.folding.fold import Folder
from tracking_service.folding.waiting import JournalNotFolded
from tracking_service.recording.appender import Appender
from tracking_service.recording.retention import Retention, RetentionTimes
from tracking_service.recording.submission import UNNUMBERED, NumberedEvent, Submission

EVENTS = (EventKind.CONNECT, EventKind.HEARTBEAT, EventKind.DISCONNECT)
PRESENT_SINCE_2025 = "SELECT count(*) FROM presence_intervals WHERE user_id = {} AND started_at > '2025-12-31'"


@pytest.fixture
def service(database: str) -> Iterator[Database]:
    fill(database)
    with acting_as("tracking_service", database) as opened:
        yield opened


@pytest.fixture
def appended(service: Database) -> Database:
    """Let Abel and Sara come and go, and leave it in the journal."""
    now = SystemClock().now()
    participants = [
        Participant(WhiteboardSessionId(CLASS), UserId(user_id), UserType.STUDENT) for user_id in (ABEL, SARA)
    ]
    events = [
        NumberedEvent(UNNUMBERED, PresenceEvent(one, kind, now, "tab")) for one in participants for kind in EVENTS
    ]
    Appender(service).write([Submission(None, events)])
    return service


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "MAX_WAIT_SECONDS", 0.0)


def fold(database: str) -> None:
    """Fold, as some time later, so that also groups are moved on for which nothing was appended."""
    execute(database, "UPDATE session_groups SET folded_at = now() - interval '1 minute'")
    fold_what_is_appended(database)


def export(database: str, user_id: int) -> dict[str, list[dict[str, object]]]:
    with acting_as("tracking_service", database) as opened, opened.transaction() as connection:
        return export_when_folded(connection, UserId(user_id))


def erase(database: str) -> None:
    with acting_as("tracking_erasure", database) as opened:
        erase_when_folded(opened, UserId(ABEL), note=lambda _done: None)


@pytest.mark.usefixtures("appended")
def test_the_person_s_own_records_are_exported(database: str) -> None:
    fold(database)
    rows = export(database, ABEL)["presence_journal"]
    assert [(row["whiteboard_session_id"], row["user_type"], row["event"]) for row in rows] == [
        (CLASS, "student", kind.value) for kind in EVENTS
    ]


@pytest.mark.usefixtures("impatient", "appended")
@pytest.mark.parametrize("command", [lambda database: export(database, ABEL), erase], ids=["export", "erase"])
def test_nothing_is_done_while_nobody_folds(database: str, command: object) -> None:
    with pytest.raises(JournalNotFolded, match="Run the tracking service"):
        command(database)  # type: ignore[operator]
    assert query(database, f"SELECT count(*) FROM presence_intervals WHERE user_id = {ABEL}") == [(4,)]  # noqa: S608


def test_what_was_accepted_is_fact_before_the_person_is_erased(appended: Database, database: str) -> None:
    folder = Folder(appended, SystemClock(), timeout=seconds(75))
    with ThreadPoolExecutor(1) as commands:
        erased = commands.submit(erase, database)
        while not erased.done():
            folder.fold()
        erased.result()
    fold(database)
    assert query(database, PRESENT_SINCE_2025.format(ABEL)) == [(0,)]
    assert query(database, PRESENT_SINCE_2025.format(SARA)) == [(1,)]
    assert query(database, PRESENT_SINCE_2025.format("ANY (ARRAY(SELECT -generate_series(1, 9)))")) == [(1,)]


@pytest.mark.usefixtures("appended")
def test_a_journal_in_which_all_is_folded_is_in_nobody_s_way(database: str) -> None:
    fold(database)
    erase(database)
    assert export(database, ABEL).keys() <= {"whiteboard_sessions"}


def test_the_journal_forgets_the_person_when_its_hour_is_emptied(appended: Database, database: str) -> None:
    fold(database)
    erase(database)
    execute(
        database,
        "UPDATE presence_journal SET hour = date_part('hour', timezone('UTC', now()) - interval '5 hours')",
        "UPDATE session_groups SET folded_at = now()",
    )
    Retention(appended, RetentionTimes(journal_hours=2)).empty_journal()
    assert query(database, "SELECT FROM presence_journal") == []
