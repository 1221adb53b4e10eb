"""relay_coverage and relay_sessions: when live relays watched connections, and whose (docs/presence.md#live-relays)."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.clock import Instant
from servicekit.database import arrays
from servicekit.identifiers import StreamId, WhiteboardSessionId
from servicekit.time_ranges import TimeRange
from tracking_service.domain.relay_coverage import MAX_UNRECORDED, RelayCoverage
from tracking_service.store.shards import ShardStatement
from tracking_service.store.sql import Placement, instant, timestamptz_sql

_IS_RESUMED = """
    stream_id = :stream_id
        AND observed_until >= now() - (:observing_for + :max_unrecorded) * interval '1 microsecond'"""

_OPEN = text(f"""
    -- A stream that is resumed goes on with its row. If its relay was started again meanwhile, it gets another. An
    -- opening takes some time to arrive, so the relay has watched a little longer than it says.
    WITH resumed AS (
        UPDATE relay_coverage SET observed_until = GREATEST(observed_until, now())
        WHERE {_IS_RESUMED}
    )
    INSERT INTO relay_coverage (stream_id, owner, observing_since, observed_until)
    SELECT :stream_id, :owner, now() - :observing_for * interval '1 microsecond', now()
    WHERE NOT EXISTS (SELECT FROM relay_coverage WHERE {_IS_RESUMED})
""")  # noqa: S608 - constants

_EXTEND = text(f"""
    -- Only the last row of a stream goes on.
    UPDATE relay_coverage AS known
    SET observed_until = GREATEST(known.observed_until, {timestamptz_sql(":until")})
    WHERE stream_id = ANY (CAST(:stream_ids AS uuid[])) AND NOT EXISTS (
        SELECT FROM relay_coverage AS later
        WHERE later.stream_id = known.stream_id AND later.observing_since > known.observing_since
    )
""")  # noqa: S608 - constants


def _add_sessions(placement: Placement) -> str:
    return f"""
    INSERT INTO relay_sessions (whiteboard_session_id, stream_id)
    SELECT {placement.session_id}, batch.stream_id
    FROM unnest(:session_ids, :stream_ids) AS batch (session_id, stream_id) {placement.session_join}
    ON CONFLICT DO NOTHING
    """  # noqa: S608 - constants


_ADD_SESSIONS = ShardStatement(
    "add_relay_sessions", _add_sessions, {"session_ids": "integer[]", "stream_ids": "uuid[]"}
)

_SESSIONS = text("""
    SELECT whiteboard_session_id, stream_id
    FROM relay_sessions
    WHERE whiteboard_session_id = ANY (CAST(:session_ids AS integer[]))
""")

_LOAD = text(f"""
    -- Coverage by the identities of these streams around a time range, from the last that ended before it to the first
    -- that began after it.
    SELECT known.owner, known.stream_id, known.observing_since, known.observed_until
    FROM (
        SELECT DISTINCT owner FROM relay_coverage WHERE stream_id = ANY (CAST(:stream_ids AS uuid[]))
    ) AS relay
    CROSS JOIN LATERAL (
        SELECT
            COALESCE(max(observed_until) FILTER (WHERE observed_until < {timestamptz_sql(":start")}),
                {timestamptz_sql(":start")}) AS since,
            COALESCE(min(observing_since) FILTER (WHERE observing_since > {timestamptz_sql(":end")}),
                {timestamptz_sql(":end")}) AS until
        FROM relay_coverage WHERE owner = relay.owner
    ) AS bounds
    JOIN relay_coverage AS known ON known.owner = relay.owner
    WHERE known.observed_until >= bounds.since AND known.observing_since <= bounds.until
""")  # noqa: S608 - constants


def open_stream(connection: Connection, stream_id: UUID, owner: str, observing_for: int) -> None:
    """Record that a live relay's stream was opened, and that it has watched for so many microseconds."""
    parameters = {
        "stream_id": stream_id,
        "owner": owner,
        "observing_for": observing_for,
        "max_unrecorded": MAX_UNRECORDED,
    }
    connection.execute(_OPEN, parameters)


def extend(connection: Connection, stream_ids: Iterable[UUID], until: Instant) -> None:
    """Record that these streams were open until a time; it never moves back."""
    connection.execute(_EXTEND, {"stream_ids": [str(stream_id) for stream_id in stream_ids], "until": until})


def add_sessions(connection: Connection, delivered: Iterable[tuple[WhiteboardSessionId, StreamId]]) -> None:
    """Record which sessions had events over which streams."""
    rows = sorted(set(delivered))
    parameters = {
        "session_ids": arrays.integers(session_id for session_id, _ in rows),
        "stream_ids": arrays.uuids(stream_id for _, stream_id in rows),
    }
    _ADD_SESSIONS.execute(connection, parameters, {session_id for session_id, _ in rows})


def streams_of(
    connection: Connection, session_ids: Iterable[WhiteboardSessionId]
) -> dict[WhiteboardSessionId, set[StreamId]]:
    """Return the streams of live relays over which sessions had events; sessions without any are missing."""
    streams: dict[WhiteboardSessionId, set[StreamId]] = {}
    for row in connection.execute(_SESSIONS, {"session_ids": arrays.integers(session_ids)}):
        streams.setdefault(row.whiteboard_session_id, set()).add(StreamId(row.stream_id))
    return streams


def load(connection: Connection, stream_ids: Iterable[StreamId], time_range: TimeRange[Instant]) -> list[RelayCoverage]:
    """Return coverage by the identities of these streams, with both ends of every gap that touches `time_range`."""
    parameters = {
        "stream_ids": [str(stream_id) for stream_id in stream_ids],
        "start": time_range.start,
        "end": time_range.end,
    }
    return [
        RelayCoverage(
            row.owner, StreamId(row.stream_id), TimeRange(instant(row.observing_since), instant(row.observed_until))
        )
        for row in connection.execute(_LOAD, parameters)
    ]
