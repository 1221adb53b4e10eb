"""However events are delivered, the tables hold the result of the rules (docs/presence.md#order-of-arrival).

Plain heartbeats take a shorter way than other events (`tracking_service.domain.heartbeat_columns`). Both must have the
same result.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from servicekit.clock import from_datetime, seconds
from servicekit.database.engine import Database
from servicekit.identifiers import UserId, WhiteboardSessionId
from testkit.clock import SettableClock
from testkit.postgres import query
from testkit.pytest_plugins.thorough import thoroughly
from testkit.recorder import Recorder
from testkit.whiteboard_sessions import add_whiteboard_session
from tests.unit.tracking.histories import LATEST
from tests.unit.tracking.histories import TIMEOUT as TIMEOUT_UNITS
from tracking_service.domain.events import EndReason, EventKind, Participant, PresenceEvent, UserType
from tracking_service.domain.heartbeat_columns import key_of
from tracking_service.domain.presence import NEVER_PRESENT, Presence, record, time_out
from tracking_service.domain.status import role_columns
from tracking_service.recording.appender import Appender
from tracking_service.recording.submission import UNNUMBERED, NumberedEvent, Outcome, Submission, SubmissionStatus
from tracking_service.store import presence_intervals

#: Hypothesis takes up to five minutes to find the smallest example of a failure, and takes a timeout for one, too.
pytestmark = pytest.mark.timeout(600)

UNIT = seconds(15)
TIMEOUT = TIMEOUT_UNITS * UNIT
BEGIN = from_datetime(datetime(2026, 3, 2, 12, tzinfo=UTC))
NOW = datetime(2026, 3, 2, 12, 5, tzinfo=UTC)
STUDENTS = (201, 202)

#: (student, kind, time in units, connection id, reason), mostly heartbeats of one connection.
Delivered = tuple[int, EventKind, int, str, EndReason]
delivered = st.tuples(
    st.sampled_from([STUDENTS[0], *STUDENTS]),
    st.sampled_from([EventKind.HEARTBEAT] * 6 + list(EventKind)),
    st.integers(0, LATEST),
    st.sampled_from(["", "", "", "phone"]),
    st.sampled_from(EndReason),
)


PHONE: Delivered = (STUDENTS[0], EventKind.HEARTBEAT, 13, "phone", EndReason.CLOSED)
#: The last sign of life is not the open connection's own.
OPENED_AND_CLOSED: list[Delivered] = [
    (STUDENTS[0], EventKind.HEARTBEAT, 17, "", EndReason.CLOSED),
    (STUDENTS[0], EventKind.DISCONNECT, 18, "", EndReason.CLOSED),
]
#: The participant seemed to have timed out, but had not: this tab closed, and the other went on within the timeout.
LATE_EVENTS_OF_ANOTHER_TAB: list[Delivered] = [
    (STUDENTS[0], EventKind.HEARTBEAT, 17, "", EndReason.CLOSED),
    (STUDENTS[0], EventKind.DISCONNECT, 27, "", EndReason.TIMED_OUT),
]


#: A tab was gone when another one's late sign of life arrived, which was still open then.
GONE_AND_LATE: list[list[Delivered]] = [
    [
        (STUDENTS[0], EventKind.HEARTBEAT, 15, "phone", EndReason.CLOSED),
        (STUDENTS[0], EventKind.DISCONNECT, 15, "phone", EndReason.TIMED_OUT),
    ],
    [(STUDENTS[0], EventKind.HEARTBEAT, 10, "", EndReason.CLOSED)],
]
#: The service had concluded that the participant was gone when another tab's late events arrived.
CONCLUDED_AND_LATE: list[list[Delivered]] = [
    [(STUDENTS[0], EventKind.HEARTBEAT, 14, "", EndReason.CLOSED)],
    [
        (STUDENTS[0], EventKind.HEARTBEAT, 17, "phone", EndReason.CLOSED),
        (STUDENTS[0], EventKind.DISCONNECT, 18, "phone", EndReason.CLOSED),
    ],
]


@pytest.fixture
def pool(database: str) -> Iterator[Database]:
    pool = Database(database, role="tracking_service", application="test", pool_size=2)
    yield pool
    pool.dispose()


@pytest.fixture
def recorder(pool: Database) -> Recorder:
    """Return one for all examples: each appender is a writer, whose position every group has."""
    return Recorder(pool, SettableClock(NOW), timeout=TIMEOUT)


def event(session_id: int, one: Delivered) -> PresenceEvent:
    student, kind, unit, connection_id, reason = one
    participant = Participant(WhiteboardSessionId(session_id), UserId(student), UserType.STUDENT)
    at = type(BEGIN)(BEGIN + unit * UNIT)
    return PresenceEvent(participant, kind, at, connection_id, reason=reason)


def submission(session_id: int, batch: list[Delivered]) -> Submission:
    made = Submission(None)
    for one in (event(session_id, each) for each in batch):
        if one.kind is EventKind.HEARTBEAT:
            made.heartbeats.add(UNNUMBERED, key_of(one.participant), one.at, one.connection_id)
        else:
            made.events.append(NumberedEvent(UNNUMBERED, one))
    return made


def expected(session_id: int, history: list[Delivered]) -> dict[Participant, Presence]:
    clock = SettableClock(NOW)
    events = [event(session_id, each) for each in history]
    presences = {
        participant: time_out(
            record(
                NEVER_PRESENT,
                [one for one in events if one.participant == participant],
                earlier_disconnects=(),
                timeout=TIMEOUT,
            ),
            clock.now(),
            TIMEOUT,
        )
        for participant in {one.participant for one in events}
    }
    return {participant: presence for participant, presence in presences.items() if presence.intervals}


@settings(
    max_examples=thoroughly(40, thorough=150),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example([[PHONE], LATE_EVENTS_OF_ANOTHER_TAB])
@example(GONE_AND_LATE)
@example(CONCLUDED_AND_LATE)
@example([[PHONE, *OPENED_AND_CLOSED], [(STUDENTS[0], EventKind.DISCONNECT, 22, "", EndReason.CLOSED)]])
@given(st.lists(st.lists(delivered, min_size=1, max_size=6), min_size=1, max_size=6))
def test_the_tables_hold_the_result_of_the_rules_for_the_set_of_events(
    pool: Database, database: str, recorder: Recorder, batches: list[list[Delivered]]
) -> None:
    session_id = add_whiteboard_session(database, students=STUDENTS)
    for batch in batches:
        recorder.write([submission(session_id, batch)])

    rules = expected(session_id, [each for batch in batches for each in batch])
    with pool.transaction() as connection:
        stored = presence_intervals.load(connection, [WhiteboardSessionId(session_id)])
    assert {who: presence.intervals for who, presence in stored.items()} == {
        who: presence.intervals for who, presence in rules.items()
    }
    assert_projected(database, session_id, rules)
    assert_preceding(database, session_id)


def assert_projected(database: str, session_id: int, rules: dict[Participant, Presence]) -> None:
    projected = role_columns(list(rules.values()))
    stored: list[tuple[Any, ...]] = list(
        query(
            database,
            f"""
        SELECT student_connected_at, student_disconnected_at, student_last_activity_at, student_total_active_seconds
        FROM whiteboard_sessions WHERE id = {session_id}""",  # noqa: S608
        )
    )
    [(connected_at, disconnected_at, last_activity_at, total)] = stored
    if projected is None:
        assert connected_at is None
        return
    assert from_datetime(connected_at) == projected.connected_at
    assert (disconnected_at and from_datetime(disconnected_at)) == projected.disconnected_at
    assert from_datetime(last_activity_at) == projected.last_activity_at
    assert total == projected.total_active_seconds


def assert_preceding(database: str, session_id: int) -> None:
    wrong = query(
        database,
        f"""
        SELECT * FROM (
            SELECT preceding_active_microseconds AS stored, COALESCE(sum(EXTRACT(EPOCH FROM ended_at - started_at))
                OVER (PARTITION BY user_id ORDER BY started_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
                * 1000000 AS summed
            FROM presence_intervals WHERE whiteboard_session_id = {session_id}) AS sums
        WHERE stored <> summed""",  # noqa: S608
    )
    assert wrong == []


def test_a_flush_without_content_leaves_no_record(pool: Database, database: str) -> None:
    appender = Appender(pool)
    empty = [Submission(None), Submission(None)]
    assert appender.write(empty) == [Outcome(SubmissionStatus.COMMITTED)] * 2
    assert query(database, "SELECT FROM presence_journal UNION ALL SELECT FROM journal_writers") == []
