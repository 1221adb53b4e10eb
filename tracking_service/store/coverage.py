"""observation_coverage: when replicas took events (DESIGN 5.7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.clock import Instant
from servicekit.database import arrays
from tracking_service.domain.windows import Window
from tracking_service.store.moments import instant, moment


class CoveredStretch(NamedTuple):
    """One replica took events without a break; grows at its end."""

    started_at: Instant
    observed_until: Instant


_EXTEND = text(f"""
    -- Begin stretches of one replica's coverage, or move their ends.
    INSERT INTO observation_coverage AS known (replica_id, started_at, observed_until)
    SELECT :replica_id, {moment("started")}, {moment("until")}
    FROM unnest(CAST(:started AS bigint[]), CAST(:until AS bigint[])) AS batch (started, until)
    ON CONFLICT (started_at, replica_id) DO UPDATE
    SET observed_until = GREATEST(known.observed_until, excluded.observed_until)
""")  # noqa: S608 - constants

_LOAD = text(f"""
    -- Coverage of a stretch of time, from the last that ended before it to the first that began after it. Both bounds
    -- come from an index, so older rows are not read.
    SELECT started_at, observed_until
    FROM observation_coverage
    WHERE observed_until >= COALESCE(
            (SELECT max(observed_until) FROM observation_coverage WHERE observed_until < {moment(":start")}),
            {moment(":start")})
        AND started_at <= COALESCE(
            (SELECT min(started_at) FROM observation_coverage WHERE started_at > {moment(":end")}),
            {moment(":end")})
""")  # noqa: S608 - constants


def extend(connection: Connection, replica_id: UUID, stretches: Sequence[CoveredStretch]) -> None:
    """Record how far stretches of a replica's coverage reach; an end never moves back."""
    connection.execute(
        _EXTEND,
        {
            "replica_id": replica_id,
            "started": arrays.integers(stretch.started_at for stretch in stretches),
            "until": arrays.integers(stretch.observed_until for stretch in stretches),
        },
    )


def load(connection: Connection, extent: Window) -> list[Window]:
    """Return coverage by whichever replica, enough to tell every gap that touches `extent` with both its ends."""
    rows = connection.execute(_LOAD, {"start": extent.start, "end": extent.end})
    return [Window(instant(row.started_at), instant(row.observed_until)) for row in rows]
