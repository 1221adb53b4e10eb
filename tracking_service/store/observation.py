"""observation_coverage and relay_observation_gaps: when presence could be seen (docs/presence.md#observation-gaps)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.clock import Instant
from servicekit.database import arrays
from servicekit.identifiers import ReplicaId, StreamId, WhiteboardSessionId
from servicekit.time_ranges import TimeRange
from tracking_service.domain.observation_gaps import ReplicaCoverage
from tracking_service.domain.provenance import RelayGap
from tracking_service.store.sql import instant, timestamptz_sql


class NumberedRelayGap(NamedTuple):
    """A gap and its number in its stream."""

    sequence: int
    gap: RelayGap


_EXTEND_COVERAGE = text(f"""
    -- Insert coverage periods of one replica, or move their ends.
    INSERT INTO observation_coverage AS known (replica_id, started_at, observed_until)
    SELECT :replica_id, {timestamptz_sql("started")}, {timestamptz_sql("until")}
    FROM unnest(CAST(:started AS bigint[]), CAST(:until AS bigint[])) AS batch (started, until)
    ON CONFLICT (started_at, replica_id) DO UPDATE
    SET observed_until = GREATEST(known.observed_until, excluded.observed_until)
""")  # noqa: S608 - constants

_LOAD_COVERAGE = text(f"""
    -- Coverage around a time range, from the last that ended before it to the first that began after it. Both bounds
    -- come from an index, so older rows are not read.
    SELECT replica_id, started_at, observed_until
    FROM observation_coverage
    WHERE observed_until >= COALESCE(
            (SELECT max(observed_until) FROM observation_coverage WHERE observed_until < {timestamptz_sql(":start")}),
            {timestamptz_sql(":start")})
        AND started_at <= COALESCE(
            (SELECT min(started_at) FROM observation_coverage WHERE started_at > {timestamptz_sql(":end")}),
            {timestamptz_sql(":end")})
""")  # noqa: S608 - constants

_FIRST_COVERAGE = text("""
    -- When a replica first took events; the index by start gives it.
    SELECT min(started_at) AS started_at FROM observation_coverage
""")

_APPEND_GAPS = text(f"""
    -- Gaps that relays reported. If one is recorded already, the same frame was delivered twice. An array of arrays
    -- would need lists of equal length, so each list of sessions comes as text.
    INSERT INTO relay_observation_gaps (stream_id, sequence, started_at, ended_at, whiteboard_session_ids)
    SELECT stream_id, sequence, {timestamptz_sql("start")}, {timestamptz_sql("until")}, CAST(session_ids AS integer[])
    FROM unnest(
        CAST(:stream_ids AS uuid[]), CAST(:sequences AS bigint[]), CAST(:starts AS bigint[]), CAST(:ends AS bigint[]),
        CAST(:session_ids AS text[])
    ) AS batch (stream_id, sequence, start, until, session_ids)
    ON CONFLICT DO NOTHING
""")  # noqa: S608 - constants

_LOAD_GAPS = text(f"""
    -- Gaps that touch a time range and may concern some of these sessions. An index gives their ends, so older rows are
    -- not read.
    SELECT stream_id, started_at, ended_at, whiteboard_session_ids
    FROM relay_observation_gaps
    WHERE ended_at >= {timestamptz_sql(":start")} AND started_at <= {timestamptz_sql(":end")}
        AND (whiteboard_session_ids = '{{}}' OR whiteboard_session_ids && CAST(:session_ids AS integer[]))
""")  # noqa: S608 - constants


def extend_coverage(connection: Connection, replica_id: ReplicaId, periods: Sequence[TimeRange[Instant]]) -> None:
    """Record how far a replica's coverage periods reach.

    The start of a period identifies it, and its end never moves back.
    """
    connection.execute(
        _EXTEND_COVERAGE,
        {
            "replica_id": replica_id,
            "started": arrays.integers(period.start for period in periods),
            "until": arrays.integers(period.end for period in periods),
        },
    )


def load_coverage(connection: Connection, time_range: TimeRange[Instant]) -> list[ReplicaCoverage]:
    """Return coverage by any replica, with both ends of every gap that touches `time_range`."""
    rows = connection.execute(_LOAD_COVERAGE, {"start": time_range.start, "end": time_range.end})
    return [
        ReplicaCoverage(ReplicaId(row.replica_id), TimeRange(instant(row.started_at), instant(row.observed_until)))
        for row in rows
    ]


def first_coverage(connection: Connection) -> Instant | None:
    """Return when a replica first took events, as far as it is recorded; None: never."""
    started_at = connection.execute(_FIRST_COVERAGE).scalar_one()
    return None if started_at is None else instant(started_at)


def append_gaps(connection: Connection, gaps: Sequence[NumberedRelayGap]) -> None:
    """Record gaps that relays reported."""
    connection.execute(
        _APPEND_GAPS,
        {
            "stream_ids": [gap.stream_id for _, gap in gaps],
            "sequences": arrays.integers(sequence for sequence, _ in gaps),
            "starts": arrays.integers(gap.time_range.start for _, gap in gaps),
            "ends": arrays.integers(gap.time_range.end for _, gap in gaps),
            "session_ids": [arrays.integers(sorted(gap.session_ids)) for _, gap in gaps],
        },
    )


def load_gaps(
    connection: Connection, time_range: TimeRange[Instant], session_ids: Iterable[WhiteboardSessionId]
) -> list[RelayGap]:
    """Return the gaps that touch `time_range`: those of the sessions, and those of all sessions of a stream."""
    parameters = {"start": time_range.start, "end": time_range.end, "session_ids": arrays.integers(session_ids)}
    return [
        RelayGap(
            StreamId(row.stream_id),
            TimeRange(instant(row.started_at), instant(row.ended_at)),
            frozenset(map(WhiteboardSessionId, row.whiteboard_session_ids)),
        )
        for row in connection.execute(_LOAD_GAPS, parameters)
    ]
