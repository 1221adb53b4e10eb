"""What is counted for Prometheus."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.metrics.asked_gauges import Answers, AskedGauge

#: So many open intervals are counted in 50 ms. Their pages always change, so PostgreSQL has to read each one.
MAX_COUNTED = 100_000

_OPEN_INTERVALS = AskedGauge(
    "tracking_open_intervals",
    f"Participants who are present, of all replicas; more than {MAX_COUNTED:,} are estimated by PostgreSQL.",
)
GAUGES = (_OPEN_INTERVALS,)

_COUNT_OPEN = text("""
SELECT CASE WHEN counted < :max_counted THEN counted ELSE greatest(counted, estimated) END
FROM
    (
        SELECT count(*) AS counted
        FROM (SELECT 1 FROM presence_intervals WHERE end_reason IS NULL LIMIT :max_counted) AS open_intervals
    ) AS counts,
    -- The estimate that VACUUM and ANALYZE keep.
    (SELECT reltuples AS estimated FROM pg_class WHERE oid = 'presence_intervals_open'::regclass) AS estimates
""")


def read_gauges(connection: Connection) -> Answers:
    """Return the values of GAUGES."""
    return {
        (_OPEN_INTERVALS.name, ()): float(connection.execute(_COUNT_OPEN, {"max_counted": MAX_COUNTED}).scalar_one())
    }
