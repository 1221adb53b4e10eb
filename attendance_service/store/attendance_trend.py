"""Counting attendance by week; every statement is put together from constants alone."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, TextClause, text

from attendance_service.domain.attendance_trend import TrendQuery, TrendWeek
from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.listing import Page
from attendance_service.store.executor import DatabaseExecutor, select
from attendance_service.store.listing import COMPLETED_IN_DATES, date_parameters
from attendance_service.store.roster import JOIN_ROSTER, ROSTER
from attendance_service.store.settled import IS_AS_JUDGED
from attendance_service.store.student_places import FROM_PLACES
from attendance_service.store.visibility import OWN_TUTOR_PROFILES, sessions_of_students, sessions_of_tutors

#: The Monday of the week of a day.
_MONDAY = "({day} - CAST(EXTRACT(isodow FROM {day}) - 1 AS integer))"
_WEEK = _MONDAY.format(day="s.session_date")
#: Completed lessons of the days, before the page's first week. Lessons without an enrolment are in no report.
_COUNTED = f"""s.enrolled_courses_id IS NOT NULL AND {COMPLETED_IN_DATES}
        AND s.session_date < COALESCE(CAST(:before AS date), 'infinity')"""

#: How long a session is scheduled for. An end before the start is the next day's.
_SCHEDULED = """NULLIF(mod(86400 + CAST(EXTRACT(epoch FROM CAST(s.end_time AS time) - CAST(s.start_time AS time))
                            AS integer), 86400), 0)"""
_IS_KNOWN = "IN ('held', 'student_no_show', 'tutor_no_show', 'nobody_came')"
#: What became of the lesson, or with `:student_id` of this student's part in it; nothing while it is not settled.
_OUTCOME = f"""CROSS JOIN LATERAL (
        SELECT CASE WHEN {IS_AS_JUDGED} THEN COALESCE(about.outcome, settled.outcome) END AS kind,
               CASE WHEN about.session_id IS NULL THEN settled.overlap_seconds ELSE about.overlap_seconds END
                   AS overlap_seconds
        FROM (VALUES (1)) AS one
        LEFT JOIN settled_students AS about
          ON about.session_id = settled.session_id AND about.student_id = CAST(:student_id AS integer)) AS became"""  # noqa: S608 - constants
_LESSON = f"""SELECT s.id, {_WEEK} AS week, {ROSTER} AS students,
           CASE WHEN became.kind {_IS_KNOWN} THEN became.overlap_seconds END AS overlap_seconds,
           CASE WHEN became.kind {_IS_KNOWN} THEN {_SCHEDULED} END AS scheduled_seconds"""

#: The weeks of all lessons, one after the other: each is found by index.
_LAST_DAY = f"""SELECT s.session_date FROM sessions AS s WHERE {{before}} AND {_COUNTED}
            ORDER BY s.session_date DESC LIMIT 1"""  # noqa: S608 - constants
_ALL_LESSONS = f"""found (day) AS (
    ({_LAST_DAY.format(before="TRUE")})
    UNION ALL
    SELECT ({_LAST_DAY.format(before=f"s.session_date < {_MONDAY.format(day='found.day')}")})
    FROM found WHERE found.day IS NOT NULL
), page AS MATERIALIZED (
    SELECT {_MONDAY.format(day="day")} AS week FROM found WHERE day IS NOT NULL LIMIT :page_size
), lesson AS MATERIALIZED (
    {_LESSON}
    FROM page
    CROSS JOIN LATERAL (
        SELECT s.* FROM sessions AS s
        WHERE s.session_date >= page.week AND s.session_date < page.week + 7 AND {_COUNTED} OFFSET 0) AS s
    {JOIN_ROSTER} {_OUTCOME}
)"""  # noqa: S608 - constants
#: The lessons of one tutor or student. These are few, so they are read at once.
_SOME_LESSONS = f"""own AS MATERIALIZED (
    {_LESSON}
    FROM sessions AS s {JOIN_ROSTER} {_OUTCOME}
    WHERE {{is_own}} AND {_COUNTED}
), page AS MATERIALIZED (
    SELECT DISTINCT week FROM own ORDER BY week DESC LIMIT :page_size
), lesson AS MATERIALIZED (
    SELECT own.* FROM own JOIN page ON page.week = own.week
)"""  # noqa: S608 - constants

_TREND = f"""
WITH RECURSIVE {{lessons}}, counted AS (
    SELECT lesson.week, count(*) FILTER (WHERE place.status IS NOT NULL) AS marked,
           count(*) FILTER (WHERE place.status = 'present') AS present,
           count(*) FILTER (WHERE place.status = 'late') AS late,
           count(*) FILTER (WHERE place.status = 'absent') AS absent,
           count(*) FILTER (WHERE place.excused) AS excused,
           count(*) FILTER (WHERE place.status IS NULL) AS unmarked
    {FROM_PLACES}
    GROUP BY lesson.week
), summed AS (
    SELECT week, count(*) AS lessons, COALESCE(sum(overlap_seconds), 0) AS overlap_seconds,
           COALESCE(sum(scheduled_seconds), 0) AS scheduled_seconds
    FROM lesson GROUP BY week
)
SELECT summed.week AS first_day, to_char(summed.week, 'IYYY-"W"IW') AS week, lessons,
       COALESCE(marked, 0) AS marked, COALESCE(present, 0) AS present, COALESCE(late, 0) AS late,
       COALESCE(absent, 0) AS absent, COALESCE(excused, 0) AS excused, COALESCE(unmarked, 0) AS unmarked,
       ROUND(CAST(present + late AS numeric) / NULLIF(marked, 0) * 100, 2) AS rate,
       overlap_seconds, scheduled_seconds
FROM summed LEFT JOIN counted ON counted.week = summed.week
ORDER BY summed.week DESC
"""  # noqa: S608 - constants
_ONE_TUTOR = "ARRAY[CAST(:tutor_id AS integer)]"
_ONE_STUDENT = "ARRAY[CAST(:student_id AS integer)]"


class AttendanceTrendStore:
    """Completed lessons, counted by week."""

    def __init__(self, executor: DatabaseExecutor, zone: ZoneInfo) -> None:
        """`zone` is the session time zone."""
        self._executor = executor
        self._zone = zone

    async def page(self, query: TrendQuery, caller: Caller) -> Page[TrendWeek, int]:
        """Return some weeks of the lessons that the caller may see, newest first; whose student it is was checked."""
        statement, parameters = trend_page(query, caller.role), trend_parameters(query, caller, self._zone)
        rows = await self._executor.read(select(statement, parameters, _week))
        return query.page.page(rows, lambda row: row.position)


def trend_page(query: TrendQuery, role: CallerRole) -> TextClause:
    """Return the statement that counts the lessons of one page."""
    is_tutor = role is CallerRole.TUTOR
    conditions = []
    if query.student_id is not None:
        conditions.append(sessions_of_students(_ONE_STUDENT))
        conditions += [f"roster.tutor_id = ANY ({OWN_TUTOR_PROFILES})"] * is_tutor
        conditions += ["roster.tutor_id = CAST(:tutor_id AS integer)"] * (query.tutor_id is not None)
    else:
        conditions += [sessions_of_tutors(OWN_TUTOR_PROFILES)] * is_tutor
        conditions += [sessions_of_tutors(_ONE_TUTOR)] * (query.tutor_id is not None)
    lessons = _SOME_LESSONS.format(is_own=" AND ".join(conditions)) if conditions else _ALL_LESSONS
    return text(_TREND.format(lessons=lessons))


def trend_parameters(query: TrendQuery, caller: Caller, zone: ZoneInfo) -> dict[str, Any]:
    """Return the parameters of `trend_page`."""
    after = query.page.after
    return {
        "before": None if after is None else date.fromordinal(after),
        "tutor_id": query.tutor_id,
        "student_id": query.student_id,
        "caller": caller.user_id,
        "zone": zone.key,
        "page_size": query.page.fetch_size,
        **date_parameters(query.dates),
    }


def _week(row: RowMapping) -> TrendWeek:
    return TrendWeek(**{**row, "rate": None if row["rate"] is None else float(row["rate"])})
