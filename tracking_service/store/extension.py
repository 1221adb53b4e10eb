"""The statement behind nearly every heartbeat (see `tracking_service.domain.runs`)."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.clock import MICROSECONDS_PER_SECOND
from servicekit.database import arrays
from tracking_service.domain.runs import Run, participant
from tracking_service.store.moments import moment

_BATCH = f"""
    batch AS (
        SELECT session_id, user_id, user_type, connection_id,
            {moment("first")} AS first_at, {moment("last")} AS last_at
        FROM unnest(
            CAST(:session_ids AS integer[]), CAST(:user_ids AS integer[]), CAST(:user_types AS text[]),
            CAST(:connection_ids AS text[]), CAST(:first AS bigint[]), CAST(:last AS bigint[])
        ) AS batch (session_id, user_id, user_type, connection_id, first, last)
    )"""  # noqa: S608 - constants

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


_EXTEND = text(f"""
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
""")  # noqa: S608 - constants

_NOT_COVERED = text(f"""
    -- Of the runs of one flush, those that no open interval covers after it.
    WITH {_BATCH}
    SELECT ordinal - 1
    FROM (SELECT row_number() OVER () AS ordinal, * FROM batch) AS batch
    WHERE NOT EXISTS (
        SELECT FROM presence_intervals AS interval WHERE {_OPEN_INTERVAL} AND interval.last_sign_at >= batch.last_at
    )
""")  # noqa: S608 - constants


def extend(connection: Connection, runs: Mapping[int, Run], timeout: int) -> list[int]:
    """Extend the open intervals of participants and return the keys of those who have none that fits.

    `runs` are by participant key; `timeout` is in microseconds.
    """
    # Rows are locked in the order of the keys, so that replicas do not deadlock.
    keys = sorted(runs)
    parameters = _parameters(keys, runs)
    extended: int = connection.execute(_EXTEND, {**parameters, "timeout": timeout}).scalar_one()
    if extended == len(keys):
        return []
    return [keys[index] for index in connection.execute(_NOT_COVERED, parameters).scalars()]


def _parameters(keys: list[int], runs: Mapping[int, Run]) -> dict[str, str]:
    participants = [participant(key) for key in keys]
    ordered = [runs[key] for key in keys]
    return {
        "session_ids": arrays.integers([session_id for session_id, _, _ in participants]),
        "user_ids": arrays.integers([user_id for _, user_id, _ in participants]),
        "user_types": arrays.texts([user_type for _, _, user_type in participants]),
        "connection_ids": arrays.texts([run.connection_id for run in ordered]),
        "first": arrays.integers([run.first_at for run in ordered]),
        "last": arrays.integers([run.last_at for run in ordered]),
    }
