"""Checks that exactly what was sent is stored, for every participant."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import psycopg2

from benchmarks.load.messages import Sent

_EXPECTED = """
    -- Every participant's first and last event, as sent.
    CREATE TEMPORARY TABLE expected AS
    SELECT session_id, 2 * session_id + CASE role WHEN 'student' THEN 1 ELSE 0 END AS user_id, role AS user_type,
        timestamptz 'epoch' + first_at * interval '1 microsecond' AS first_at,
        timestamptz 'epoch' + (last_at + apart * ((session_id - first_session) / step)) * interval '1 microsecond'
            AS last_at
    FROM unnest(
            %(roles)s::text[], %(starts)s::integer[], %(ends)s::integer[], %(steps)s::integer[],
            %(first)s::bigint[], %(last)s::bigint[], %(apart)s::bigint[]
        ) AS sent (role, first_session, end_session, step, first_at, last_at, apart),
        generate_series(first_session, end_session - 1, step) AS session_id
"""

_INTERVALS = """
    -- Participants with one interval, from the first event to the last, and no other.
    SELECT count(*) FROM expected JOIN (
        SELECT whiteboard_session_id AS session_id, user_id, user_type, min(started_at) AS started_at,
            max(ended_at) AS ended_at, max(last_sign_at) AS last_sign_at
        FROM presence_intervals GROUP BY whiteboard_session_id, user_id, user_type HAVING count(*) = 1
    ) AS stored USING (session_id, user_id, user_type)
    WHERE stored.started_at = first_at AND stored.ended_at = last_at AND stored.last_sign_at = last_at
"""

_COLUMNS = """
    -- Participants whose documented columns agree. They have an end once the sweeper has noticed the silence.
    SELECT count(*) FROM expected JOIN (
        SELECT id AS session_id, 'tutor' AS user_type, tutor_connected_at AS connected_at,
            tutor_disconnected_at AS disconnected_at, tutor_last_activity_at AS last_activity_at,
            tutor_total_active_seconds AS total_active_seconds
        FROM whiteboard_sessions
        UNION ALL
        SELECT id, 'student', student_connected_at, student_disconnected_at, student_last_activity_at,
            student_total_active_seconds
        FROM whiteboard_sessions
    ) AS stored USING (session_id, user_type)
    WHERE stored.connected_at = first_at AND stored.last_activity_at = last_at
        AND stored.total_active_seconds = floor(EXTRACT(EPOCH FROM last_at - first_at))
        AND COALESCE(stored.disconnected_at, last_at) = last_at
"""

_CONNECTS = """
    -- Participants whose connect is recorded.
    SELECT count(*) FROM expected JOIN connection_events AS stored
        ON stored.whiteboard_session_id = session_id AND stored.user_id = expected.user_id
        AND stored.user_type = expected.user_type
    WHERE stored.event = 'connect' AND stored.occurred_at = first_at
"""

_COMMITTED = """
    -- Events that are acknowledged, on all streams together.
    SELECT COALESCE(sum(committed_sequence), 0) FROM heartbeat_streams
"""

_BYTES = """
    -- Size of everything that is stored about a session, indexes included.
    SELECT sum(pg_total_relation_size(oid)) / (SELECT count(*) FROM whiteboard_sessions) FROM pg_class
    WHERE relname IN ('whiteboard_sessions', 'presence_intervals', 'connection_events', 'activity_periods')
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredFacts:
    """What is stored."""

    #: For each kind of fact, the number of participants for whom it is as sent.
    right: Mapping[str, int]
    committed: int
    sent: int
    bytes_per_session: float


def compare_with_sent(database: str, sent: Sent) -> StoredFacts:
    """Compare what is stored in a database with what was sent."""
    with closing(psycopg2.connect(database)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(_EXPECTED, _parameters(sent))
        cursor.execute("ANALYZE expected")

        def count(statement: str) -> Any:  # noqa: ANN401 - a column of a query
            cursor.execute(statement)
            [(value,)] = cursor.fetchall()
            return value

        return StoredFacts(
            right={
                "presence intervals": int(count(_INTERVALS)),
                "documented columns": int(count(_COLUMNS)),
                "recorded connects": int(count(_CONNECTS)),
            },
            committed=int(count(_COMMITTED)),
            sent=sent.events,
            bytes_per_session=float(count(_BYTES)),
        )


def _parameters(sent: Sent) -> dict[str, list[Any]]:
    return {
        "roles": [group.role for group in sent.groups],
        "starts": [group.first_session for group in sent.groups],
        "ends": [group.end_session for group in sent.groups],
        "steps": [group.step for group in sent.groups],
        "first": [group.first_at for group in sent.groups],
        "last": [group.last_at for group in sent.groups],
        "apart": [group.apart for group in sent.groups],
    }
