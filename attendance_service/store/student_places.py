"""SQL of what is recorded about each student of some completed lessons; put together from constants alone.

Each student of each lesson is one row, by the rules of a student's own report: what nobody decided is `unmarked`.
"""

from __future__ import annotations

from attendance_service.store.roster import is_class
from attendance_service.store.sources import student_source, student_status

_LAST_EXCUSE = """(SELECT about.excused FROM attendance_student_decisions AS about
     WHERE about.session_id = s.id AND about.student_id = member.id AND about.excused IS NOT NULL
     ORDER BY about.decision_id DESC LIMIT 1)"""
_IS_MARKED = "(recorded.source <> 'system_default' AND recorded.status IS NOT NULL)"

#: Follows a list of columns. `lesson` has `id` and `students`, its roster (roster.ROSTER); with `:student_id` only this
#: one of them. `status` is NULL if it is not marked; `excused` is true of excused absences. OFFSET 0 keeps PostgreSQL
#: from computing source and status once for each time they are named.
FROM_PLACES = f"""FROM lesson
    JOIN sessions AS s ON s.id = lesson.id
    CROSS JOIN LATERAL (SELECT DISTINCT named.id FROM unnest(lesson.students) AS named (id)
                        WHERE named.id = COALESCE(CAST(:student_id AS integer), named.id)) AS member
    CROSS JOIN LATERAL (SELECT {student_source("member.id")} AS source,
                               lower({student_status("member.id", is_class=is_class("lesson.students"))}) AS status
                        OFFSET 0) AS recorded
    CROSS JOIN LATERAL (SELECT CASE WHEN {_IS_MARKED} THEN recorded.status END AS status,
                               CASE WHEN {_IS_MARKED} AND recorded.status = 'absent'
                                    THEN COALESCE({_LAST_EXCUSE}, FALSE) ELSE FALSE END AS excused
                        OFFSET 0) AS place"""  # noqa: S608 - constants
