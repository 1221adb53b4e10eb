"""Finding students at risk; every statement is put together from constants alone."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, TextClause, text

from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.listing import Page, PageRequest
from attendance_service.domain.students_at_risk import RISK_LIMITS, StudentAtRisk
from attendance_service.store.executor import DatabaseExecutor, select
from attendance_service.store.listing import COMPLETED_IN_DATES
from attendance_service.store.roster import JOIN_ROSTER, ROSTER
from attendance_service.store.student_places import FROM_PLACES
from attendance_service.store.visibility import OWN_TUTOR_PROFILES, STUDENT_NAME, TUTOR_NAME, sessions_of_tutors

_STATEMENT = f"""
WITH lesson AS MATERIALIZED (
    SELECT s.id, {ROSTER} AS students, roster.tutor_id
    FROM sessions AS s {JOIN_ROSTER}
    WHERE {{is_own}} AND s.enrolled_courses_id IS NOT NULL AND {COMPLETED_IN_DATES}
), attended AS (
    SELECT member.id AS student_id, s.id AS session_id, s.session_date AS day, lesson.tutor_id,
           place.status <> 'absent' AS attended, s.session_date >= CAST(:first_recent_day AS date) AS is_recent,
           row_number() OVER (PARTITION BY member.id
                              ORDER BY s.session_date DESC, CAST(s.start_time AS time) DESC NULLS LAST, s.id DESC)
               AS number
    {FROM_PLACES}
    WHERE place.status IN ('present', 'late', 'absent') AND NOT place.excused
), counted AS (
    SELECT student_id, CAST(COALESCE(min(number) FILTER (WHERE attended) - 1, count(*)) AS integer)
               AS absences_in_a_row,
           count(*) FILTER (WHERE is_recent) AS recent_lessons,
           count(*) FILTER (WHERE is_recent AND attended) AS recent_attended,
           count(*) FILTER (WHERE NOT is_recent) AS earlier_lessons,
           count(*) FILTER (WHERE NOT is_recent AND attended) AS earlier_attended,
           max(session_id) FILTER (WHERE number = 1) AS last_session_id,
           max(day) FILTER (WHERE number = 1) AS last_day,
           max(tutor_id) FILTER (WHERE number = 1) AS tutor_id
    FROM attended GROUP BY student_id
), judged AS (
    SELECT counted.*, absences_in_a_row >= :absences_in_a_row AS is_absent_in_a_row,
           recent_lessons >= :min_lessons AND earlier_lessons >= :min_lessons
               AND recent_lessons - recent_attended >= :min_recent_absences
               AND 100 * (earlier_attended * recent_lessons - recent_attended * earlier_lessons)
                   >= :drop_points * recent_lessons * earlier_lessons AS is_falling
    FROM counted
)
SELECT judged.student_id, {STUDENT_NAME} AS student_name, absences_in_a_row, is_absent_in_a_row, is_falling,
       recent_lessons, recent_attended, earlier_lessons, earlier_attended, last_session_id, last_day,
       {TUTOR_NAME} AS tutor_name
FROM judged
JOIN student_profiles AS student ON student.id = judged.student_id
LEFT JOIN users AS student_user ON student_user.id = student.user_id
LEFT JOIN tutor_profiles AS tutor ON tutor.id = judged.tutor_id
LEFT JOIN users AS tutor_user ON tutor_user.id = tutor.user_id
WHERE (is_absent_in_a_row OR is_falling) AND judged.student_id > COALESCE(CAST(:after_id AS integer), 0)
ORDER BY judged.student_id
LIMIT :page_size
"""  # noqa: S608 - constants


class StudentsAtRiskStore:
    """Completed lessons, judged student by student."""

    def __init__(self, executor: DatabaseExecutor, zone: ZoneInfo) -> None:
        """`zone` is the session time zone."""
        self._executor = executor
        self._zone = zone

    async def page(self, last: date, page: PageRequest[int], caller: Caller) -> Page[StudentAtRisk, int]:
        """Return some students at risk, in the order of their profiles: a tutor's by that tutor's lessons alone."""
        parameters = risk_parameters(last, page, caller, self._zone)
        rows = await self._executor.read(select(risk_page(caller.role), parameters, _student))
        return page.page(rows, lambda row: row.student_id)


def risk_page(role: CallerRole) -> TextClause:
    """Return the statement that finds one page of students."""
    is_own = sessions_of_tutors(OWN_TUTOR_PROFILES) if role is CallerRole.TUTOR else "TRUE"
    return text(_STATEMENT.format(is_own=is_own))


def risk_parameters(last: date, page: PageRequest[int], caller: Caller, zone: ZoneInfo) -> dict[str, Any]:
    """Return the parameters of `risk_page`."""
    return {
        "date_from": RISK_LIMITS.first_day(last),
        "date_to": last,
        "first_recent_day": RISK_LIMITS.first_recent_day(last),
        "absences_in_a_row": RISK_LIMITS.absences_in_a_row,
        "min_lessons": RISK_LIMITS.min_lessons,
        "min_recent_absences": RISK_LIMITS.min_recent_absences,
        "drop_points": RISK_LIMITS.drop_points,
        "student_id": None,
        "after_id": page.after,
        "caller": caller.user_id,
        "zone": zone.key,
        "page_size": page.fetch_size,
    }


def _student(row: RowMapping) -> StudentAtRisk:
    return StudentAtRisk(**row)
