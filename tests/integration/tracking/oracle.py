"""The rules of docs/presence.md, computed by PostgreSQL from the bare list of events with ranges and their unions.

This uses neither code nor tables of the service. Times are microseconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from psycopg2.extensions import connection as Connection  # noqa: N812 - a class with a small name


class Delivered(NamedTuple):
    """One event as it arrived."""

    session_id: int
    user_id: int
    user_type: str
    kind: str
    reason: str
    by_relay: bool
    observed_at: int
    arrived_at: int


class Rules(NamedTuple):
    """The limits of the rules; durations in microseconds."""

    timeout: int
    backfill_limit: int
    window_start: int
    window_end: int


class Facts(NamedTuple):
    """The facts of one participant, or of all participants of a role together."""

    #: Of each interval, in order.
    starts: list[int]
    ends: list[int]
    last_sign_at: int
    total_active: int
    active_in_window: int
    returns_in_window: int


#: (whiteboard session, user or None for all of a role, role).
Subject = tuple[int, int | None, str]

_MICROSECONDS = "CAST(EXTRACT(EPOCH FROM {}) * 1000000 AS bigint)"
_TIMESTAMP = "timestamptz 'epoch' + {} * interval '1 microsecond'"

_FACTS = f"""
    WITH delivered AS (
        SELECT session_id, user_id, user_type, kind, reason, by_relay, {_TIMESTAMP.format("observed")} AS observed_at,
            {_TIMESTAMP.format("arrived")} AS arrived_at
        FROM unnest(%(session_ids)s::int[], %(user_ids)s::int[], %(user_types)s::text[], %(kinds)s::text[],
            %(reasons)s::text[], %(by_relay)s::bool[], %(observed)s::bigint[], %(arrived)s::bigint[])
            AS delivered (session_id, user_id, user_type, kind, reason, by_relay, observed, arrived)
    ),
    rules AS (
        SELECT %(timeout)s * interval '1 microsecond' AS timeout,
            %(backfill_limit)s * interval '1 microsecond' AS oldest,
            tstzrange({_TIMESTAMP.format("%(window_start)s")}, {_TIMESTAMP.format("%(window_end)s")}) AS period
    ),
    -- docs/presence.md#clocks: only the times of relays are used, no later than now, and not if they are too long ago.
    event AS (
        SELECT session_id, user_id, user_type, kind, reason,
            CASE WHEN by_relay THEN LEAST(observed_at, arrived_at) ELSE arrived_at END AS at
        FROM delivered, rules
        WHERE NOT by_relay OR arrived_at - observed_at <= oldest
    ),
    sign AS (
        SELECT DISTINCT session_id, user_id, user_type, at FROM event WHERE kind IN ('connect', 'heartbeat')
    ),
    -- docs/presence.md#disconnects: it counts if a sign of life lies at most the timeout before it.
    counting AS (
        SELECT DISTINCT session_id, user_id, user_type, event.at
        FROM event JOIN sign USING (session_id, user_id, user_type), rules
        WHERE kind = 'disconnect' AND reason = 'closed' AND event.at - sign.at BETWEEN interval '0' AND timeout
    ),
    counted_event AS (SELECT * FROM sign UNION SELECT * FROM counting),
    -- docs/presence.md#intervals: presence between neighbours no further apart than the timeout; others stand alone.
    neighbours AS (
        SELECT *, lag(at) OVER timeline AS before, lead(at) OVER timeline AS after
        FROM counted_event
        WINDOW timeline AS (PARTITION BY session_id, user_id, user_type ORDER BY at)
    ),
    span AS (
        SELECT session_id, user_id, user_type, tstzrange(at, after) AS span
        FROM neighbours, rules WHERE after - at <= timeout
        UNION ALL
        SELECT session_id, user_id, user_type, tstzrange(at, at, '[]')
        FROM neighbours, rules
        WHERE (before IS NULL OR at - before > timeout) AND (after IS NULL OR after - at > timeout)
    ),
    -- docs/presence.md#several-connections: the presence of a participant or a role is the union of all its spans.
    presence AS (
        SELECT session_id, user_id, user_type, range_agg(span) AS presence
        FROM span
        GROUP BY GROUPING SETS ((session_id, user_id, user_type), (session_id, user_type))
    ),
    -- docs/presence.md#windows: the facts of a window are the intervals clipped to it.
    clipped AS (SELECT *, presence * tstzmultirange(period) AS in_window FROM presence, rules)
    SELECT session_id, user_id, user_type,
        (SELECT array_agg({_MICROSECONDS.format("lower(one)")} ORDER BY one) FROM unnest(presence) AS one),
        (SELECT array_agg({_MICROSECONDS.format("upper(one)")} ORDER BY one) FROM unnest(presence) AS one),
        (SELECT {_MICROSECONDS.format("max(sign.at)")} FROM sign
            WHERE (sign.session_id, sign.user_type) = (clipped.session_id, clipped.user_type)
            AND sign.user_id = COALESCE(clipped.user_id, sign.user_id)),
        (SELECT {_MICROSECONDS.format("sum(upper(one) - lower(one))")} FROM unnest(presence) AS one),
        (SELECT COALESCE({_MICROSECONDS.format("sum(upper(one) - lower(one))")}, 0) FROM unnest(in_window) AS one),
        (SELECT GREATEST(count(*) - 1, 0) FROM unnest(in_window) AS one)
    FROM clipped
"""  # noqa: S608 - constants


def facts_of(connection: Connection, deliveries: Sequence[Delivered], rules: Rules) -> dict[Subject, Facts]:
    """Return the facts of all who were there, and of each role, with one query."""
    names = ("session_ids", "user_ids", "user_types", "kinds", "reasons", "by_relay", "observed", "arrived")
    columns: Iterable[list[Any]] = map(list, zip(*deliveries, strict=True)) if deliveries else ([] for _ in names)
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, {**dict(zip(names, columns, strict=True)), **rules._asdict()})
        return {(session_id, user_id, role): Facts(*known) for session_id, user_id, role, *known in cursor.fetchall()}
