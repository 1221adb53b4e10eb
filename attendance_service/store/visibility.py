"""SQL that decides which rows a caller may see, by the role they act in, and under which names.

All fragments are constants, so statements may be put together from them.
"""

from __future__ import annotations

from sqlalchemy import text

from attendance_service.domain.caller import CallerRole

#: student_profiles.id of the caller's children: listed by the child or by the parent.
_CHILDREN = """ARRAY(
    SELECT child.id FROM student_profiles AS child
    JOIN parent_profiles AS parent ON parent.id = ANY (child.parent_id) OR child.id = ANY (parent.children_ids)
    WHERE parent.user_id = :caller)"""
_OWN_STUDENT_PROFILES = "ARRAY(SELECT own.id FROM student_profiles AS own WHERE own.user_id = :caller)"
OWN_TUTOR_PROFILES = "ARRAY(SELECT own.id FROM tutor_profiles AS own WHERE own.user_id = :caller)"

#: Whether an enrolment `ec`, and so its sessions, is the caller's.
ENROLMENT_VISIBLE = {
    CallerRole.TUTOR: f"ec.tutor_id = ANY ({OWN_TUTOR_PROFILES})",
    CallerRole.STUDENT: f"ec.students_id && {_OWN_STUDENT_PROFILES}",
    CallerRole.PARENT: f"ec.students_id && {_CHILDREN}",
    CallerRole.ADMIN: "TRUE",
}

#: Whether a session `s` of an enrolment `ec` is the caller's. A tutor sees also those in which they substitute: the
#: whiteboard names them. LATERAL and OFFSET 0 make PostgreSQL find sessions by index, whatever it estimates.
SESSION_VISIBLE = ENROLMENT_VISIBLE | {
    CallerRole.TUTOR: f"""s.id = ANY (ARRAY(
    SELECT given.id FROM enrolled_courses AS ec CROSS JOIN LATERAL (
        SELECT own.id FROM sessions AS own WHERE own.enrolled_courses_id = ec.id OFFSET 0) AS given
    WHERE {ENROLMENT_VISIBLE[CallerRole.TUTOR]}
    UNION
    SELECT given.id FROM whiteboard_sessions AS board CROSS JOIN LATERAL (
        SELECT own.id FROM sessions AS own WHERE own.whiteboard_id = board.id OFFSET 0) AS given
    WHERE board.tutor_id = :caller))""",  # noqa: S608 - constants
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
    WHERE {ENROLMENT_VISIBLE[CallerRole.TUTOR]})""",  # noqa: S608 - constants
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
