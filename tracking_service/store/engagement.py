"""Averages over whiteboard sessions: how long tutors and students were there in the scheduled time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.database import arrays
from servicekit.identifiers import UserId
from tracking_service.store.shards import grouping_of
from tracking_service.store.sql import find_rows_by_key


class TutorEngagement(NamedTuple):
    """Averages over one tutor's completed whiteboard sessions, rounded to one decimal."""

    tutor_id: UserId
    session_count: int
    tutor_active_minutes: float
    student_active_minutes: float
    #: Of the scheduled duration, in percent; None where no session has one.
    student_engagement_percentage: float | None


#: Schedules without a time zone are read in the session time zone.
_CONFIGURE = text("SELECT set_config('timezone', :zone, true)")
#: Citus passes on what such statements set, but nothing of what functions do.
_PASS_SETTINGS_ON = text("SET LOCAL citus.propagate_set_commands = 'local'")
_CONFIGURE_WORKERS = text("SET LOCAL timezone = :zone")

#: A session that was completed and is scheduled in the requested time; NULL sets no limit. Schedules are compared as
#: they are, with or without a time zone, because an index can't find converted ones.
_COMPLETED = """lower(btrim(status)) = 'completed'
    AND (CAST(:scheduled_from AS timestamptz) IS NULL OR scheduled_start >= CAST(:scheduled_from AS timestamptz))
    AND (CAST(:scheduled_before AS timestamptz) IS NULL OR scheduled_start < CAST(:scheduled_before AS timestamptz))"""


def _seconds_in_schedule(role: str) -> str:
    """Return SQL: for how long a role was present in the scheduled time of `whiteboard`, in whole seconds.

    Without a scheduled duration all presence counts. The rule for presence from before there were intervals is that of
    `seconds_in_window` (tracking_service/domain/measurement.py).
    """
    return f"""(
        SELECT CASE
            WHEN whiteboard.duration > 0 THEN
                floor(EXTRACT(EPOCH FROM (
                    SELECT COALESCE(sum(upper(part) - lower(part)), interval '0')
                    FROM unnest(seen * tstzmultirange(tstzrange(whiteboard.starts, whiteboard.ends))) AS part)))
                + LEAST(
                    GREATEST(whiteboard.{role}_total_active_seconds - floor(EXTRACT(EPOCH FROM (
                        SELECT COALESCE(sum(upper(part) - lower(part)), interval '0') FROM unnest(seen) AS part))), 0),
                    GREATEST(floor(EXTRACT(EPOCH FROM
                        LEAST(whiteboard.ends, COALESCE(lower(seen), whiteboard.{role}_disconnected_at))
                        - GREATEST(whiteboard.starts, whiteboard.{role}_connected_at))), 0))
            ELSE whiteboard.{role}_total_active_seconds END
        FROM (
            SELECT COALESCE(range_agg(tstzrange(started_at, ended_at)), '{{}}') AS seen
            FROM presence_intervals
            WHERE whiteboard_session_id = whiteboard.id AND user_type = '{role}'
        ) AS presence)"""  # noqa: S608 - constants


_ROLE_COLUMNS = ", ".join(
    f"{role}_{column}"
    for role in ("tutor", "student")
    for column in ("connected_at", "disconnected_at", "total_active_seconds")
)
#: They leave out what was never recorded (NULL); the percentage also sessions without a duration.
_AVERAGES = """count(*) AS session_count,
        COALESCE(ROUND(AVG(tutor_seconds / 60.0), 1), 0) AS tutor_active_minutes,
        COALESCE(ROUND(AVG(student_seconds / 60.0), 1), 0) AS student_active_minutes,
        ROUND(AVG(CASE WHEN duration > 0 THEN student_seconds / duration * 100 END), 1)
            AS student_engagement_percentage"""


def _measured(condition: str) -> str:
    """Return SQL: how long each role was present in the completed sessions that fulfil a condition."""
    return f"""
        SELECT tutor_id, duration,
            CASE WHEN tutor_total_active_seconds IS NOT NULL THEN {_seconds_in_schedule("tutor")} END AS tutor_seconds,
            CASE WHEN student_total_active_seconds IS NOT NULL
                THEN {_seconds_in_schedule("student")} END AS student_seconds
        FROM (
            SELECT id, tutor_id, {_ROLE_COLUMNS}, CAST(scheduled_start AS timestamptz) AS starts,
                CAST(scheduled_end AS timestamptz) AS ends,
                EXTRACT(EPOCH FROM CAST(scheduled_end AS timestamptz) - CAST(scheduled_start AS timestamptz))
                    AS duration
            FROM whiteboard_sessions
            WHERE {condition} AND {_COMPLETED}
        ) AS whiteboard
    """  # noqa: S608 - constants


#: `page` is a loose index scan: each step finds the next tutor with a session that counts, until the page is full. The
#: cost depends on the size of the page, not on the number of tutors. The first row (place 0) only begins the scan; the
#: last WHERE removes it.
ENGAGEMENT = text(f"""
WITH RECURSIVE page (tutor_id, place) AS (
    VALUES (CAST(:after AS integer), 0)
    UNION ALL
    SELECT following.tutor_id, page.place + 1
    FROM page
    CROSS JOIN LATERAL (
        SELECT tutor_id FROM whiteboard_sessions
        WHERE tutor_id > page.tutor_id AND {_COMPLETED}
          AND (CAST(:tutor_ids AS integer[]) IS NULL OR tutor_id = ANY (CAST(:tutor_ids AS integer[])))
        ORDER BY tutor_id
        LIMIT 1
    ) AS following
    WHERE CAST(:page_size AS integer) IS NULL OR page.place < CAST(:page_size AS integer)
)
SELECT page.tutor_id, session_count, tutor_active_minutes, student_active_minutes, student_engagement_percentage
FROM page
CROSS JOIN LATERAL (
    SELECT {_AVERAGES}
    FROM ({_measured("tutor_id = page.tutor_id")}) AS completed
) AS totals
WHERE page.place > 0
ORDER BY page.tutor_id
""")  # noqa: S608 - constants

#: Citus refuses recursion over shards.
_PAGE_OF_SHARDS = text(f"""
    SELECT DISTINCT tutor_id FROM whiteboard_sessions
    WHERE tutor_id > CAST(:after AS integer) AND {_COMPLETED}
        AND (CAST(:tutor_ids AS integer[]) IS NULL OR tutor_id = ANY (CAST(:tutor_ids AS integer[])))
    ORDER BY tutor_id
    LIMIT CAST(:page_size AS integer)
""")  # noqa: S608 - constants
_TOTALS_OF_SHARDS = text(f"""
    SELECT tutor_id, {_AVERAGES}
    FROM ({_measured("tutor_id = ANY (CAST(:page AS integer[]))")}) AS completed
    GROUP BY tutor_id
    ORDER BY tutor_id
""")  # noqa: S608 - constants


def load(
    connection: Connection,
    tutor_ids: Collection[UserId],
    *,
    scheduled_from: datetime | None,
    scheduled_before: datetime | None,
    zone: str,
    after: UserId,
    size: int | None,
) -> list[TutorEngagement]:
    """Return averages per tutor over sessions that are scheduled in a time range, ordered by the tutors' ids.

    `tutor_ids` says which tutors; if it is empty, all of them. The result begins after the id `after`, and has at most
    `size` tutors (None: no limit). `zone` names the time zone of schedules without one. It and the planner's settings
    stay set until the end of the transaction.
    """
    chosen = {
        "tutor_ids": arrays.integers(tutor_ids) if tutor_ids else None,
        "scheduled_from": scheduled_from,
        "scheduled_before": scheduled_before,
        "after": after,
        "page_size": size,
    }
    if grouping_of(connection).is_distributed:
        connection.execute(_PASS_SETTINGS_ON)
        connection.execute(_CONFIGURE_WORKERS, {"zone": zone})
        page = list(connection.execute(_PAGE_OF_SHARDS, chosen).scalars())
        rows = connection.execute(_TOTALS_OF_SHARDS, {**chosen, "page": arrays.integers(page)})
    else:
        connection.execute(_CONFIGURE, {"zone": zone})
        find_rows_by_key(connection)
        rows = connection.execute(ENGAGEMENT, chosen)
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
