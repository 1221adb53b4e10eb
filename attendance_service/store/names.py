"""SQL of the names that people are shown: of courses, tutors and students."""

from __future__ import annotations

from sqlalchemy import text

#: Whether a table has a column that this role may read: names of courses and packages are shown where they exist.
READABLE_COLUMN = text("""
SELECT EXISTS (
    SELECT FROM pg_attribute
    WHERE attrelid = to_regclass(:table) AND attname = :column AND NOT attisdropped
      AND has_column_privilege(attrelid, attnum, 'SELECT')
)
""")

#: Where course names come from: (table, column, SQL of the name of one enrolment's course, or NULL). LIMIT 1: each
#: course is looked up by its key, for a join would read all courses once per enrolment.
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
#: What a session without a named course or package is called.
NAMELESS_COURSE = "'Tutoring session'"

#: A person's name, else the user name of their profile.
_PERSON_NAME = (
    "COALESCE(NULLIF(btrim(concat_ws(' ', {user}.first_name, {user}.father_name)), ''), {profile}.username, '')"
)
TUTOR_NAME = _PERSON_NAME.format(user="tutor_user", profile="tutor")
STUDENT_NAME = _PERSON_NAME.format(user="student_user", profile="student")
