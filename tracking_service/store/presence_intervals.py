"""presence_intervals: the facts, per participant (docs/presence.md#tables)."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.clock import Instant
from servicekit.database import arrays
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.events import EndReason, Participant, UserType
from tracking_service.domain.first_connects import FirstConnect
from tracking_service.domain.grouping import GROUPS
from tracking_service.domain.heartbeat_columns import key_of
from tracking_service.domain.presence import (
    NEVER_PRESENT,
    ClientConnection,
    ClientConnections,
    Interval,
    Presence,
    Presences,
)
from tracking_service.domain.presence_spans import PresenceSpan
from tracking_service.store.shards import ShardStatement, grouping_of
from tracking_service.store.sql import IN_SHARD, Placement, instant, timestamptz_sql

_LOAD = text("""
    SELECT whiteboard_session_id, user_id, user_type, started_at, ended_at, last_sign_at, end_reason, connections,
        stream_id
    FROM presence_intervals
    WHERE whiteboard_session_id = ANY (CAST(:session_ids AS integer[]))
    ORDER BY whiteboard_session_id, user_id, user_type, started_at
""")

#: The time of an interval's group.
_SILENT_SINCE = "(CAST(:silent_since AS bigint[]))[{group} + 1]"
_SILENT_SQL = """
    -- Sessions with an open interval that was silent for too long. Reads only the open intervals (partial index
    -- presence_intervals_open), so its cost does not grow with history.
    SELECT DISTINCT whiteboard_session_id
    FROM presence_intervals
    WHERE end_reason IS NULL AND last_sign_at < {silent_since}
    ORDER BY whiteboard_session_id
    LIMIT :max_sessions
"""
_SILENT = text(
    _SILENT_SQL.format(
        silent_since=timestamptz_sql(_SILENT_SINCE.format(group=f"whiteboard_session_id % {GROUPS}")),
    )
)
#: As `tracking_service.domain.grouping` has it.
_HASHED_GROUP = "CAST((CAST(hashint4(whiteboard_session_id) AS bigint) + 2147483648) >> 24 AS integer)"
_SILENT_IN_SHARDS = text(
    _SILENT_SQL.format(silent_since=IN_SHARD.timestamptz(_SILENT_SINCE.format(group=_HASHED_GROUP)))
)

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

_COLUMNS = {
    "keys": "bigint[]",
    "started": "bigint[]",
    "ended": "bigint[]",
    "last_signs": "bigint[]",
    "end_reasons": "text[]",
    "connections": "text[]",
    "sole_connection_ids": "text[]",
    "preceding_active": "bigint[]",
    "stream_ids": "uuid[]",
}


def _batch(placement: Placement) -> str:
    timestamptz = placement.timestamptz
    return f"""(
        SELECT {placement.participant_of_key},
            {timestamptz("started")} AS started_at, {timestamptz("ended")} AS ended_at,
            {timestamptz("last_sign")} AS last_sign_at,
            end_reason, CAST(connections AS jsonb) AS connections, sole_connection_id, preceding_active, stream_id
        FROM unnest({", ".join(f":{column}" for column in _COLUMNS)}) AS batch (
            key, started, ended, last_sign, end_reason, connections, sole_connection_id, preceding_active, stream_id
        )
    ) AS batch"""  # noqa: S608 - constants


def _insert(placement: Placement) -> str:
    return f"""
    INSERT INTO presence_intervals
        (whiteboard_session_id, user_id, user_type, started_at, ended_at, last_sign_at,
        end_reason, connections, sole_connection_id, preceding_active_microseconds, stream_id)
    SELECT {placement.session_id}, user_id, user_type, started_at, ended_at, last_sign_at,
        end_reason, connections, sole_connection_id, preceding_active, stream_id
    FROM {_batch(placement)} {placement.session_join}
    """  # noqa: S608 - constants


def _same_interval(placement: Placement) -> str:
    return f"""
    interval.whiteboard_session_id = batch.session_id AND interval.user_id = batch.user_id
        AND interval.user_type = batch.user_type AND interval.started_at = batch.started_at
        AND {placement.of_sessions("interval.whiteboard_session_id")}"""


def _update(placement: Placement) -> str:
    return f"""
    -- Intervals that went on or ended. No indexed column changes while one is open, so the update stays in its page.
    UPDATE presence_intervals AS interval
    SET ended_at = batch.ended_at, last_sign_at = batch.last_sign_at,
        end_reason = batch.end_reason, connections = batch.connections,
        sole_connection_id = batch.sole_connection_id, preceding_active_microseconds = batch.preceding_active,
        stream_id = batch.stream_id
    FROM {_batch(placement)}
    WHERE {_same_interval(placement)}
    """  # noqa: S608 - constants


def _delete(placement: Placement) -> str:
    return f"""
    -- Intervals that a late event joined to another one, or that begin earlier now.
    DELETE FROM presence_intervals AS interval USING {_batch(placement)} WHERE {_same_interval(placement)}
    """  # noqa: S608 - constants


_INSERT = ShardStatement("insert_intervals", _insert, _COLUMNS)
_UPDATE = ShardStatement("update_intervals", _update, _COLUMNS)
_DELETE = ShardStatement("delete_intervals", _delete, _COLUMNS)


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
    statement = _SILENT_IN_SHARDS if grouping_of(connection).is_distributed else _SILENT
    return list(connection.execute(statement, parameters).scalars())


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
    for participant in sorted(after.keys() | (alone_before ^ alone_after)):
        old = _rows(participant, before.get(participant, NEVER_PRESENT), alone=participant in alone_before)
        new = _rows(participant, merged[participant], alone=participant in alone_after)
        deleted += [row for start, row in old.items() if start not in new]
        inserted += [row for start, row in new.items() if start not in old]
        updated += [row for start, row in new.items() if start in old and row != old[start]]
    # Deletions come first and closing ends before opening begins: a participant has at most one open interval.
    for statement, rows in ((_DELETE, deleted), (_UPDATE, updated), (_INSERT, inserted)):
        if rows:
            statement.execute(connection, _parameters(rows), {row.participant.session_id for row in rows})


def insert_first(connection: Connection, connects: Sequence[FirstConnect]) -> None:
    """Write the open intervals of participants whose roles have none yet."""
    count = len(connects)
    connection_ids = [connect.event.connection_id for connect in connects]
    last_signs = arrays.numbers([connect.last_at for connect in connects])
    parameters = {
        "keys": arrays.numbers([key_of(connect.event.participant) for connect in connects]),
        "started": arrays.numbers([connect.first_at for connect in connects]),
        "ended": last_signs,
        "last_signs": last_signs,
        "end_reasons": arrays.integers([None] * count),
        "connections": arrays.texts([_as_json(((name, None),)) for name in connection_ids]),
        "sole_connection_ids": arrays.texts(connection_ids),
        "preceding_active": arrays.numbers([0] * count),
        "stream_ids": arrays.uuids([connect.source.stream for connect in connects]),
    }
    _INSERT.execute(connection, parameters, {connect.session_id for connect in connects})


def _alone_in_their_role(presences: Presences) -> set[Participant]:
    """Return the participants whose presence alone makes the documented columns of their role."""
    count = Counter((participant.session_id, participant.user_type) for participant in presences)
    return {participant for participant in presences if count[participant.session_id, participant.user_type] == 1}


def _rows(participant: Participant, presence: Presence, *, alone: bool) -> dict[Instant, _Row]:
    rows: dict[Instant, _Row] = {}
    active = 0
    last = presence.last
    for interval in presence.intervals:
        started_at, ended_at, last_sign_at = interval.span
        if interval is last:
            known = _encoded(presence.connections, last_sign_at)
            sole = presence.sole_connection_id if alone else None
            rows[started_at] = _Row(participant, interval, active, known, sole)
        else:
            rows[started_at] = _Row(participant, interval, active)
        active += ended_at - started_at
    return rows


def _parameters(rows: Sequence[_Row]) -> dict[str, str]:
    participants, intervals, preceding_active, connections, sole_connection_ids = zip(*rows, strict=True)
    spans, end_reasons, stream_ids = zip(*intervals, strict=True)
    started, ended, last_signs = zip(*spans, strict=True)
    return {
        "keys": arrays.numbers(map(key_of, participants)),
        "started": arrays.numbers(started),
        "ended": arrays.numbers(ended),
        "last_signs": arrays.numbers(last_signs),
        "end_reasons": arrays.texts(end_reasons),
        "connections": arrays.texts(connections),
        "sole_connection_ids": arrays.texts(sole_connection_ids),
        "preceding_active": arrays.numbers(preceding_active),
        "stream_ids": arrays.uuids(stream_ids),
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
