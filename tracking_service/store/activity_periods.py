"""activity_periods: interactions, counted per participant, type and period (docs/presence.md#tables)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection, Row

from servicekit.clock import Instant
from servicekit.database import arrays
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.activity import MAX_TYPES_PER_PERIOD, OTHER, Activity, ActivityPeriod
from tracking_service.domain.events import Participant, UserType
from tracking_service.store.shards import ShardStatement
from tracking_service.store.sql import Placement, instant


def _add(placement: Placement) -> str:
    return f"""
    -- Count interactions. A row that this statement inserted has no xmax.
    INSERT INTO activity_periods AS known
        (whiteboard_session_id, user_id, user_type, period_start, activity_type, first_at, occurrences)
    SELECT {placement.session_id}, user_id, user_type, {placement.timestamptz("started")}, kind,
        {placement.timestamptz("min(first)")}, sum(occurrences)
    FROM unnest(
        :session_ids, :user_ids, :user_types, :started, :activity_types, :first, :occurrences
    ) AS batch (session_id, user_id, user_type, started, activity_type, first, occurrences)
    {placement.session_join}
    -- A period that has as many types as it may counts further ones together.
    CROSS JOIN LATERAL (
        SELECT CASE WHEN count(*) < {MAX_TYPES_PER_PERIOD} OR bool_or(recorded.activity_type = batch.activity_type)
            THEN batch.activity_type ELSE '{OTHER}' END AS kind
        FROM activity_periods AS recorded
        WHERE recorded.whiteboard_session_id = {placement.session_id} AND recorded.user_id = batch.user_id
            AND {placement.of_sessions("recorded.whiteboard_session_id")}
            AND recorded.user_type = batch.user_type AND recorded.period_start = {placement.timestamptz("started")}
    ) AS counted
    GROUP BY {placement.session_id}, user_id, user_type, started, kind
    ORDER BY {placement.session_id}, user_id, user_type, started, kind
    ON CONFLICT (whiteboard_session_id, user_id, user_type, period_start, activity_type) DO UPDATE
    SET occurrences = known.occurrences + excluded.occurrences, first_at = LEAST(known.first_at, excluded.first_at)
    RETURNING whiteboard_session_id, user_id, user_type, period_start, activity_type, first_at, (xmax = 0) AS is_new
    """  # noqa: S608 - constants


_ADD = ShardStatement(
    "add_activity",
    _add,
    {
        "session_ids": "integer[]",
        "user_ids": "integer[]",
        "user_types": "text[]",
        "started": "bigint[]",
        "activity_types": "text[]",
        "first": "bigint[]",
        "occurrences": "integer[]",
    },
)

_LOAD = text("""
    SELECT whiteboard_session_id, user_id, user_type, first_at, occurrences
    FROM activity_periods
    WHERE whiteboard_session_id = ANY (CAST(:session_ids AS integer[]))
""")


def add(connection: Connection, periods: Mapping[ActivityPeriod, Activity]) -> list[tuple[ActivityPeriod, Instant]]:
    """Add interactions and return the periods that had none before, with the times of their first ones."""
    rows = sorted(periods.items())
    if not rows:
        return []
    parameters = {
        "session_ids": arrays.integers(period.participant.session_id for period, _ in rows),
        "user_ids": arrays.integers(period.participant.user_id for period, _ in rows),
        "user_types": [period.participant.user_type.value for period, _ in rows],
        "started": arrays.integers(period.started_at for period, _ in rows),
        "activity_types": [period.activity_type for period, _ in rows],
        "first": arrays.integers(activity.first_at for _, activity in rows),
        "occurrences": arrays.integers(activity.occurrences for _, activity in rows),
    }
    return [
        (ActivityPeriod(_participant(row), instant(row.period_start), row.activity_type), instant(row.first_at))
        for row in _ADD.execute(connection, parameters, {period.participant.session_id for period in periods})
        if row.is_new
    ]


def load(
    connection: Connection, session_ids: Iterable[WhiteboardSessionId]
) -> dict[Participant, list[tuple[Instant, int]]]:
    """Return when each participant of the sessions interacted, and how often."""
    counts: dict[Participant, list[tuple[Instant, int]]] = defaultdict(list)
    for row in connection.execute(_LOAD, {"session_ids": arrays.integers(session_ids)}):
        counts[_participant(row)].append((instant(row.first_at), row.occurrences))
    return counts


def _participant(row: Row[Any]) -> Participant:
    return Participant(row.whiteboard_session_id, row.user_id, UserType(row.user_type))
