"""relay_observation_gaps: times for which relays say that they were blind (DESIGN 5.7)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.database import arrays
from servicekit.identifiers import StreamId, WhiteboardSessionId
from tracking_service.domain.ways import RelayGap
from tracking_service.domain.windows import Window
from tracking_service.store.moments import instant, moment


class NumberedRelayGap(NamedTuple):
    """A gap and its number in its stream."""

    sequence: int
    gap: RelayGap


_APPEND = text(f"""
    -- A gap that a relay told; one that is recorded already is the same frame delivered twice.
    INSERT INTO relay_observation_gaps (stream_id, sequence, started_at, ended_at, whiteboard_session_ids)
    VALUES (:stream_id, :sequence, {moment(":start")}, {moment(":end")}, CAST(:session_ids AS integer[]))
    ON CONFLICT DO NOTHING
""")  # noqa: S608 - constants

_LOAD = text(f"""
    -- Gaps that touch a stretch of time and may concern some of these sessions. An index gives their ends, so older
    -- rows are not read.
    SELECT stream_id, started_at, ended_at, whiteboard_session_ids
    FROM relay_observation_gaps
    WHERE ended_at >= {moment(":start")} AND started_at <= {moment(":end")}
        AND (whiteboard_session_ids = '{{}}' OR whiteboard_session_ids && CAST(:session_ids AS integer[]))
""")  # noqa: S608 - constants


def append(connection: Connection, gaps: Iterable[NumberedRelayGap]) -> None:
    """Record gaps."""
    for sequence, gap in gaps:
        connection.execute(
            _APPEND,
            {
                "stream_id": gap.stream_id,
                "sequence": sequence,
                "start": gap.extent.start,
                "end": gap.extent.end,
                "session_ids": arrays.integers(sorted(gap.session_ids)),
            },
        )


def load(connection: Connection, extent: Window, session_ids: Iterable[WhiteboardSessionId]) -> list[RelayGap]:
    """Return the gaps that touch `extent`: those of the sessions, and those of all sessions of a stream."""
    parameters = {"start": extent.start, "end": extent.end, "session_ids": arrays.integers(session_ids)}
    return [
        RelayGap(
            StreamId(row.stream_id),
            Window(instant(row.started_at), instant(row.ended_at)),
            frozenset(map(WhiteboardSessionId, row.whiteboard_session_ids)),
        )
        for row in connection.execute(_LOAD, parameters)
    ]
