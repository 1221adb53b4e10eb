"""Rows that past outages and clocks would have left, and that the evaluation writes itself.

The tracking service writes when its replicas took events, how long a relay's stream lasted
(docs/presence.md#observation-gaps), and how far a relay's clock was off (docs/presence.md#clocks). The past can't be
repeated, so these rows are written into the evaluation's own database as the service would have left them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import create_engine, text

from benchmarks.evaluation.simulation import calendar
from servicekit.auth.principal import SERVICE_ROLE
from servicekit.database.url import sqlalchemy_url

#: The replica that ran on the days of the calendar.
_REPLICA = UUID(int=0)
_MICROSECONDS = 1_000

_INSERT_COVERAGE = text("""
    -- A time in which the replica took events.
    INSERT INTO observation_coverage (replica_id, started_at, observed_until) VALUES (:replica, :start, :end)
    ON CONFLICT DO NOTHING
""")
_INSERT_COVERAGE_UP_TO_NOW = text("""
    -- The last such time: the service that runs now continues from here.
    INSERT INTO observation_coverage (replica_id, started_at, observed_until) VALUES (:replica, :start, now())
    ON CONFLICT DO NOTHING
""")
_DATE_STREAMS_BACK = text("""
    -- A relay that was connected all the time, and resumed its streams without a missing number after each outage.
    UPDATE heartbeat_streams SET opened_at = :begins WHERE owner = :owner
""")
_INSERT_CLOCK_OFFSETS = text("""
    -- What was measured of the clock behind a relay's streams.
    INSERT INTO relay_clock_offsets (stream_id, since, offset_microseconds)
    SELECT stream_id, :begins, :offset FROM heartbeat_streams WHERE owner = :owner
    ON CONFLICT DO NOTHING
""")


def record_coverage(url: str, seed: int, begins: datetime) -> None:
    """Record when the replicas took events since `begins`, the start of the calendar; the services already run."""
    gaps = [calendar.slot(seed, number).uncovered for number in range(calendar.SLOTS)]
    ends = [0, *(time for gap in gaps for time in gap)]
    covered = [_coverage_row(begins, start, end) for start, end in list(pairwise(ends))[::2]]
    engine = create_engine(sqlalchemy_url(url))
    with engine.begin() as connection:
        connection.execute(_INSERT_COVERAGE, covered)
        last = {"replica": _REPLICA, "start": begins + timedelta(milliseconds=ends[-1])}
        connection.execute(_INSERT_COVERAGE_UP_TO_NOW, last)
    engine.dispose()


def record_resumed_streams(url: str, relay: str, begins: datetime) -> None:
    """Record that the streams of the relay with this identity lasted since `begins`."""
    engine = create_engine(sqlalchemy_url(url))
    with engine.begin() as connection:
        connection.execute(_DATE_STREAMS_BACK, {"owner": _owner(relay), "begins": begins})
    engine.dispose()


def record_clock_offsets(url: str, offsets: Mapping[str, int], begins: datetime) -> None:
    """Record since `begins` by how many milliseconds the clocks of relays, by their identities, were ahead."""
    rows = [
        {"owner": _owner(relay), "offset": offset * _MICROSECONDS, "begins": begins}
        for relay, offset in offsets.items()
    ]
    engine = create_engine(sqlalchemy_url(url))
    with engine.begin() as connection:
        connection.execute(_INSERT_CLOCK_OFFSETS, rows)
    engine.dispose()


def _owner(relay: str) -> str:
    return f"{SERVICE_ROLE}:{relay}"


def _coverage_row(begins: datetime, start: int, end: int) -> Mapping[str, Any]:
    return {
        "replica": _REPLICA,
        "start": begins + timedelta(milliseconds=start),
        "end": begins + timedelta(milliseconds=end),
    }
