"""Computes the rules of docs/presence.md in PostgreSQL, from the list of events alone, with ranges and their unions.

Uses neither the code nor the tables of the service. Times are microseconds since the epoch.
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
    """The parameters of the rules; durations in microseconds."""

    timeout: int
    backfill_limit: int
    window_start: int
    window_end: int


class Facts(NamedTuple):
    """What follows for one participant, or for all of a role together."""

    #: Of the presence intervals, in order.
    starts: list[int]
    ends: list[int]
    last_sign_at: int
    total_active: int
    active_in_window: int
    returns_in_window: int


#: (whiteboard session, user or None for all of a role, role).
Whose = tuple[int, int | None, str]

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
    -- docs/presence.md#clocks: a relay's time counts unless it is in the future; events that are too old are rejected.
    event AS (
        SELECT session_id, user_id, user_type, kind, reason,
            CASE WHEN by_relay THEN LEAST(observed_at, arrived_at) ELSE arrived_at END AS at
        FROM delivered, rules
        WHERE NOT by_relay OR arrived_at - observed_at <= oldest
    ),
    sign AS (
        SELECT DISTINCT session_id, user_id, user_type, at FROM event WHERE kind IN ('connect', 'heartbeat')
    ),
    -- docs/presence.md#disconnects: a disconnect counts if a sign of life is at most the timeout before it.
    counting AS (
        SELECT DISTINCT session_id, user_id, user_type, event.at
        FROM event JOIN sign USING (session_id, user_id, user_type), rules
        WHERE kind = 'disconnect' AND reason = 'closed' AND event.at - sign.at BETWEEN interval '0' AND timeout
    ),
    counted AS (SELECT * FROM sign UNION SELECT * FROM counting),
    -- docs/presence.md#intervals: presence between events at most the timeout apart; else a length of zero.
    neighbours AS (
        SELECT *, lag(at) OVER timeline AS before, lead(at) OVER timeline AS after
        FROM counted
        WINDOW timeline AS (PARTITION BY session_id, user_id, user_type ORDER BY at)
    ),
    interval_part AS (
        SELECT session_id, user_id, user_type, tstzrange(at, after) AS part
        FROM neighbours, rules WHERE after - at <= timeout
        UNION ALL
        SELECT session_id, user_id, user_type, tstzrange(at, at, '[]')
        FROM neighbours, rules
        WHERE (before IS NULL OR at - before > timeout) AND (after IS NULL OR after - at > timeout)
    ),
    -- docs/presence.md#several-connections: one presence per participant; that of a role is the union of all in it.
    presence AS (
        SELECT session_id, user_id, user_type, range_agg(part) AS presence
        FROM interval_part
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


def facts_of(connection: Connection, deliveries: Sequence[Delivered], rules: Rules) -> dict[Whose, Facts]:
    """Return the facts of every participant who was present, and of each role, by one query."""
    names = ("session_ids", "user_ids", "user_types", "kinds", "reasons", "by_relay", "observed", "arrived")
    columns: Iterable[list[Any]] = map(list, zip(*deliveries, strict=True)) if deliveries else ([] for _ in names)
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, {**dict(zip(names, columns, strict=True)), **rules._asdict()})
        return {(session_id, user_id, role): Facts(*known) for session_id, user_id, role, *known in cursor.fetchall()}
