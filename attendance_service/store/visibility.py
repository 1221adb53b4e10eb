"""SQL that decides which rows a caller may see, by the role they act in, and under which names.

All fragments are constants, so statements may be put together from them.
"""

from __future__ import annotations

from sqlalchemy import text

from attendance_service.domain.caller import CallerRole
from attendance_service.store.settled import HAS_SETTLED_ROSTER

#: student_profiles.id of the caller's children: listed by the child or by the parent.
_CHILDREN = """ARRAY(
    SELECT child.id FROM student_profiles AS child
    JOIN parent_profiles AS parent ON parent.id = ANY (child.parent_id) OR child.id = ANY (parent.children_ids)
    WHERE parent.user_id = :caller)"""
_OWN_STUDENT_PROFILES = "ARRAY(SELECT own.id FROM student_profiles AS own WHERE own.user_id = :caller)"
OWN_TUTOR_PROFILES = "ARRAY(SELECT own.id FROM tutor_profiles AS own WHERE own.user_id = :caller)"

#: Whether the caller is the tutor of a profile.
TUTOR_IS_CALLER = f"{{tutor_id}} = ANY ({OWN_TUTOR_PROFILES})"

#: Whether an enrolment `ec`, and so its sessions, is the caller's.
ENROLMENT_VISIBLE = {
    CallerRole.TUTOR: TUTOR_IS_CALLER.format(tutor_id="ec.tutor_id"),
    CallerRole.STUDENT: f"ec.students_id && {_OWN_STUDENT_PROFILES}",
    CallerRole.PARENT: f"ec.students_id && {_CHILDREN}",
    CallerRole.ADMIN: "TRUE",
}

#: Sessions that a condition on an enrolment or a whiteboard finds, as far as their roster is not settled. LATERAL and
#: OFFSET 0 make PostgreSQL find sessions by index, whatever it estimates.
_UNSETTLED = f"""
    SELECT found.id FROM {{table}} AS {{alias}} CROSS JOIN LATERAL (
        SELECT s.id FROM sessions AS s LEFT JOIN settled_sessions AS settled ON settled.session_id = s.id
        WHERE s.{{column}} = {{alias}}.id AND NOT {HAS_SETTLED_ROSTER} OFFSET 0) AS found
    WHERE {{condition}}"""  # noqa: S608 - constants
#: Sessions that a condition on their settlement finds.
_SETTLED = f"""
    SELECT s.id FROM {{settled}} CROSS JOIN LATERAL (
        SELECT own.* FROM sessions AS own WHERE own.id = settled.session_id OFFSET 0) AS s
    WHERE {{condition}} AND {HAS_SETTLED_ROSTER}"""  # noqa: S608 - constants
_SETTLED_STUDENTS = """settled_students AS member CROSS JOIN LATERAL (
        SELECT known.* FROM settled_sessions AS known WHERE known.session_id = member.session_id OFFSET 0) AS settled"""


def _of_enrolments(condition: str) -> str:
    return _UNSETTLED.format(table="enrolled_courses", alias="ec", column="enrolled_courses_id", condition=condition)


def sessions_of_students(profiles: str) -> str:
    """Return the SQL of whether one of some students is on the roster of a session `s`; `profiles` is an array."""
    settled = _SETTLED.format(settled=_SETTLED_STUDENTS, condition=f"member.student_id = ANY ({profiles})")
    return f"s.id = ANY (ARRAY({_of_enrolments(f'ec.students_id && {profiles}')} UNION {settled}))"


def sessions_of_tutors(profiles: str) -> str:
    """Return the SQL of whether one of some tutors gives a session `s` by its roster; `profiles` is an array."""
    settled = _SETTLED.format(settled="settled_sessions AS settled", condition=f"settled.tutor_id = ANY ({profiles})")
    return f"s.id = ANY (ARRAY({_of_enrolments(f'ec.tutor_id = ANY ({profiles})')} UNION {settled}))"


#: Whether the caller was the tutor of a settled session, or substituted.
_TUTOR_WAS_CALLER = f"""({TUTOR_IS_CALLER.format(tutor_id="settled.tutor_id")}
     OR settled.whiteboard_tutor_id = :caller)"""
#: Whether a session `s` is the caller's: the roster names them, that of the time when it settled if it is settled. A
#: tutor sees also those in which they substitute: the whiteboard names them.
SESSION_VISIBLE = {
    CallerRole.TUTOR: f"""s.id = ANY (ARRAY(
    {_of_enrolments(ENROLMENT_VISIBLE[CallerRole.TUTOR])}
    UNION {
        _UNSETTLED.format(
            table="whiteboards_of_tutor(:caller)", alias="board", column="whiteboard_id", condition="TRUE"
        )
    }
    UNION {_SETTLED.format(settled="settled_sessions AS settled", condition=_TUTOR_WAS_CALLER)}))""",
    CallerRole.STUDENT: sessions_of_students(_OWN_STUDENT_PROFILES),
    CallerRole.PARENT: sessions_of_students(_CHILDREN),
    CallerRole.ADMIN: "TRUE",
}

#: Whether the caller may know that `student` belongs to one of these enrolments: classmates are private.
STUDENT_VISIBLE = {
    CallerRole.TUTOR: "TRUE",
    CallerRole.STUDENT: "student.user_id = :caller",
    CallerRole.PARENT: f"student.id = ANY ({_CHILDREN})",
    CallerRole.ADMIN: "TRUE",
}

#: Whether the caller may see reports about `student`.
STUDENT_REPORT_VISIBLE = STUDENT_VISIBLE | {
    CallerRole.TUTOR: f"""student.id IN (
    SELECT taught.id FROM enrolled_courses AS ec, unnest(ec.students_id) AS taught (id)
    WHERE {ENROLMENT_VISIBLE[CallerRole.TUTOR]}
    UNION
    SELECT member.student_id FROM settled_sessions AS settled CROSS JOIN LATERAL (
        SELECT student_id FROM settled_students WHERE session_id = settled.session_id OFFSET 0) AS member
    WHERE {TUTOR_IS_CALLER.format(tutor_id="settled.tutor_id")})""",  # noqa: S608 - constants
}

#: Whether a table has a column that this role may read: names of courses and packages are shown where they exist.
READABLE_COLUMN = text("""
SELECT EXISTS (
    SELECT FROM pg_attribute
    WHERE attrelid = to_regclass(:table) AND attname = :column AND NOT attisdropped
      AND has_column_privilege(attrelid, attnum, 'SELECT')
)
""")

#: Where course names come from: (table, column, SQL of the course name of one enrolment `ec`, or NULL). LIMIT 1 makes
#: PostgreSQL find each course by its key; a join would read all courses once per enrolment.
NAME_SOURCES = (
    (
        "courses",
        "course_name",
        """(SELECT NULLIF(string_agg(course.course_name, ', ' ORDER BY listed.position), '')
            FROM unnest(ec.course_id) WITH ORDINALITY AS listed (id, position)
            CROSS JOIN LATERAL (SELECT known.course_name FROM courses AS known WHERE known.id = listed.id LIMIT 1)
                AS course)""",
    ),
    (
        "tutor_packages",
        "name",
        "(SELECT NULLIF(package.name, '') FROM tutor_packages AS package WHERE package.id = ec.package_id)",
    ),
)
#: The name of a session without a named course or package.
NAMELESS_COURSE = "'Tutoring session'"

#: A person's name, or else the user name of their profile.
_PERSON_NAME = (
    "COALESCE(NULLIF(btrim(concat_ws(' ', {user}.first_name, {user}.father_name)), ''), {profile}.username, '')"
)
TUTOR_NAME = _PERSON_NAME.format(user="tutor_user", profile="tutor")
STUDENT_NAME = _PERSON_NAME.format(user="student_user", profile="student")
