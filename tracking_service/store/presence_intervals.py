"""presence_intervals: the facts, per participant (docs/presence.md#tables)."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.clock import Instant
from servicekit.database import arrays
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.events import EndReason, Participant, UserType
from tracking_service.domain.journal import GROUPS
from tracking_service.domain.presence import (
    NEVER_PRESENT,
    ClientConnection,
    ClientConnections,
    Interval,
    Presence,
    Presences,
)
from tracking_service.domain.presence_spans import PresenceSpan
from tracking_service.store.sql import instant, timestamptz_sql

_LOAD = text("""
    SELECT whiteboard_session_id, user_id, user_type, started_at, ended_at, last_sign_at, end_reason, connections,
        stream_id
    FROM presence_intervals
    WHERE whiteboard_session_id = ANY (CAST(:session_ids AS integer[]))
    ORDER BY whiteboard_session_id, user_id, user_type, started_at
""")

#: The time of an interval's group.
_SILENT_SINCE = f"(CAST(:silent_since AS bigint[]))[whiteboard_session_id % {GROUPS} + 1]"
_SILENT = text(f"""
    -- Sessions with an open interval that was silent for too long. Reads only the open intervals (partial index
    -- presence_intervals_open), so its cost does not grow with history.
    SELECT DISTINCT whiteboard_session_id
    FROM presence_intervals
    WHERE end_reason IS NULL AND last_sign_at < {timestamptz_sql(_SILENT_SINCE)}
    ORDER BY whiteboard_session_id
    LIMIT :max_sessions
""")  # noqa: S608 - constants

_OF_OTHERS = text("""
    -- Sessions with an open interval of a user who does not take part in them any more. student_id is INTEGER in some
    -- databases and INTEGER[] in others; as JSON both contain a number.
    SELECT DISTINCT interval.whiteboard_session_id
    FROM presence_intervals AS interval
    JOIN whiteboard_sessions AS session ON session.id = interval.whiteboard_session_id
    WHERE interval.end_reason IS NULL AND NOT COALESCE(
        CASE interval.user_type WHEN 'tutor' THEN session.tutor_id = interval.user_id
            ELSE to_jsonb(session.student_id) @> to_jsonb(interval.user_id) END,
        false)
    ORDER BY interval.whiteboard_session_id
    LIMIT :max_sessions
""")

_BATCH = f"""
    unnest(
        CAST(:session_ids AS integer[]), CAST(:user_ids AS integer[]), CAST(:user_types AS text[]),
        CAST(:started AS bigint[]), CAST(:ended AS bigint[]), CAST(:last_sign AS bigint[]),
        CAST(:end_reasons AS text[]), CAST(:connections AS text[]),
        CAST(:sole_connection_ids AS text[]), CAST(:preceding_active AS bigint[]), CAST(:stream_ids AS uuid[])
    ) AS batch (
        session_id, user_id, user_type, started, ended, last_sign,
        end_reason, connections, sole_connection_id, preceding_active, stream_id
    )"""  # noqa: F541

_INSERT = text(f"""
    INSERT INTO presence_intervals
        (whiteboard_session_id, user_id, user_type, started_at, ended_at, last_sign_at,
        end_reason, connections, sole_connection_id, preceding_active_microseconds, stream_id)
    SELECT session_id, user_id, user_type,
        {timestamptz_sql("started")}, {timestamptz_sql("ended")}, {timestamptz_sql("last_sign")},
        end_reason, CAST(connections AS jsonb), sole_connection_id, preceding_active, stream_id
    FROM {_BATCH}
""")  # noqa: S608 - constants

_SAME_INTERVAL = f"""
    interval.whiteboard_session_id = batch.session_id AND interval.user_id = batch.user_id
        AND interval.user_type = batch.user_type AND interval.started_at = {timestamptz_sql("batch.started")}"""

_UPDATE = text(f"""
    -- Intervals that went on or ended. No indexed column changes while one is open, so the update stays in its page.
    UPDATE presence_intervals AS interval
    SET ended_at = {timestamptz_sql("batch.ended")}, last_sign_at = {timestamptz_sql("batch.last_sign")},
        end_reason = batch.end_reason, connections = CAST(batch.connections AS jsonb),
        sole_connection_id = batch.sole_connection_id, preceding_active_microseconds = batch.preceding_active,
        stream_id = batch.stream_id
    FROM {_BATCH}
    WHERE {_SAME_INTERVAL}
""")  # noqa: S608 - constants

_DELETE = text(f"""
    -- Intervals that a late event joined to another one, or that begin earlier now.
    DELETE FROM presence_intervals AS interval USING {_BATCH} WHERE {_SAME_INTERVAL}
""")  # noqa: S608 - constants


class _Row(NamedTuple):
    participant: Participant
    interval: Interval
    preceding_active: int
    #: Empty except for the last interval of a participant. One that timed out keeps them, because a late event of
    #: another tab may show that it had not.
    connections: str = "{}"
    sole_connection_id: str | None = None


def load(connection: Connection, session_ids: Iterable[WhiteboardSessionId]) -> dict[Participant, Presence]:
    """Return everything that is known of all who were ever present in the sessions."""
    intervals: dict[Participant, list[Interval]] = defaultdict(list)
    known: dict[Participant, ClientConnections] = {}
    for row in connection.execute(_LOAD, {"session_ids": arrays.integers(session_ids)}):
        participant = Participant(row.whiteboard_session_id, row.user_id, UserType(row.user_type))
        span = PresenceSpan(instant(row.started_at), instant(row.ended_at), instant(row.last_sign_at))
        reason = None if row.end_reason is None else EndReason(row.end_reason)
        intervals[participant].append(Interval(span, reason, row.stream_id))
        known[participant] = _decoded(row.connections, span.last_sign_at)
    return {participant: Presence(tuple(parts), known[participant]) for participant, parts in intervals.items()}


def sessions_with_silence(
    connection: Connection, silent_since: Sequence[Instant], max_sessions: int
) -> list[WhiteboardSessionId]:
    """Return sessions in which an open interval had no sign of life since the time of their group in `silent_since`."""
    parameters = {"silent_since": arrays.numbers(silent_since), "max_sessions": max_sessions}
    return list(connection.execute(_SILENT, parameters).scalars())


def sessions_with_others(connection: Connection, max_sessions: int) -> list[WhiteboardSessionId]:
    """Return sessions in which an open interval belongs to a user who does not take part in them any more."""
    return list(connection.execute(_OF_OTHERS, {"max_sessions": max_sessions}).scalars())


def save(connection: Connection, before: Presences, after: Presences) -> None:
    """Write what changed for the participants in `after`.

    `before` holds all who were ever present in their sessions.
    """
    merged = {**before, **after}
    alone_before, alone_after = _alone_in_their_role(before), _alone_in_their_role(merged)
    deleted: list[_Row] = []
    inserted: list[_Row] = []
    updated: list[_Row] = []
    for participant, presence in sorted(merged.items()):
        if participant not in after and participant not in alone_before ^ alone_after:
            continue
        old = _rows(participant, before.get(participant, NEVER_PRESENT), alone=participant in alone_before)
        new = _rows(participant, presence, alone=participant in alone_after)
        deleted += [row for start, row in old.items() if start not in new]
        inserted += [row for start, row in new.items() if start not in old]
        updated += [row for start, row in new.items() if start in old and row != old[start]]
    # Deletions come first and closing ends before opening begins: a participant has at most one open interval.
    for statement, rows in ((_DELETE, deleted), (_UPDATE, updated), (_INSERT, inserted)):
        if rows:
            connection.execute(statement, _parameters(rows))


def _alone_in_their_role(presences: Presences) -> set[Participant]:
    """Return the participants whose presence alone makes the documented columns of their role."""
    count = Counter((participant.session_id, participant.user_type) for participant in presences)
    return {participant for participant in presences if count[participant.session_id, participant.user_type] == 1}


def _rows(participant: Participant, presence: Presence, *, alone: bool) -> dict[Instant, _Row]:
    rows: dict[Instant, _Row] = {}
    active = 0
    for interval in presence.intervals:
        row = _Row(participant, interval, active)
        if interval is presence.last:
            sole = presence.sole_connection_id if alone else None
            known = _encoded(presence.connections, interval.span.last_sign_at)
            row = row._replace(connections=known, sole_connection_id=sole)
        rows[interval.span.started_at] = row
        active += interval.span.duration
    return rows


def _parameters(rows: Sequence[_Row]) -> dict[str, Any]:
    spans = [row.interval.span for row in rows]
    return {
        "session_ids": arrays.integers(row.participant.session_id for row in rows),
        "user_ids": arrays.integers(row.participant.user_id for row in rows),
        "user_types": [row.participant.user_type.value for row in rows],
        "started": arrays.integers(span.started_at for span in spans),
        "ended": arrays.integers(span.ended_at for span in spans),
        "last_sign": arrays.integers(span.last_sign_at for span in spans),
        "end_reasons": [row.interval.end_reason for row in rows],
        "connections": [row.connections for row in rows],
        "sole_connection_ids": [row.sole_connection_id for row in rows],
        "preceding_active": arrays.integers(row.preceding_active for row in rows),
        "stream_ids": [row.interval.stream_id for row in rows],
    }


def _encoded(known: ClientConnections, last_sign_at: Instant) -> str:
    """Return open connections by id, each with its last sign of life if that is not the interval's own.

    So while a single connection sends heartbeats only the times of the row change.
    """
    return _as_json(
        tuple(
            (name, None if connection.last_sign_at == last_sign_at else connection.last_sign_at)
            for name, connection in known.items()
        )
    )


@lru_cache(maxsize=1024)
def _as_json(last_signs: tuple[tuple[str, Instant | None], ...]) -> str:
    # Most connections have the same name or none, and very many are written when lessons begin.
    return json.dumps(dict(last_signs))


def _decoded(stored: Mapping[str, int | None], last_sign_at: Instant) -> ClientConnections:
    return {
        name: ClientConnection(last_sign_at if own_sign is None else Instant(own_sign))
        for name, own_sign in stored.items()
    }
