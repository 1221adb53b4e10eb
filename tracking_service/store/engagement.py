"""Totals over whiteboard_sessions: how long tutors and students were there."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.database import arrays
from servicekit.identifiers import UserId


class TutorEngagement(NamedTuple):
    """Averages over one tutor's completed whiteboard sessions, rounded to one decimal."""

    tutor_id: UserId
    session_count: int
    tutor_active_minutes: float
    student_active_minutes: float
    #: Of the scheduled duration, in percent; None where no session has one.
    student_engagement_percentage: float | None


_CONFIGURE = text("""
    -- Schedules without a time zone are read in the session time zone. A report on everybody reads the table once,
    -- in its own order, instead of every row by an index.
    SELECT set_config('timezone', :zone, true), set_config('enable_seqscan', 'on', true)
""")

ENGAGEMENT = text("""
    -- The documented averages per tutor. What was never recorded (NULL) is left out of them, as is a share of no time.
    WITH completed AS (
        SELECT tutor_id, tutor_total_active_seconds AS tutor_seconds, student_total_active_seconds AS student_seconds,
            EXTRACT(EPOCH FROM CAST(scheduled_end AS timestamptz) - CAST(scheduled_start AS timestamptz)) AS duration
        FROM whiteboard_sessions
        WHERE lower(btrim(status)) = 'completed'
            AND (CAST(:tutor_ids AS integer[]) IS NULL OR tutor_id = ANY (CAST(:tutor_ids AS integer[])))
            AND (CAST(:scheduled_from AS timestamptz) IS NULL
                OR CAST(scheduled_start AS timestamptz) >= CAST(:scheduled_from AS timestamptz))
            AND (CAST(:scheduled_before AS timestamptz) IS NULL
                OR CAST(scheduled_start AS timestamptz) < CAST(:scheduled_before AS timestamptz))
    )
    SELECT tutor_id, count(*) AS session_count,
        COALESCE(ROUND(AVG(tutor_seconds / 60.0), 1), 0) AS tutor_active_minutes,
        COALESCE(ROUND(AVG(student_seconds / 60.0), 1), 0) AS student_active_minutes,
        ROUND(AVG(CASE WHEN duration > 0 THEN student_seconds / duration * 100 END), 1) AS student_engagement_percentage
    FROM completed
    GROUP BY tutor_id
    ORDER BY tutor_id
""")


def load(
    connection: Connection,
    tutor_ids: Collection[UserId],
    *,
    scheduled_from: datetime | None,
    scheduled_before: datetime | None,
    zone: str,
) -> list[TutorEngagement]:
    """Return the averages of these tutors (none: all) over sessions scheduled in a stretch of time.

    `zone` names the time zone of schedules without one. It stays set until the end of the transaction.
    """
    connection.execute(_CONFIGURE, {"zone": zone})
    rows = connection.execute(
        ENGAGEMENT,
        {
            "tutor_ids": arrays.integers(tutor_ids) if tutor_ids else None,
            "scheduled_from": scheduled_from,
            "scheduled_before": scheduled_before,
        },
    )
    return [
        TutorEngagement(
            tutor_id=UserId(row.tutor_id),
            session_count=row.session_count,
            tutor_active_minutes=float(row.tutor_active_minutes),
            student_active_minutes=float(row.student_active_minutes),
            student_engagement_percentage=_optional_float(row.student_engagement_percentage),
        )
        for row in rows
    ]


def _optional_float(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]  # psycopg2 gives Decimal
