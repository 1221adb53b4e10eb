"""First connects are recorded without the full rules, and what is stored is what the full rules store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import chain
from typing import NamedTuple
from unittest.mock import patch
from uuid import UUID

import numpy as np
import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class with a small name

from servicekit.clock import Instant, from_datetime, seconds
from servicekit.database.engine import Database
from servicekit.identifiers import StreamId, UserId, WhiteboardSessionId
from testkit.pytest_plugins.thorough import thoroughly
from testkit.whiteboard_sessions import STUDENT, TUTOR
from tracking_service.domain.events import EndReason, EventKind, Participant, PresenceEvent, UserType
from tracking_service.domain.heartbeat_columns import HeartbeatColumns, connection_number, key_of
from tracking_service.domain.journal import NO_SOURCE, Source
from tracking_service.folding.facts import record_pending
from tracking_service.folding.pending import Pending
from tracking_service.instruments.folding import FoldInstruments
from tracking_service.store import presence_intervals
from tracking_service.store.sql import FIND_ROWS_BY_KEY

#: Hypothesis takes up to five minutes to find the smallest example of a failure.
pytestmark = pytest.mark.timeout(600)

UNIT = seconds(15)
TIMEOUT = 5 * UNIT
BEGIN = from_datetime(datetime(2026, 3, 2, 12, tzinfo=UTC))
LATEST_UNIT = 12
NOW = Instant(BEGIN + LATEST_UNIT * UNIT)
SESSIONS = 2
FOLDS = 2
#: A class: two students are one role.
PEOPLE = ((TUTOR, UserType.TUTOR), (STUDENT, UserType.STUDENT), (STUDENT + 1, UserType.STUDENT))
RELAY = Source(StreamId(UUID(int=1)), is_live=True)
SOURCES = (RELAY, Source(StreamId(UUID(int=2))), NO_SOURCE)
PHONE = "phone"

ADD_SESSIONS = """
    INSERT INTO whiteboard_sessions (tutor_id, student_id) SELECT %s, %s FROM generate_series(1, %s) RETURNING id"""
STORED = (
    """
    SELECT whiteboard_session_id - %s, user_id, user_type, started_at, ended_at, last_sign_at, end_reason, connections,
        sole_connection_id, preceding_active_microseconds, stream_id
    FROM presence_intervals WHERE whiteboard_session_id = ANY (%s) ORDER BY 1, 2, 3, 4
    """,
    """
    SELECT whiteboard_session_id - %s, user_id, user_type, occurred_at, event, connection_id
    FROM connection_events WHERE whiteboard_session_id = ANY (%s) ORDER BY 1, 2, 3, 4, 5, 6
    """,
    """
    SELECT whiteboard_session_id - %s, stream_id
    FROM relay_sessions WHERE whiteboard_session_id = ANY (%s) ORDER BY 1, 2
    """,
    """
    SELECT id - %s, tutor_connected_at, tutor_disconnected_at, tutor_last_activity_at, tutor_total_active_seconds,
        student_connected_at, student_disconnected_at, student_last_activity_at, student_total_active_seconds,
        connection_logs
    FROM whiteboard_sessions WHERE id = ANY (%s) ORDER BY 1
    """,
)


class Delivery(NamedTuple):
    """One event, and in which fold it is."""

    session: int
    person: tuple[int, UserType]
    kind: EventKind
    unit: int
    connection_id: str = ""
    source: Source = RELAY
    fold: int = 0
    reason: EndReason = EndReason.CLOSED


def plain(session: int, person: tuple[int, UserType]) -> st.SearchStrategy[list[Delivery]]:
    """Connect once, and send heartbeats of the same connection."""

    def built(first: int, gaps: list[int], connection_id: str, fold: int) -> list[Delivery]:
        units = [min(first + sum(gaps[:end]), LATEST_UNIT) for end in range(len(gaps) + 1)]
        kinds = [EventKind.CONNECT, *[EventKind.HEARTBEAT] * len(gaps)]
        return [
            Delivery(session, person, kind, unit, connection_id, fold=fold)
            for kind, unit in zip(kinds, units, strict=True)
        ]

    return st.builds(
        built,
        st.integers(LATEST_UNIT - 6, LATEST_UNIT),
        st.lists(st.integers(0, 3), max_size=3),
        st.sampled_from(("", PHONE)),
        st.integers(0, FOLDS - 1),
    )


def anything(session: int, person: tuple[int, UserType]) -> st.SearchStrategy[list[Delivery]]:
    one = st.builds(
        Delivery,
        session=st.just(session),
        person=st.just(person),
        kind=st.sampled_from((EventKind.CONNECT, EventKind.HEARTBEAT, EventKind.HEARTBEAT, EventKind.DISCONNECT)),
        unit=st.integers(0, LATEST_UNIT),
        connection_id=st.sampled_from(("", "", PHONE)),
        source=st.sampled_from((RELAY, RELAY, *SOURCES)),
        fold=st.integers(0, FOLDS - 1),
        reason=st.sampled_from(EndReason),
    )
    return st.lists(one, max_size=4)


#: All events of some lessons. Most who come only connect.
delivery_lists = st.tuples(
    *(
        st.one_of(plain(session, person), plain(session, person), anything(session, person))
        for session in range(SESSIONS)
        for person in PEOPLE
    )
).map(lambda lists: list(chain.from_iterable(lists)))


@pytest.fixture
def connection(database: str) -> Iterator[Connection]:
    with closing(psycopg2.connect(database)) as connection:
        connection.autocommit = True
        yield connection


@pytest.fixture
def pool(database: str) -> Iterator[Database]:
    pool = Database(database, role="tracking_service", application="test", pool_size=1, parameters=FIND_ROWS_BY_KEY)
    yield pool
    pool.dispose()


def rows(connection: Connection, statement: str, *parameters: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def pending(deliveries: Sequence[Delivery], sessions: Sequence[int]) -> Pending:
    """Return events as they come out of the journal."""
    events: dict[Source, list[PresenceEvent]] = defaultdict(list)
    heartbeats: list[tuple[int, int, int]] = []
    sources: list[int] = []
    for one in deliveries:
        participant = Participant(WhiteboardSessionId(sessions[one.session]), UserId(one.person[0]), one.person[1])
        at = Instant(BEGIN + one.unit * UNIT)
        if one.kind is EventKind.HEARTBEAT:
            heartbeats.append((key_of(participant), at, connection_number(one.connection_id)))
            sources.append(SOURCES.index(one.source))
        else:
            reason = one.reason if one.kind is EventKind.DISCONNECT else EndReason.CLOSED
            events[one.source].append(PresenceEvent(participant, one.kind, at, one.connection_id, reason=reason))
    keys, times, numbers = zip(*heartbeats, strict=True) if heartbeats else ((), (), ())
    columns = HeartbeatColumns(np.array(keys, np.int64), np.array(times, np.int64), np.array(numbers, np.uint32))
    return Pending(columns, np.array(sources, np.intp), SOURCES, events, {connection_number(PHONE): PHONE})


def stored(
    connection: Connection, pool: Database, deliveries: Sequence[Delivery], *, by_the_full_rules: bool = False
) -> list[list[tuple[object, ...]]]:
    """Record events of new sessions, fold by fold, and return all rows about these."""
    students = [user_id for user_id, role in PEOPLE if role is UserType.STUDENT]
    sessions = sorted(int(str(row[0])) for row in rows(connection, ADD_SESSIONS, TUTOR, students, SESSIONS))
    for fold in range(FOLDS):
        own = pending([one for one in deliveries if one.fold == fold], sessions)
        with pool.transaction() as transaction:
            if by_the_full_rules:
                with patch("tracking_service.folding.facts.first_connects", return_value={}):
                    record_pending(transaction, own, now=NOW, timeout=TIMEOUT, instruments=FoldInstruments())
            else:
                record_pending(transaction, own, now=NOW, timeout=TIMEOUT, instruments=FoldInstruments())
    return [rows(connection, statement, sessions[0], sessions) for statement in STORED]


@settings(
    max_examples=thoroughly(40, thorough=400),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(delivery_lists)
def test_what_is_stored_is_what_the_full_rules_store(
    connection: Connection, pool: Database, deliveries: list[Delivery]
) -> None:
    assert stored(connection, pool, deliveries) == stored(connection, pool, deliveries, by_the_full_rules=True)


def connect(person: tuple[int, UserType] = PEOPLE[0], *, unit: int = 8, fold: int = 0) -> Delivery:
    return Delivery(0, person, EventKind.CONNECT, unit, fold=fold)


def heartbeat(*, unit: int = 10, connection_id: str = "", source: Source = RELAY) -> Delivery:
    return Delivery(0, PEOPLE[0], EventKind.HEARTBEAT, unit, connection_id, source)


def disconnect(*, unit: int, fold: int = 0) -> Delivery:
    return Delivery(0, PEOPLE[0], EventKind.DISCONNECT, unit, fold=fold)


@pytest.mark.parametrize(
    ("deliveries", "recorded_plainly"),
    [
        pytest.param([connect()], 1, id="a connect"),
        pytest.param([connect(), heartbeat(unit=12), heartbeat()], 1, id="and its heartbeats"),
        pytest.param([heartbeat(unit=7), connect()], 1, id="one of them before it"),
        pytest.param([connect(), connect(PEOPLE[1])], 2, id="a tutor and a student"),
        pytest.param([connect(), connect(PEOPLE[1], fold=1)], 2, id="the student in a later fold"),
        pytest.param([connect(PEOPLE[1]), connect(PEOPLE[2])], 0, id="two students of a class"),
        pytest.param([connect(PEOPLE[1]), connect(PEOPLE[2], fold=1)], 1, id="the second student later"),
        pytest.param([connect(), connect(unit=9)], 0, id="two connects"),
        pytest.param([connect(), connect(unit=9, fold=1)], 1, id="the second one later"),
        pytest.param([connect(), heartbeat(connection_id=PHONE)], 0, id="a heartbeat of another connection"),
        pytest.param([connect(), heartbeat(source=NO_SOURCE)], 0, id="a heartbeat from elsewhere"),
        pytest.param([connect(unit=6), heartbeat(unit=12)], 0, id="silence between"),
        pytest.param([connect(unit=6)], 0, id="silence since"),
        pytest.param([connect(), disconnect(unit=9)], 0, id="a disconnect"),
        pytest.param([connect(PEOPLE[1]), disconnect(unit=9)], 0, id="a disconnect of somebody else"),
        pytest.param([disconnect(unit=9), connect(fold=1)], 0, id="a disconnect that counts now"),
    ],
)
def test_first_connects_are_told_from_others(
    connection: Connection, pool: Database, deliveries: list[Delivery], recorded_plainly: int
) -> None:
    with patch.object(presence_intervals, "insert_first", wraps=presence_intervals.insert_first) as inserted:
        facts = stored(connection, pool, deliveries)
    assert sum(len(call.args[1]) for call in inserted.call_args_list) == recorded_plainly
    assert facts == stored(connection, pool, deliveries, by_the_full_rules=True)
