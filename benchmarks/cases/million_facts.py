"""Whether what is stored is exactly what was sent, for every participant."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import psycopg2

from benchmarks.load.messages import Sent

_EXPECTED = """
    -- Everybody's first and last sign of life, as they were sent.
    CREATE TEMPORARY TABLE expected AS
    SELECT session_id, 2 * session_id + CASE role WHEN 'student' THEN 1 ELSE 0 END AS user_id, role AS user_type,
        timestamptz 'epoch' + first_at * interval '1 microsecond' AS first_at,
        timestamptz 'epoch' + last_at * interval '1 microsecond' AS last_at
    FROM unnest(
            %(roles)s::text[], %(starts)s::integer[], %(ends)s::integer[], %(steps)s::integer[],
            %(first)s::bigint[], %(last)s::bigint[]
        ) AS sent (role, first_session, end_session, step, first_at, last_at),
        generate_series(first_session, end_session - 1, step) AS session_id
"""

_INTERVALS = """
    -- Who has one interval, from the first sign of life to the last, and no other.
    SELECT count(*) FROM expected JOIN (
        SELECT whiteboard_session_id AS session_id, user_id, user_type, min(started_at) AS started_at,
            max(ended_at) AS ended_at, max(last_sign_at) AS last_sign_at
        FROM presence_intervals GROUP BY whiteboard_session_id, user_id, user_type HAVING count(*) = 1
    ) AS found USING (session_id, user_id, user_type)
    WHERE found.started_at = first_at AND found.ended_at = last_at AND found.last_sign_at = last_at
"""

_COLUMNS = """
    -- Whose documented columns say the same. Once the sweeper has noticed the silence, they also tell the end.
    SELECT count(*) FROM expected JOIN (
        SELECT id AS session_id, 'tutor' AS user_type, tutor_connected_at AS connected_at,
            tutor_disconnected_at AS disconnected_at, tutor_last_activity_at AS last_activity_at,
            tutor_total_active_seconds AS total_active_seconds
        FROM whiteboard_sessions
        UNION ALL
        SELECT id, 'student', student_connected_at, student_disconnected_at, student_last_activity_at,
            student_total_active_seconds
        FROM whiteboard_sessions
    ) AS found USING (session_id, user_type)
    WHERE found.connected_at = first_at AND found.last_activity_at = last_at
        AND found.total_active_seconds = floor(EXTRACT(EPOCH FROM last_at - first_at))
        AND COALESCE(found.disconnected_at, last_at) = last_at
"""

_CONNECTS = """
    -- Whose connect is recorded.
    SELECT count(*) FROM expected JOIN connection_events AS found
        ON found.whiteboard_session_id = session_id AND found.user_id = expected.user_id
        AND found.user_type = expected.user_type
    WHERE found.event = 'connect' AND found.occurred_at = first_at
"""

_COMMITTED = """
    -- How much is acknowledged, by all streams together.
    SELECT COALESCE(sum(committed_sequence), 0) FROM heartbeat_streams
"""

_BYTES = """
    -- Everything that a session leaves behind, indexes included.
    SELECT sum(pg_total_relation_size(oid)) / (SELECT count(*) FROM whiteboard_sessions) FROM pg_class
    WHERE relname IN ('whiteboard_sessions', 'presence_intervals', 'connection_events', 'activity_periods')
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What was found."""

    #: Participants of whom this is as it was sent.
    right: Mapping[str, int]
    committed: int
    sent: int
    bytes_per_session: float


def facts(database: str, sent: Sent) -> Facts:
    """Compare."""
    with closing(psycopg2.connect(database)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(_EXPECTED, _parameters(sent))
        cursor.execute("ANALYZE expected")

        def count(statement: str) -> Any:  # noqa: ANN401 - a column of a query
            cursor.execute(statement)
            [(value,)] = cursor.fetchall()
            return value

        return Facts(
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
    }
