"""What is counted for Prometheus; every statement is put together from constants alone."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.engine import Connection

from attendance_service.store.settled import IS_AS_JUDGED
from attendance_service.store.sources import ENDS_AT
from servicekit.metrics.asked_gauges import Answers, AskedGauge

#: Lessons of these days are counted: they are the ones that are settled soon after their end.
DAYS = 2
#: More are not counted, so that no scrape costs much on a day with very many.
MAX_LESSONS = 100_000
#: The same of claims, of which nearly all are answered.
MAX_CLAIMS = 100_000

LESSONS = AskedGauge(
    "attendance_lessons",
    f"Lessons of the last {DAYS} days that ended longer than the settling time ago, by whether they are settled; the "
    f"newest {MAX_LESSONS:,} at most.",
    ("state",),
)
OLDEST = AskedGauge(
    "attendance_oldest_unsettled_seconds",
    "For how long the longest-waiting of these lessons could have been settled, without those that are being judged or "
    "are tried again later; 0 if none waits.",
)
CLAIMS = AskedGauge("attendance_claims_waiting", f"Claims that nobody has answered, of the newest {MAX_CLAIMS:,}.")
GAUGES = (LESSONS, OLDEST, CLAIMS)

COUNT_LESSONS = text(f"""
WITH over AS MATERIALIZED (
    SELECT {ENDS_AT} + make_interval(secs => :settling_seconds) AS settles_at,
           COALESCE({IS_AS_JUDGED}, FALSE) AS is_settled,
           COALESCE(settled.claimed_until > now(), FALSE) AS is_claimed
    FROM sessions AS s
    LEFT JOIN settled_sessions AS settled ON settled.session_id = s.id
    WHERE s.session_date BETWEEN CURRENT_DATE - {DAYS} AND CURRENT_DATE + 1
      AND {ENDS_AT} + make_interval(secs => :settling_seconds) <= now()
    ORDER BY s.session_date DESC, s.id DESC
    LIMIT {MAX_LESSONS}
)
SELECT count(*) FILTER (WHERE is_settled) AS settled,
       count(*) FILTER (WHERE NOT is_settled) AS unsettled,
       COALESCE(EXTRACT(EPOCH FROM now() - min(settles_at) FILTER (WHERE NOT (is_settled OR is_claimed))), 0) AS oldest
FROM over
""")  # noqa: S608 - constants
COUNT_CLAIMS = text(f"""
SELECT count(*) FROM (SELECT id FROM attendance_claims ORDER BY id DESC LIMIT {MAX_CLAIMS}) AS claim
WHERE NOT EXISTS (SELECT FROM attendance_claim_answers AS answer WHERE answer.claim_id = claim.id)
""")  # noqa: S608 - constants


class GaugeQuestions:
    """Asks for the values of GAUGES."""

    def __init__(self, zone: ZoneInfo, settling_time: timedelta) -> None:
        """`zone` is the session time zone; `settling_time` passes after the end of a session."""
        self.parameters = {"zone": zone.key, "settling_seconds": settling_time.total_seconds()}

    def __call__(self, connection: Connection) -> Answers:
        """Return the values."""
        lessons = connection.execute(COUNT_LESSONS, self.parameters).mappings().one()
        return {
            (LESSONS.name, ("settled",)): float(lessons["settled"]),
            (LESSONS.name, ("unsettled",)): float(lessons["unsettled"]),
            (OLDEST.name, ()): float(lessons["oldest"]),
            (CLAIMS.name, ()): float(connection.execute(COUNT_CLAIMS).scalar_one()),
        }
