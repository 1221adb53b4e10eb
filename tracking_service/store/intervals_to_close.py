"""Sessions with open intervals that no event will close: of users who are silent, or who do not take part any more."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.clock import Instant
from servicekit.database import arrays
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.grouping import GROUPS
from tracking_service.store.shards import ShardServers
from tracking_service.store.sql import IN_SHARD, timestamptz_sql

_SILENT_SQL = """
    -- Sessions with an open interval that was silent for too long. Reads only the open intervals (partial index
    -- presence_intervals_open), so its cost does not grow with history. To look up the time of a row's group takes
    -- longer than all else, so most rows are compared with the latest one first.
    WITH silent AS MATERIALIZED (
        SELECT whiteboard_session_id
        FROM {intervals}
        WHERE end_reason IS NULL AND last_sign_at < {latest} AND last_sign_at < {silent_since}
        LIMIT {max_intervals}
    )
    SELECT DISTINCT whiteboard_session_id FROM silent ORDER BY whiteboard_session_id
"""
_SILENT = text(
    _SILENT_SQL.format(
        intervals="presence_intervals",
        latest=timestamptz_sql("CAST(:latest AS bigint)"),
        silent_since=timestamptz_sql(f"(CAST(:silent_since AS bigint[]))[whiteboard_session_id % {GROUPS} + 1]"),
        max_intervals=":max_intervals",
    )
)
#: Of a million open intervals most are read, whose order in the index is not that in the table. Page by page that takes
#: an eighth of the time. The planner does not choose it, because it expects to find many that are silent.
_READ_BY_PAGE = text("SELECT set_config('enable_bitmapscan', 'on', true), set_config('enable_indexscan', 'off', true)")
#: As `tracking_service.domain.grouping` has it.
_HASHED_GROUP = "CAST((CAST(hashint4(whiteboard_session_id) AS bigint) + 2147483648) >> 24 AS integer)"

_OF_OTHERS_SQL = """
    -- Sessions with an open interval of a user who does not take part in them any more. student_id is INTEGER in some
    -- databases and INTEGER[] in others; as JSON both contain a number.
    SELECT DISTINCT interval.whiteboard_session_id
    FROM {intervals} AS interval
    JOIN {sessions} AS session ON session.id = interval.whiteboard_session_id
    WHERE interval.end_reason IS NULL AND NOT COALESCE(
        CASE interval.user_type WHEN 'tutor' THEN session.tutor_id = interval.user_id
            ELSE to_jsonb(session.student_id) @> to_jsonb(interval.user_id) END,
        false)
    ORDER BY interval.whiteboard_session_id
    LIMIT {max_sessions}
"""
_OF_OTHERS = text(
    _OF_OTHERS_SQL.format(intervals="presence_intervals", sessions="whiteboard_sessions", max_sessions=":max_sessions")
)


def sessions_with_silence(
    connection: Connection, silent_since: Sequence[Instant], max_intervals: int
) -> list[WhiteboardSessionId]:
    """Return sessions in which an open interval had no sign of life since the time of their group in `silent_since`.

    They are those of so many intervals at most. Facts are in one PostgreSQL.
    """
    connection.execute(_READ_BY_PAGE)
    parameters = {
        "latest": max(silent_since),
        "silent_since": arrays.numbers(silent_since),
        "max_intervals": max_intervals,
    }
    return list(connection.execute(_SILENT, parameters).scalars())


def sessions_with_silence_in_shards(
    servers: ShardServers, silent_since: Sequence[Instant], max_intervals: int
) -> list[WhiteboardSessionId]:
    """Return the same where facts are in shards. Those of shards whose servers do not answer are left out."""
    since = IN_SHARD.timestamptz(f"(CAST('{arrays.numbers(silent_since)}' AS bigint[]))[{_HASHED_GROUP} + 1]")
    command = _SILENT_SQL.format(
        intervals="%1$s",
        latest=IN_SHARD.timestamptz(str(max(silent_since))),
        silent_since=since,
        max_intervals=max_intervals,
    )
    return _of_each_shard(servers, command, max_intervals, "presence_intervals")


def sessions_with_others(servers: ShardServers, max_sessions: int) -> list[WhiteboardSessionId]:
    """Return sessions in which an open interval belongs to a user who does not take part in them any more.

    Those of shards whose servers do not answer are left out.
    """
    if not servers.grouping().is_distributed:
        with servers.database.transaction() as connection:
            return list(connection.execute(_OF_OTHERS, {"max_sessions": max_sessions}).scalars())
    command = _OF_OTHERS_SQL.format(intervals="%1$s", sessions="%2$s", max_sessions=max_sessions)
    return _of_each_shard(servers, command, max_sessions, "presence_intervals", "whiteboard_sessions")


def _of_each_shard(servers: ShardServers, command: str, max_sessions: int, *tables: str) -> list[WhiteboardSessionId]:
    found = servers.ask_each(f"SELECT array_to_json(ARRAY({command}))", *tables)
    return [WhiteboardSessionId(one) for one in chain.from_iterable(found.values())][:max_sessions]
