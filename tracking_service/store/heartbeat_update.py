"""The update behind nearly every heartbeat (see `tracking_service.domain.heartbeat_batch`)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.clock import MICROSECONDS_PER_SECOND
from servicekit.database import arrays
from servicekit.database.engine import Database
from servicekit.database.prepared_statement import PreparedStatement
from tracking_service.domain.events import UserType
from tracking_service.domain.heartbeat_batch import (
    USER_ID_BITS,
    USER_ID_MASK,
    USER_TYPE_BITS,
    HeartbeatColumns,
    split_by_session,
)
from tracking_service.store.sql import timestamptz_sql

#: With fewer rows, transactions of their own cost more than they save.
MIN_ROWS_FOR_HALVES = 500

# A participant comes as one number (`heartbeat_batch.participant_key`): two arrays of numbers cost the driver, the
# parser and the plan half of what six arrays of its parts do. What is the same for all rows of a flush is left out.
_BATCH = f"""
    batch AS MATERIALIZED (
        SELECT CAST(key >> {USER_ID_BITS + USER_TYPE_BITS} AS integer) AS session_id,
            CAST(key >> {USER_TYPE_BITS} & {USER_ID_MASK} AS integer) AS user_id,
            CASE key & 1 WHEN 0 THEN '{UserType.TUTOR}' ELSE '{UserType.STUDENT}' END AS user_type,
            COALESCE(connection_id, '') AS connection_id,
            {timestamptz_sql("COALESCE(first, last)")} AS first_at, {timestamptz_sql("last")} AS last_at
        FROM unnest(
            CAST(:keys AS bigint[]), CAST(:last AS bigint[]), CAST(:first AS bigint[]), CAST(:connection_ids AS text[])
        ) AS batch (key, last, first, connection_id)
    )"""  # noqa: S608 - constants

#: `unnest` fills the column with NULL.
_NO_VALUES = "{}"

_OPEN_INTERVAL = """
    interval.whiteboard_session_id = batch.session_id AND interval.user_id = batch.user_id
        AND interval.user_type = batch.user_type AND interval.end_reason IS NULL
        AND interval.sole_connection_id = batch.connection_id AND interval.started_at <= batch.first_at"""


def _projected(role: str) -> str:
    of_role = f"FILTER (WHERE user_type = '{role}')"
    return (
        f"max(last_sign_at) {of_role} AS {role}_last, max(active) {of_role} / {MICROSECONDS_PER_SECOND} AS {role}_total"
    )


def _columns(role: str) -> str:
    return f"""
        {role}_last_activity_at = GREATEST(session.{role}_last_activity_at, role.{role}_last),
        {role}_total_active_seconds = GREATEST(session.{role}_total_active_seconds, role.{role}_total)"""


_EXTEND = PreparedStatement(
    "extend",
    f"""
    -- Extend open intervals and the documented columns that follow, and count the intervals. No indexed column changes,
    -- so both updates stay in their pages (HOT).
    WITH {_BATCH},
    extended AS (
        UPDATE presence_intervals AS interval
        SET ended_at = GREATEST(interval.ended_at, batch.last_at),
            last_sign_at = GREATEST(interval.last_sign_at, batch.last_at)
        FROM batch
        WHERE {_OPEN_INTERVAL}
            AND batch.first_at <= interval.last_sign_at + :timeout * interval '1 microsecond'
        RETURNING interval.whiteboard_session_id AS session_id, interval.user_type, interval.last_sign_at,
            interval.preceding_active_microseconds
            + CAST(date_part('epoch', interval.ended_at - interval.started_at) * {MICROSECONDS_PER_SECOND} AS bigint)
            AS active
    ),
    projected AS (
        UPDATE whiteboard_sessions AS session
        SET {_columns("tutor")},
            {_columns("student")}
        FROM (
            SELECT session_id, {_projected("tutor")}, {_projected("student")}
            FROM extended GROUP BY session_id ORDER BY session_id
        ) AS role
        WHERE session.id = role.session_id
    )
    SELECT count(*) FROM extended
    """,  # noqa: S608 - constants
    {"keys": "bigint[]", "last": "bigint[]", "first": "bigint[]", "connection_ids": "text[]", "timeout": "bigint"},
)

_NOT_COVERED = text(f"""
    -- Of the heartbeats of one flush, those that no open interval covers after it.
    WITH {_BATCH}
    SELECT ordinal - 1
    FROM (SELECT row_number() OVER () AS ordinal, * FROM batch) AS batch
    WHERE NOT EXISTS (
        SELECT FROM presence_intervals AS interval WHERE {_OPEN_INTERVAL} AND interval.last_sign_at >= batch.last_at
    )
""")  # noqa: S608 - constants


class Extended(NamedTuple):
    """What became of the plain heartbeats of a flush."""

    #: The keys of participants who have no open interval that fits.
    missed: set[int]
    #: Whether the flush's own transaction has locked intervals and sessions.
    holds_locks: bool


_NOTHING = Extended(set(), holds_locks=False)


class HeartbeatUpdater:
    """Writes the plain heartbeats of a flush. Blocking; one flush at a time.

    A large flush is divided over two connections, because PostgreSQL runs a statement on one core. Both halves are
    committed before the flush, which keeps its streams locked so that no other call can take them over meanwhile. If
    the flush fails after that, nothing of it is acknowledged. Its heartbeats are sent again and change nothing.

    The flush waits for the halves, which PostgreSQL can't see. So it holds no locks that they, or other replicas, need.
    """

    def __init__(self, database: Database, *, timeout: int) -> None:
        """`timeout` is the presence timeout in microseconds."""
        self._database = database
        self._timeout = timeout
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="heartbeat_update")

    def update(self, connection: Connection, columns: HeartbeatColumns, *, may_divide: bool) -> Extended:
        """Extend open intervals.

        A flush that has locked them already must not be divided: its halves would wait for it.

        Raises:
            StorageConflict: another transaction was in the way.
            StorageUnavailable: the database is unavailable or busy.
        """
        if len(columns.participant_keys) < MIN_ROWS_FOR_HALVES or not may_divide:
            return extend(connection, columns, self._timeout)
        # The halves have no session in common, so that neither ever waits for the rows of the other.
        first, second = split_by_session(columns)
        second_half = self._executor.submit(self._commit, second)
        try:
            missed = self._commit(first)
        finally:
            # A retry of the flush must not run beside it.
            wait([second_half])
        return Extended(missed | second_half.result(), holds_locks=False)

    def _commit(self, columns: HeartbeatColumns) -> set[int]:
        with self._database.transaction() as connection:
            return extend(connection, columns, self._timeout).missed


def extend(connection: Connection, columns: HeartbeatColumns, timeout: int) -> Extended:
    """Extend the open intervals of participants; `timeout` is in microseconds."""
    if not columns.participant_keys:
        return _NOTHING
    parameters = _parameters(columns)
    extended: int = _EXTEND.execute(connection, {**parameters, "timeout": timeout}).scalar_one()
    if extended == len(columns.participant_keys):
        return Extended(set(), holds_locks=True)
    missed = {columns.participant_keys[index] for index in connection.execute(_NOT_COVERED, parameters).scalars()}
    return Extended(missed, holds_locks=extended > 0)


def _parameters(columns: HeartbeatColumns) -> dict[str, str]:
    return {
        "keys": arrays.numbers(columns.participant_keys),
        "last": arrays.numbers(columns.last_at),
        "first": _NO_VALUES if columns.first_at is columns.last_at else arrays.numbers(columns.first_at),
        "connection_ids": arrays.texts(columns.connection_ids) if any(columns.connection_ids) else _NO_VALUES,
    }
