"""What is left in the records of outages that can't happen again: written as the replicas would have left it.

The holes that replicas leave in their coverage, and how long a relay's stream lasted, are rows of the tracking service
(docs/architecture.md, "What could not be observed"). An outage of the past can't be made to happen now, so these rows
are written into the evaluation's own database.
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
from servicekit.database.engine import sqlalchemy_url

#: The replica that served in the days of the calendar.
_REPLICA = UUID(int=0)

_INSERT_COVERAGE = text("""
    -- A time in which the replica took events.
    INSERT INTO observation_coverage (replica_id, started_at, observed_until) VALUES (:replica, :start, :end)
    ON CONFLICT DO NOTHING
""")
_INSERT_COVERAGE_UP_TO_NOW = text("""
    -- The last such time: the service that runs now goes on from here.
    INSERT INTO observation_coverage (replica_id, started_at, observed_until) VALUES (:replica, :start, now())
    ON CONFLICT DO NOTHING
""")
_DATE_STREAMS_BACK = text("""
    -- A relay that was connected all the time, and resumed its streams without a hole after each outage.
    UPDATE heartbeat_streams SET opened_at = :begins WHERE owner = :owner
""")


def record_coverage(url: str, seed: int, begins: datetime) -> None:
    """Record when the replicas took events since `begins`, the start of the calendar; the services run already."""
    holes = [calendar.slot(seed, number).uncovered for number in range(calendar.SLOTS)]
    ends = [0, *(moment for hole in holes for moment in hole)]
    covered = [_row(begins, start, end) for start, end in list(pairwise(ends))[::2]]
    engine = create_engine(sqlalchemy_url(url))
    with engine.begin() as connection:
        connection.execute(_INSERT_COVERAGE, covered)
        last = {"replica": _REPLICA, "start": begins + timedelta(milliseconds=ends[-1])}
        connection.execute(_INSERT_COVERAGE_UP_TO_NOW, last)
    engine.dispose()


def record_resumed_streams(url: str, relay: str, begins: datetime) -> None:
    """Record that the streams of a relay, told by its identity, lasted since `begins`."""
    engine = create_engine(sqlalchemy_url(url))
    with engine.begin() as connection:
        connection.execute(_DATE_STREAMS_BACK, {"owner": f"{SERVICE_ROLE}:{relay}", "begins": begins})
    engine.dispose()


def _row(begins: datetime, start: int, end: int) -> Mapping[str, Any]:
    return {
        "replica": _REPLICA,
        "start": begins + timedelta(milliseconds=start),
        "end": begins + timedelta(milliseconds=end),
    }
