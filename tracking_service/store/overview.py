"""What an operator asks of all tables at once: how much there is, and up to when (docs/attendancectl.md)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection

#: A replica extends its coverage every few seconds, and a relay in use its stream; what is older is not there any more.
_RECENT = "clock_timestamp() - interval '1 minute'"

_READ = text(f"""
    SELECT
        (SELECT count(DISTINCT replica_id) FROM observation_coverage WHERE observed_until > {_RECENT}) AS replicas,
        (SELECT max(observed_until) FROM observation_coverage) AS observed_until,
        (SELECT EXTRACT(EPOCH FROM clock_timestamp() - max(observed_until)) FROM observation_coverage)
            AS seconds_since_observed,
        (SELECT count(*) FROM heartbeat_streams WHERE last_used_at > {_RECENT}) AS streams_in_use,
        (SELECT count(*) FROM presence_intervals WHERE end_reason IS NULL) AS people_present,
        (SELECT count(DISTINCT whiteboard_session_id) FROM presence_intervals WHERE end_reason IS NULL)
            AS sessions_with_people,
        (SELECT count(*) FROM journal_writers WHERE last_appended_at > {_RECENT}) AS writers,
        (SELECT max(last_appended_at) FROM journal_writers) AS last_appended_at,
        (SELECT COALESCE(sum(pg_total_relation_size(inhrelid)), 0)::bigint
         FROM pg_inherits WHERE inhparent = 'presence_journal'::regclass) AS journal_bytes,
        (SELECT count(DISTINCT stream_id) FROM relay_clock_offsets
         WHERE since > clock_timestamp() - interval '1 hour' AND offset_microseconds <> 0) AS relays_with_wrong_clocks
""")  # noqa: S608 - constants


def read(connection: Connection) -> dict[str, Any]:
    """Return the numbers by name; times are aware, sizes in bytes."""
    return dict(connection.execute(_READ).mappings().one())
