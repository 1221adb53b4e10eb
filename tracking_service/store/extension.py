"""The statement behind nearly every heartbeat (see `tracking_service.domain.runs`)."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.clock import MICROSECONDS_PER_SECOND
from servicekit.database import arrays
from servicekit.database.prepared_statement import PreparedStatement
from tracking_service.domain.events import UserType
from tracking_service.domain.runs import USER_ID_BITS, USER_ID_MASK, USER_TYPE_BITS, Runs
from tracking_service.store.moments import moment

# A participant comes as one number (`runs.participant_key`): two arrays of numbers cost the driver, the parser and the
# plan half of what six arrays of its parts do. What is the same for all of a flush is left out.
_BATCH = f"""
    batch AS MATERIALIZED (
        SELECT CAST(key >> {USER_ID_BITS + USER_TYPE_BITS} AS integer) AS session_id,
            CAST(key >> {USER_TYPE_BITS} & {USER_ID_MASK} AS integer) AS user_id,
            CASE key & 1 WHEN 0 THEN '{UserType.TUTOR}' ELSE '{UserType.STUDENT}' END AS user_type,
            COALESCE(connection_id, '') AS connection_id,
            {moment("COALESCE(first, last)")} AS first_at, {moment("last")} AS last_at
        FROM unnest(
            CAST(:keys AS bigint[]), CAST(:last AS bigint[]), CAST(:first AS bigint[]), CAST(:connection_ids AS text[])
        ) AS batch (key, last, first, connection_id)
    )"""  # noqa: S608 - constants

MILLISECONDS_PER_SECOND = 1_000
#: The columns that `unnest` fills with NULL.
_NONE = "{}"

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
    -- Extend open intervals and the documented columns that follow, and count them. Nothing that an index covers
    -- changes: both updates stay in their pages.
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

_LOCK_TIMEOUT = text("SELECT set_config('lock_timeout', :milliseconds, true)")

_NOT_COVERED = text(f"""
    -- Of the runs of one flush, those that no open interval covers after it.
    WITH {_BATCH}
    SELECT ordinal - 1
    FROM (SELECT row_number() OVER () AS ordinal, * FROM batch) AS batch
    WHERE NOT EXISTS (
        SELECT FROM presence_intervals AS interval WHERE {_OPEN_INTERVAL} AND interval.last_sign_at >= batch.last_at
    )
""")  # noqa: S608 - constants


def wait_for_locks_at_most(connection: Connection, wait_seconds: float) -> None:
    """Let the rest of the transaction fail with StorageConflict where a lock is not to be had for longer."""
    connection.execute(_LOCK_TIMEOUT, {"milliseconds": f"{round(wait_seconds * MILLISECONDS_PER_SECOND)}ms"})


def extend(connection: Connection, runs: Runs, timeout: int) -> list[int]:
    """Extend the open intervals of participants and return the keys of those who have none that fits.

    `timeout` is in microseconds.
    """
    if not runs.participant_keys:
        return []
    parameters = _parameters(runs)
    extended: int = _EXTEND.execute(connection, {**parameters, "timeout": timeout}).scalar_one()
    if extended == len(runs.participant_keys):
        return []
    return [runs.participant_keys[index] for index in connection.execute(_NOT_COVERED, parameters).scalars()]


def _parameters(runs: Runs) -> dict[str, str]:
    return {
        "keys": arrays.numbers(runs.participant_keys),
        "last": arrays.numbers(runs.last_at),
        "first": _NONE if runs.first_at is runs.last_at else arrays.numbers(runs.first_at),
        "connection_ids": arrays.texts(runs.connection_ids) if any(runs.connection_ids) else _NONE,
    }
