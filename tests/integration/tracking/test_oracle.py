"""The presence rules and the tables, compared with what PostgreSQL computes from the bare list of events (`oracle`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import datetime

import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class with a small name

from servicekit.clock import MICROSECONDS_PER_SECOND, Instant, from_datetime
from servicekit.database.engine import Database
from servicekit.time_ranges import TimeRange
from testkit.pytest_plugins.thorough import thoroughly
from testkit.whiteboard_sessions import TUTOR
from tests.integration.tracking.arriving import Fold, deliver, everything
from tests.integration.tracking.deliveries import (
    ARRIVALS,
    BACKFILL_LIMIT,
    BEGIN,
    REPLICAS,
    SESSIONS,
    STUDENTS,
    TIMEOUT,
    UNIT,
    Delivery,
    delivery_lists,
    sweeps,
    windows,
)
from tests.integration.tracking.oracle import Delivered, Facts, Rules, Subject, facts_of
from tracking_service.domain.events import Participant, PresenceEvent
from tracking_service.domain.measurement import measure
from tracking_service.domain.presence import NEVER_PRESENT, Presence, record

#: Hypothesis takes up to five minutes to find the smallest example of a failure.
pytestmark = pytest.mark.timeout(600)

NOW = Instant(BEGIN + max(ARRIVALS))
ADD_SESSIONS = """
    INSERT INTO whiteboard_sessions (tutor_id, student_id) SELECT %s, %s FROM generate_series(1, %s) RETURNING id"""
INTERVALS = """
    SELECT whiteboard_session_id, user_id, user_type, started_at, ended_at
    FROM presence_intervals WHERE whiteboard_session_id = ANY (%s) ORDER BY started_at"""
COLUMNS = """
    SELECT id, role, connected_at, last_activity_at, total_active_seconds
    FROM whiteboard_sessions, LATERAL (VALUES
        ('tutor', tutor_connected_at, tutor_last_activity_at, tutor_total_active_seconds),
        ('student', student_connected_at, student_last_activity_at, student_total_active_seconds)
    ) AS documented (role, connected_at, last_activity_at, total_active_seconds)
    WHERE id = ANY (%s) AND connected_at IS NOT NULL"""


@pytest.fixture
def connection(database: str) -> Iterator[Connection]:
    with closing(psycopg2.connect(database)) as connection:
        connection.autocommit = True
        yield connection


@pytest.fixture
def replicas(database: str) -> Iterator[list[Database]]:
    with ExitStack() as stack:
        pools = [Database(database, role="tracking_service", application="test", pool_size=2) for _ in range(REPLICAS)]
        for pool in pools:
            stack.callback(pool.dispose)
        yield pools


def rows(connection: Connection, statement: str, *parameters: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def expected(
    connection: Connection, deliveries: Sequence[Delivery], session_ids: Sequence[int], window: Sequence[int] = (0, 0)
) -> dict[Subject, Facts]:
    """Compute the facts in PostgreSQL; the window is in units."""
    start, end = window
    rules = Rules(
        timeout=TIMEOUT,
        backfill_limit=BACKFILL_LIMIT,
        window_start=BEGIN + start * UNIT,
        window_end=BEGIN + end * UNIT,
    )
    arrived = [
        Delivered(
            session_ids[one.session],
            *one.person,
            one.kind,
            one.reason,
            by_relay=one.by_relay,
            observed_at=BEGIN + one.observed,
            arrived_at=BEGIN + ARRIVALS[index],
        )
        for one in deliveries
        for index in one.arrivals
    ]
    return facts_of(connection, arrived, rules)


def by_participant_and_role(known: dict[Subject, Facts]) -> tuple[dict[Subject, Facts], dict[Subject, Facts]]:
    """Divide facts into those of participants and those of roles."""
    people = {subject: facts for subject, facts in known.items() if subject[1] is not None}
    return people, {subject: known[subject] for subject in known.keys() - people.keys()}


def by_the_rules(events: Sequence[PresenceEvent], window: Sequence[int]) -> dict[Subject, Facts]:
    """Compute the facts of participants with the service's own rules."""
    start, end = window
    own: dict[Participant, list[PresenceEvent]] = defaultdict(list)
    for event in events:
        own[event.participant].append(event)
    presences = {
        participant: record(NEVER_PRESENT, deliveries, earlier_disconnects=(), timeout=TIMEOUT)
        for participant, deliveries in own.items()
    }
    period = TimeRange(Instant(BEGIN + start * UNIT), Instant(BEGIN + end * UNIT))
    return {
        (session_id, user_id, str(user_type)): measured(presence, period)
        for (session_id, user_id, user_type), presence in presences.items()
        if presence.intervals
    }


def measured(presence: Presence, window: TimeRange[Instant]) -> Facts:
    in_window = measure(presence, window, now=NOW, timeout=TIMEOUT)
    spans = [interval.span for interval in presence.intervals]
    return Facts(
        starts=[span.started_at for span in spans],
        ends=[span.ended_at for span in spans],
        last_sign_at=max(span.last_sign_at for span in spans),
        total_active=in_window.total_active,
        active_in_window=in_window.active,
        returns_in_window=in_window.reconnect_count,
    )


def stored_intervals(connection: Connection, session_ids: Sequence[int]) -> dict[object, list[tuple[Instant, Instant]]]:
    found: dict[object, list[tuple[Instant, Instant]]] = defaultdict(list)
    for session_id, user_id, user_type, started_at, ended_at in rows(connection, INTERVALS, session_ids):
        found[session_id, user_id, user_type].append((instant(started_at), instant(ended_at)))
    return found


def stored_columns(connection: Connection, session_ids: Sequence[int]) -> dict[object, tuple[object, ...]]:
    return {
        (session_id, None, role): (instant(connected_at), instant(last_activity_at), seconds)
        for session_id, role, connected_at, last_activity_at, seconds in rows(connection, COLUMNS, session_ids)
    }


def instant(value: object) -> Instant:
    assert isinstance(value, datetime)
    return from_datetime(value)


@settings(
    max_examples=thoroughly(30, thorough=100),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(delivery_lists, windows)
def test_the_rules_have_the_result_that_postgresql_computes(
    connection: Connection, deliveries: list[Delivery], window: list[int]
) -> None:
    session_ids = range(1, SESSIONS + 1)
    people, _ = by_participant_and_role(expected(connection, deliveries, session_ids, window))
    assert by_the_rules(everything(deliveries, session_ids), window) == people


@settings(
    max_examples=thoroughly(12, thorough=40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(delivery_lists, st.lists(st.sampled_from(Fold), min_size=len(ARRIVALS), max_size=len(ARRIVALS)), sweeps)
def test_replicas_store_what_postgresql_computes_however_events_arrive(
    connection: Connection, replicas: list[Database], deliveries: list[Delivery], folds: list[Fold], swept: set[int]
) -> None:
    session_ids = [int(str(row[0])) for row in rows(connection, ADD_SESSIONS, TUTOR, list(STUDENTS), SESSIONS)]
    deliver(replicas, deliveries, session_ids, folds=folds, sweeps=swept)

    computed = expected(connection, deliveries, session_ids)
    assert stored_intervals(connection, session_ids) == {
        subject: list(zip(known.starts, known.ends, strict=True))
        for subject, known in computed.items()
        if subject[1] is not None
    }
    assert stored_columns(connection, session_ids) == {
        subject: (known.starts[0], known.last_sign_at, known.total_active // MICROSECONDS_PER_SECOND)
        for subject, known in computed.items()
        if subject[1] is None
    }
