"""Counting what became of lessons that have settled; every statement is put together from constants alone."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import RowMapping, TextClause, text

from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.listing import Page
from attendance_service.domain.reports import LessonOutcomeTotals, OutcomeGrouping, OutcomeQuery
from attendance_service.store.executor import DatabaseExecutor, select
from attendance_service.store.listing import date_parameters
from attendance_service.store.settled import IS_AS_JUDGED
from attendance_service.store.visibility import OWN_TUTOR_PROFILES, STUDENT_NAME, STUDENT_VISIBLE, TUTOR_NAME

#: What follows from the rows of some lessons; those in which there was nothing to judge have no outcome.
_TOTALS = """count(*) AS lessons,
       count(*) FILTER (WHERE outcome = 'held') AS held,
       count(*) FILTER (WHERE outcome = 'student_no_show') AS student_no_shows,
       count(*) FILTER (WHERE outcome = 'tutor_no_show') AS tutor_no_shows,
       count(*) FILTER (WHERE outcome = 'nobody_came') AS nobody_came,
       count(*) FILTER (WHERE outcome = 'cancelled') AS cancelled,
       count(*) FILTER (WHERE COALESCE(outcome, 'cannot_know') = 'cannot_know') AS cannot_know,
       COALESCE(sum(overlap_seconds), 0) AS overlap_seconds,
       COALESCE(sum(billable_seconds), 0) AS billable_seconds,
       COALESCE(sum(tutor_waited_seconds), 0) AS tutor_waited_seconds,
       COALESCE(sum(student_waited_seconds), 0) AS student_waited_seconds"""
_OF_LESSON = """settled.outcome, settled.overlap_seconds, settled.billable_seconds, settled.tutor_waited_seconds,
             settled.student_waited_seconds"""
_OF_STUDENT = """about.outcome, about.overlap_seconds, about.billable_seconds, about.tutor_waited_seconds,
             about.waited_seconds AS student_waited_seconds"""

#: Settled lessons. LATERAL and OFFSET 0 make PostgreSQL find the session of each by its key, whatever it estimates.
_LESSONS = f"""settled_sessions AS settled
      CROSS JOIN LATERAL (SELECT {IS_AS_JUDGED} AS is_as_judged FROM sessions AS s
                          WHERE s.id = settled.session_id OFFSET 0) AS own"""  # noqa: S608 - constants
#: Lessons of some days (`date_parameters`) that have not been moved since they settled. Those without a day are in no
#: row, so that days, tutors and students have the same lessons.
_IN_DATES = """own.is_as_judged AND settled.session_date IS NOT NULL
        AND (CAST(:date_from AS date) IS NULL OR settled.session_date >= CAST(:date_from AS date))
        AND (CAST(:date_to AS date) IS NULL OR settled.session_date <= CAST(:date_to AS date))"""
#: Lessons that count for the caller as a tutor.
_COUNTS_FOR_CALLER = f"settled.outcome_tutor_id = ANY ({OWN_TUTOR_PROFILES})"

#: Some rows, and then the lessons of these rows alone.
_TOTALS_PAGE = """
WITH RECURSIVE {page}
SELECT page.id, page.name, page.day, counted.*
FROM page
CROSS JOIN LATERAL (
    SELECT {totals}
    FROM (SELECT {columns} FROM {lessons} = {key} AND {in_dates} AND {is_counted}) AS lesson
) AS counted
ORDER BY page.day DESC, page.id
"""
_BEFORE = "settled.session_date < COALESCE(CAST(:after_day AS date), 'infinity')"
_LAST_DAY = f"""SELECT settled.session_date FROM {_LESSONS} WHERE {{before}} AND {_IN_DATES}
            ORDER BY settled.session_date DESC LIMIT 1"""  # noqa: S608 - constants
#: The days of all lessons, one after the other: each is found by index.
_DAYS = f"""found (day) AS (
    ({_LAST_DAY.format(before=_BEFORE)})
    UNION ALL
    SELECT ({_LAST_DAY.format(before="settled.session_date < found.day")}) FROM found WHERE found.day IS NOT NULL
), page AS MATERIALIZED (
    SELECT CAST(NULL AS integer) AS id, '' AS name, day FROM found WHERE day IS NOT NULL LIMIT :page_size
)"""  # noqa: S608 - constants
#: The days of the lessons that count for the caller. These are few, so they are read at once.
_DAYS_OF_CALLER = f"""page AS MATERIALIZED (
    SELECT DISTINCT CAST(NULL AS integer) AS id, '' AS name, settled.session_date AS day
    FROM {_LESSONS} WHERE {_BEFORE} AND {_IN_DATES} AND {_COUNTS_FOR_CALLER}
    ORDER BY day DESC
    LIMIT :page_size
)"""  # noqa: S608 - constants
#: People with a lesson, in the order of their profiles. ORDER BY and OFFSET 0 make PostgreSQL look for the lessons of
#: one person after the other, by index.
_PEOPLE = """page AS MATERIALIZED (
    SELECT {person}.id, {name} AS name, CAST(NULL AS date) AS day
    FROM {people}
    WHERE {person}.id > COALESCE(CAST(:after_id AS integer), 0) AND {is_shown}
      AND EXISTS (SELECT FROM {lessons} = {person}.id AND {in_dates} AND {is_counted}
                  ORDER BY settled.session_date DESC LIMIT 1 OFFSET 0)
    ORDER BY {person}.id
    LIMIT :page_size
)"""
# Each ends with the column that names what a row is about.
_LESSONS_OF_DAY = f"{_LESSONS} WHERE settled.session_date"
_LESSONS_OF_TUTOR = f"{_LESSONS} WHERE settled.outcome_tutor_id"
_LESSONS_OF_STUDENT = f"""settled_students AS about JOIN ({_LESSONS}) ON settled.session_id = about.session_id
      WHERE about.student_id"""
#: ARRAY makes PostgreSQL find the students once, and then each by its key.
_STUDENTS_OF_CALLER = f"""student.id = ANY (ARRAY(
        SELECT DISTINCT taught.student_id FROM settled_sessions AS settled CROSS JOIN LATERAL (
            SELECT student_id FROM settled_students WHERE session_id = settled.session_id OFFSET 0) AS taught
        WHERE {_COUNTS_FOR_CALLER}))"""  # noqa: S608 - constants


class LessonOutcomeStore:
    """Settled lessons, counted by what became of them."""

    def __init__(self, executor: DatabaseExecutor) -> None:
        """Nothing is read yet."""
        self._executor = executor

    async def page(self, query: OutcomeQuery, caller: Caller) -> Page[LessonOutcomeTotals, int]:
        """Return some rows of those that the caller may see: newest day first, or in the order of profiles."""
        statement = totals_page(query.grouping, caller.role)
        rows = await self._executor.read(select(statement, outcome_parameters(query, caller), _totals))
        return query.page.page(rows, lambda row: row.position)


def totals_page(grouping: OutcomeGrouping, role: CallerRole) -> TextClause:
    """Return the statement that counts the lessons of one page."""
    is_tutor = role is CallerRole.TUTOR
    parts = {"in_dates": _IN_DATES, "is_counted": _COUNTS_FOR_CALLER if is_tutor else "TRUE", "totals": _TOTALS}
    if grouping is OutcomeGrouping.DAY:
        page = _DAYS_OF_CALLER if is_tutor else _DAYS
        parts |= {"lessons": _LESSONS_OF_DAY, "columns": _OF_LESSON, "key": "page.day"}
    elif grouping is OutcomeGrouping.TUTOR:
        parts |= {"lessons": _LESSONS_OF_TUTOR, "columns": _OF_LESSON, "key": "page.id"}
        page = _PEOPLE.format(
            person="tutor",
            name=TUTOR_NAME,
            people="tutor_profiles AS tutor LEFT JOIN users AS tutor_user ON tutor_user.id = tutor.user_id",
            is_shown="tutor.user_id = :caller" if is_tutor else "TRUE",
            **parts,
        )
    else:
        parts |= {"lessons": _LESSONS_OF_STUDENT, "columns": _OF_STUDENT, "key": "page.id"}
        page = _PEOPLE.format(
            person="student",
            name=STUDENT_NAME,
            people="student_profiles AS student LEFT JOIN users AS student_user ON student_user.id = student.user_id",
            is_shown=_STUDENTS_OF_CALLER if is_tutor else STUDENT_VISIBLE[role],
            **parts,
        )
    return text(_TOTALS_PAGE.format(page=page, **parts))


def outcome_parameters(query: OutcomeQuery, caller: Caller) -> dict[str, Any]:
    """Return the parameters of `totals_page`."""
    after = query.page.after
    is_by_day = query.grouping is OutcomeGrouping.DAY
    return {
        "after_day": date.fromordinal(after) if is_by_day and after is not None else None,
        "after_id": None if is_by_day else after,
        "caller": caller.user_id,
        "page_size": query.page.fetch_size,
        **date_parameters(query.dates),
    }


def _totals(row: RowMapping) -> LessonOutcomeTotals:
    return LessonOutcomeTotals(**row)
