"""SQL that reads tutoring sessions; every statement is put together from constants alone."""

from __future__ import annotations

from sqlalchemy import TextClause, text

from attendance_service.domain.browsing import APPLICABLE
from attendance_service.domain.caller import CallerRole
from attendance_service.store.names import NAMELESS_COURSE, STUDENT_NAME, TUTOR_NAME
from attendance_service.store.paging import AFTER_POSITION, NEWEST_FIRST
from attendance_service.store.views import ENROLMENTS_OF, STUDENTS_SHOWN_TO

#: Not marked yet: no source, or the default.
_SOURCE = "COALESCE(NULLIF(btrim(s.attendance_source), ''), 'system_default')"

#: Source of what is known about one person: the last decision on them; else what the session's source was before the
#: first decision, for it may have been marked before decisions were kept.
_PERSON_SOURCE = f"""COALESCE(
    (SELECT decision.source FROM attendance_decisions AS decision
     WHERE decision.session_id = s.id AND decision.{{person}}_status_after IS NOT NULL
     ORDER BY decision.id DESC LIMIT 1),
    (SELECT decision.source_before FROM attendance_decisions AS decision
     WHERE decision.session_id = s.id ORDER BY decision.id LIMIT 1),
    {_SOURCE})"""  # noqa: S608 - constants
TUTOR_SOURCE = _PERSON_SOURCE.format(person="tutor")
STUDENT_SOURCE = _PERSON_SOURCE.format(person="student")

#: Whether somebody decided on one person's status; a default is never a confirmed status. The first condition follows
#: from the second; it spares looking up decisions about rows that nobody marked.
_PERSON_MARKED = """({source} <> 'system_default' AND {person_source} <> 'system_default'
    AND NULLIF(btrim(s.{person}_attendance_status), '') IS NOT NULL)"""
TUTOR_MARKED = _PERSON_MARKED.format(source=_SOURCE, person_source=TUTOR_SOURCE, person="tutor")
STUDENT_MARKED = _PERSON_MARKED.format(source=_SOURCE, person_source=STUDENT_SOURCE, person="student")

_SESSION = """
SELECT s.id, s.whiteboard_id, s.session_date, CAST(s.start_time AS time) AS start_time,
       CAST(s.end_time AS time) AS end_time, CAST(s.status AS text) AS status,
       NULLIF(btrim(s.tutor_attendance_status), '') AS tutor_status,
       NULLIF(btrim(s.student_attendance_status), '') AS student_status,
       {source} AS source, {tutor_source} AS tutor_source, {student_source} AS student_source,
       s.attendance_notes AS notes, s.attendance_marked_by AS marked_by, s.attendance_marked_at AS marked_at,
       (SELECT max(decision.id) FROM attendance_decisions AS decision WHERE decision.session_id = s.id)
           AS last_decision_id,
       COALESCE({course_names}) AS course_name,
       {tutor_name} AS tutor_name,
       COALESCE({is_tutor}, FALSE) AS caller_is_tutor,
       ec.course_id AS courses,
       (SELECT jsonb_agg(jsonb_build_object(
                   'id', student.id, 'user_id', student.user_id, 'name', {student_name},
                   'is_caller', COALESCE({is_caller}, FALSE), 'is_child_of_caller', {is_child}
               ) ORDER BY listed.position)
        FROM unnest(ec.students_id) WITH ORDINALITY AS listed (id, position)
        JOIN student_profiles AS student ON student.id = listed.id
        LEFT JOIN users AS student_user ON student_user.id = student.user_id) AS students,
       (SELECT count(DISTINCT listed) FROM unnest(ec.students_id) AS listed) AS student_count
FROM sessions AS s
LEFT JOIN enrolled_courses AS ec ON ec.id = s.enrolled_courses_id
LEFT JOIN tutor_profiles AS tutor ON tutor.id = ec.tutor_id
LEFT JOIN users AS tutor_user ON tutor_user.id = tutor.user_id
"""

#: One page of session ids: the caller's, filtered, after the last row of the page before. With a search those of the
#: `:enrolments` that it found, and the session whose number it is.
_PAGE = """
SELECT s.id
FROM sessions AS s
LEFT JOIN enrolled_courses AS ec ON ec.id = s.enrolled_courses_id
WHERE {view} AND {attendance}
  AND (CAST(:enrolments AS integer[]) IS NULL OR s.enrolled_courses_id = ANY (CAST(:enrolments AS integer[]))
       OR s.id = CAST(:session_id AS integer))
  AND (CAST(:statuses AS text[]) IS NULL OR lower(btrim(s.status)) = ANY (CAST(:statuses AS text[])))
  AND (CAST(:date_from AS date) IS NULL OR s.session_date >= CAST(:date_from AS date))
  AND (CAST(:date_to AS date) IS NULL OR s.session_date <= CAST(:date_to AS date))
  AND {after_position}
ORDER BY {newest_first}
LIMIT :page_size
"""

#: What each filter of attendance asks for; a default is never a confirmed status.
_ATTENDANCE_FILTERS = {
    "": "TRUE",
    "unmarked": f"{_SOURCE} = 'system_default'",
    "marked": f"{_SOURCE} <> 'system_default'",
    # Tomorrow has begun somewhere already; whose session has not is told so by its suggestion.
    APPLICABLE: f"""{_SOURCE} = 'system_default' AND s.whiteboard_id IS NOT NULL
        AND s.session_date <= CURRENT_DATE + 1 AND lower(btrim(s.status)) IS DISTINCT FROM 'cancelled'""",
}
#: The first condition follows from the others; it spares looking up decisions about rows that nobody marked.
_STATUS_FILTER = f"""{_SOURCE} <> 'system_default'
  AND (lower(btrim(s.tutor_attendance_status)) = :word AND {TUTOR_SOURCE} <> 'system_default'
       OR lower(btrim(s.student_attendance_status)) = :word AND {STUDENT_SOURCE} <> 'system_default')"""

#: Names of users, for the students that the tracking service names.
USER_NAMES = text("""
SELECT id, btrim(concat_ws(' ', first_name, father_name)) AS name FROM users WHERE id = ANY (:ids)
""")


def one_session(course_names: tuple[str, ...]) -> TextClause:
    """Return the statement that reads one session as `:caller` meets it."""
    return text(_session(course_names) + "WHERE s.id = :session_id")


def page_of_sessions(course_names: tuple[str, ...], role: CallerRole, attendance_filter: str) -> TextClause:
    """Return the statement that reads one page of the sessions that are `:caller`'s in this role."""
    attendance = _ATTENDANCE_FILTERS.get(attendance_filter, _STATUS_FILTER)
    page = _PAGE.format(
        view=ENROLMENTS_OF[role], attendance=attendance, after_position=AFTER_POSITION, newest_first=NEWEST_FIRST
    )
    return text(f"WITH page AS ({page}) {_session(course_names)} JOIN page ON page.id = s.id ORDER BY {NEWEST_FIRST}")


def _session(course_names: tuple[str, ...]) -> str:
    return _SESSION.format(
        source=_SOURCE,
        tutor_source=TUTOR_SOURCE,
        student_source=STUDENT_SOURCE,
        course_names=", ".join((*course_names, NAMELESS_COURSE)),
        tutor_name=TUTOR_NAME,
        student_name=STUDENT_NAME,
        is_tutor=ENROLMENTS_OF[CallerRole.TUTOR],
        is_caller=STUDENTS_SHOWN_TO[CallerRole.STUDENT],
        is_child=STUDENTS_SHOWN_TO[CallerRole.PARENT],
    )
