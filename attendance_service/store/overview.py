"""What an operator asks of all sessions at once: what waits to be settled, and what waits for people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.engine import Connection

from attendance_service.store.settled import IS_AS_JUDGED
from attendance_service.store.sources import ENDS_AT

#: Days whose sessions are looked at; older ones, of which there may be millions, are settled, or found by the walk.
RECENT_DAYS = 2

_READ = text(f"""
    WITH recent AS (
        SELECT settled.judged_at, {ENDS_AT} AS ends_at, COALESCE({IS_AS_JUDGED}, FALSE) AS is_settled
        FROM sessions AS s LEFT JOIN settled_sessions AS settled ON settled.session_id = s.id
        WHERE s.session_date BETWEEN CURRENT_DATE - :days AND CURRENT_DATE + 1
    ), due AS (
        SELECT * FROM recent WHERE ends_at + make_interval(secs => :settling_seconds) <= now()
    )
    SELECT
        (SELECT count(*) FROM due WHERE NOT is_settled) AS lessons_to_settle,
        (SELECT EXTRACT(EPOCH FROM now() - min(ends_at)) - :settling_seconds FROM due WHERE NOT is_settled)
            AS longest_wait_seconds,
        (SELECT count(*) FROM due WHERE is_settled) AS lessons_settled,
        (SELECT max(judged_at) FROM recent) AS last_settled_at,
        (SELECT count(*) FROM settled_sessions WHERE recheck_at <= now()) AS rechecks_due,
        (SELECT count(*) FROM attendance_claims AS claim
         LEFT JOIN attendance_claim_answers AS answer ON answer.claim_id = claim.id
         WHERE answer.claim_id IS NULL) AS claims_waiting
""")  # noqa: S608 - constants


def read(connection: Connection, zone: ZoneInfo, *, settling_time: timedelta) -> dict[str, Any]:
    """Return the numbers by name, of the lessons of the last days; `zone` is the session time zone."""
    parameters = {"days": RECENT_DAYS, "zone": zone.key, "settling_seconds": settling_time.total_seconds()}
    return dict(connection.execute(_READ, parameters).mappings().one())
