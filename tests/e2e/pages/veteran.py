"""A student whose lessons no other test changes: they lie long ago, so no other view's first page shows them."""

from __future__ import annotations

from development.demo.people import Person
from tests.e2e.pages.site import Site

VETERAN = Person(user_id=20_001, first_name="Kidist", father_name="Mulu", role="student", profile_id=20_001)
VETERANS_PARENT = Person(user_id=20_002, first_name="Mulu", father_name="Desta", role="parent", profile_id=20_002)
LESSONS, LATE = 25, 4
#: What was recorded of the last one, and why.
REPORT = "Kidist had a fever"

_USER = "INSERT INTO users (id, first_name, father_name) VALUES (%s, %s, %s)"
_STUDENT = "INSERT INTO student_profiles (id, user_id, username, parent_id) VALUES (%s, %s, 'kidist', ARRAY[%s])"
_PARENT = "INSERT INTO parent_profiles (id, user_id, children_ids) VALUES (%s, %s, ARRAY[%s])"
_ENROLMENT = "INSERT INTO enrolled_courses (id, tutor_id, students_id) VALUES (%s, 3, ARRAY[%s])"
_SESSIONS = """
    INSERT INTO sessions (enrolled_courses_id, session_date, start_time, end_time, status)
    SELECT %s, date '2001-01-01' + lesson, '10:00', '11:00', 'completed' FROM generate_series(1, %s) AS lesson
"""
_LATE = """
    UPDATE sessions SET student_attendance_status = 'late', attendance_source = 'manual'
    WHERE enrolled_courses_id = %s AND session_date <= date '2001-01-01' + %s
"""
_ABSENT = """
    UPDATE sessions
    SET student_attendance_status = 'absent', attendance_source = 'parent_reported', attendance_notes = %s
    WHERE enrolled_courses_id = %s AND session_date = date '2001-01-01' + %s
"""


def add_veteran(site: Site) -> None:
    """Add the student, a parent, and finished lessons: late at four, absent from the last, the others not marked."""
    number, parent = VETERAN.user_id, VETERANS_PARENT.user_id
    for person in (VETERAN, VETERANS_PARENT):
        site.execute(_USER, person.user_id, person.first_name, person.father_name)
    site.execute(_PARENT, parent, parent, number)
    site.execute(_STUDENT, number, number, parent)
    site.execute(_ENROLMENT, number, number)
    site.execute(_SESSIONS, number, LESSONS)
    site.execute(_LATE, number, LATE)
    site.execute(_ABSENT, REPORT, number, LESSONS)


def add_many_lessons(site: Site) -> Person:
    """Add a student with 300 marked lessons in 2001, and return them: a fifth absent, a tenth late."""
    number = 20_004
    site.execute(_USER, number, "Tsion", "Lemma")
    site.execute("INSERT INTO student_profiles (id, user_id, username) VALUES (%s, %s, 'tsion')", number, number)
    site.execute(_ENROLMENT, number, number)
    site.execute(
        """INSERT INTO sessions (id, enrolled_courses_id, session_date, start_time, end_time, status, attendance_source,
               student_attendance_status)
           SELECT 1000000 + lesson, %s, date '2001-01-01' + interval '1 month' * (lesson / 30),
               time '08:00' + interval '10 minutes' * (lesson %% 30),
               time '08:10' + interval '10 minutes' * (lesson %% 30), 'completed', 'manual',
               CASE WHEN lesson %% 5 = 0 THEN 'absent' WHEN lesson %% 10 = 1 THEN 'late' ELSE 'present' END
           FROM generate_series(0, 299) AS lesson""",
        number,
    )
    return Person(user_id=number, first_name="Tsion", father_name="Lemma", role="student", profile_id=number)
