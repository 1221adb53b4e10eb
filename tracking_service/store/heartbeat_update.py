"""The update behind nearly every heartbeat (see `tracking_service.domain.heartbeat_columns`)."""

from __future__ import annotations

import numpy as np
from sqlalchemy.engine import Connection

from servicekit.clock import MICROSECONDS_PER_SECOND
from servicekit.database import arrays
from tracking_service.domain.heartbeat_columns import Extensions, Int64s, session_ids
from tracking_service.store.shards import ShardStatement
from tracking_service.store.sql import Placement


# What is the same for all rows of a flush is left out.
def _batch(placement: Placement) -> str:
    bound = f", {placement.timestamptz('first - :timeout')} AS silent_until" if placement.is_in_shard else ""
    return f"""
    batch AS MATERIALIZED (
        SELECT {placement.participant_of_key},
            connection, {placement.timestamptz("first")} AS first_at, {placement.timestamptz("last")} AS last_at{bound}
        FROM unnest(
            CAST(:keys AS bigint[]), CAST(:last AS bigint[]), CAST(:first AS bigint[]), CAST(:connections AS bigint[])
        ) AS batch (key, last, first, connection)
    )"""  # noqa: S608 - constants


_TYPES = {"keys": "bigint[]", "last": "bigint[]", "first": "bigint[]", "connections": "bigint[]", "timeout": "bigint"}


def _open_interval(placement: Placement) -> str:
    number = placement.connection_number("interval.sole_connection_id")
    return f"""
    interval.whiteboard_session_id = batch.session_id AND interval.user_id = batch.user_id
        AND interval.user_type = batch.user_type AND interval.end_reason IS NULL
        AND {number} = batch.connection
        AND interval.started_at <= batch.first_at AND {placement.of_sessions("interval.whiteboard_session_id")}"""


def _projected(role: str) -> str:
    of_role = f"FILTER (WHERE user_type = '{role}')"
    return (
        f"max(last_sign_at) {of_role} AS {role}_last, max(active) {of_role} / {MICROSECONDS_PER_SECOND} AS {role}_total"
    )


def _columns(role: str) -> str:
    return f"""
        {role}_last_activity_at = GREATEST(session.{role}_last_activity_at, role.{role}_last),
        {role}_total_active_seconds = GREATEST(session.{role}_total_active_seconds, role.{role}_total)"""


def _extend(placement: Placement) -> str:
    goes_on = "batch.first_at <= interval.last_sign_at + :timeout * interval '1 microsecond'"
    if placement.is_in_shard:
        # What is computed from rows has to be immutable.
        goes_on = "batch.silent_until <= interval.last_sign_at"
    return f"""
    -- Extend open intervals and the documented columns that follow, and count the intervals. No indexed column changes,
    -- so both updates stay in their pages (HOT).
    WITH {_batch(placement)},
    extended AS (
        UPDATE presence_intervals AS interval
        SET ended_at = GREATEST(interval.ended_at, batch.last_at),
            last_sign_at = GREATEST(interval.last_sign_at, batch.last_at)
        FROM batch
        WHERE {_open_interval(placement)}
            AND {goes_on}
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
        WHERE session.id = role.session_id AND {placement.of_sessions("session.id")}
    )
    SELECT count(*) FROM extended
    """  # noqa: S608 - constants


def _not_covered(placement: Placement) -> str:
    return f"""
    -- Of the heartbeats of one flush, those that no open interval covers after it.
    WITH {_batch(placement)}
    SELECT ordinal - 1
    FROM (SELECT row_number() OVER () AS ordinal, * FROM batch) AS batch
    WHERE NOT EXISTS (
        SELECT FROM presence_intervals AS interval
        WHERE {_open_interval(placement)} AND interval.last_sign_at >= batch.last_at
    )
    """  # noqa: S608 - constants


_EXTEND = ShardStatement("extend", _extend, _TYPES)
_NOT_COVERED = ShardStatement("not_covered", _not_covered, _TYPES)


def extend(connection: Connection, extensions: Extensions, timeout: int) -> Int64s:
    """Extend the open intervals of participants whose groups are locked; `timeout` is in microseconds.

    Return the keys of those who have no open interval that fits.
    """
    keys = extensions.keys
    if not len(keys):
        return keys
    parameters = {
        "keys": arrays.numbers(keys.tolist()),
        "last": arrays.numbers(extensions.last_at.tolist()),
        "first": arrays.numbers(extensions.first_at.tolist()),
        "connections": arrays.numbers(extensions.connections.tolist()),
        "timeout": timeout,
    }
    sessions = session_ids(keys).tolist()
    extended: int = _EXTEND.execute(connection, parameters, sessions).scalar_one()
    if extended == len(keys):
        return keys[:0]
    missed = np.fromiter(_NOT_COVERED.execute(connection, parameters, sessions).scalars(), np.int64)
    return keys[missed]
