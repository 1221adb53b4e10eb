"""The platform's rows: people, courses, tutoring sessions and whiteboards."""

from __future__ import annotations

from typing import Any

import psycopg2

from testkit.table_reset import TableReset

TUTOR, OTHER_TUTOR = 101, 102
STUDENT, CLASSMATE, OTHER_STUDENT = 201, 202, 203
#: Parent of STUDENT by the student's list, and of CLASSMATE by their own list.
PARENT, OTHER_PARENT = 301, 302
ADMIN = 1
#: enrolled_courses.id: one student; a class of two; another tutor's; one that names neither course nor student.
LESSONS, CLASS, OTHERS, NAMELESS = 1, 2, 3, 4

#: The columns of sessions that hold the outcome.
STATUSES = ("tutor_attendance_status", "student_attendance_status", "attendance_source")

_PEOPLE = """
INSERT INTO users (id, first_name, father_name) VALUES
    (1, 'Ada', 'Admin'), (101, 'Abebe', 'Kebede'), (102, 'Other', 'Tutor'), (201, 'Sara', 'Tesfaye'),
    (202, 'Dawit', 'Haile'), (203, 'Other', 'Student'), (301, 'Tesfaye', 'Alemu'), (302, 'Other', 'Parent');
INSERT INTO tutor_profiles (id, user_id, username) VALUES (11, 101, 'abebe'), (12, 102, 'other');
INSERT INTO parent_profiles (id, user_id, children_ids) VALUES (31, 301, '{22}'), (32, 302, '{}');
INSERT INTO student_profiles (id, user_id, username, parent_id) VALUES
    (21, 201, 'sara', '{31}'), (22, 202, 'dawit', '{}'), (23, 203, 'other', '{32}');
INSERT INTO courses (id, course_name) VALUES (41, 'Mathematics'), (42, 'Physics');
INSERT INTO tutor_packages (id, name) VALUES (51, 'Exam package');
INSERT INTO enrolled_courses (id, tutor_id, students_id, package_id, course_id) VALUES
    (1, 11, '{21}', 51, '{41,42}'), (2, 11, '{22,21}', 51, '{}'), (3, 12, '{23}', NULL, '{41}'),
    (4, 11, '{}', NULL, '{}');
"""


class Platform:
    """The platform's tables in the database of the tests."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg2.connect(url)
        self._connection.autocommit = True
        self._tables = TableReset(self._connection)

    def reset(self) -> None:
        """Delete all rows and insert the people and courses again."""
        self._tables.run()
        self.run(_PEOPLE)

    def close(self) -> None:
        self._connection.close()

    def run(self, statement: str, *values: Any) -> None:  # noqa: ANN401 - whatever a column takes
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values or None)

    def rewrite_decisions(self, assignments: str, *values: Any) -> None:  # noqa: ANN401
        """Change rows of the ledger, as only its owner can who switches its triggers off."""
        self.run("ALTER TABLE attendance_decisions DISABLE TRIGGER USER")
        self.run(f"UPDATE attendance_decisions SET {assignments}", *values)  # noqa: S608
        for trigger in ("append_only", "chained"):
            self.run(f"ALTER TABLE attendance_decisions ENABLE ALWAYS TRIGGER attendance_decisions_{trigger}")

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall()

    def add_whiteboard(self, **columns: Any) -> int:  # noqa: ANN401
        """Insert a whiteboard session of TUTOR and STUDENT and return its id."""
        return self._add("whiteboard_sessions", {"tutor_id": TUTOR, "student_id": [STUDENT]} | columns)

    def add_presence(self, whiteboard: int, user: int, since: str, until: str, role: str = "student") -> None:
        """Insert an interval of 2026-03-02, in UTC."""
        start, end = f"2026-03-02 {since}Z", f"2026-03-02 {until}Z"
        self.run(
            """INSERT INTO presence_intervals
                   (whiteboard_session_id, user_id, user_type, started_at, ended_at, last_sign_at, end_reason)
               VALUES (%s, %s, %s, %s, %s, %s, 'closed')""",
            *(whiteboard, user, role, start, end, end),
        )

    def add_session(self, **columns: Any) -> int:  # noqa: ANN401
        """Insert a completed session of TUTOR and STUDENT, on 2026-03-02 from 10 to 11, and return its id."""
        values = {
            "enrolled_courses_id": LESSONS,
            "session_date": "2026-03-02",
            "start_time": "10:00",
            "end_time": "11:00",
            "status": "completed",
        } | columns
        return self._add("sessions", values)

    def add_lesson(self, **columns: Any) -> tuple[int, int]:  # noqa: ANN401
        """Insert a session with a whiteboard and return the ids of both."""
        whiteboard = self.add_whiteboard()
        return self.add_session(whiteboard_id=whiteboard, **columns), whiteboard

    def stored(self, session_id: int, *columns: str) -> tuple[Any, ...]:
        """Return columns of one session."""
        (row,) = self.rows(f"SELECT {', '.join(columns)} FROM sessions WHERE id = %s", session_id)  # noqa: S608
        return row

    def decisions(self, session_id: int, *columns: str) -> list[tuple[Any, ...]]:
        """Return columns of a session's decisions, in their order."""
        statement = f"SELECT {', '.join(columns)} FROM attendance_decisions WHERE session_id = %s ORDER BY id"  # noqa: S608
        return self.rows(statement, session_id)

    def _add(self, table: str, values: dict[str, Any]) -> int:
        names, places = ", ".join(values), ", ".join(["%s"] * len(values))
        (row,) = self.rows(f"INSERT INTO {table} ({names}) VALUES ({places}) RETURNING id", *values.values())  # noqa: S608
        return int(row[0])
