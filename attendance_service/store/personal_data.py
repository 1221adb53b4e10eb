"""Reading everything that is recorded about one person (docs/operations.md#personal-data)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.engine import Connection

from attendance_service.domain.personal_data import COLUMNS, own_part
from servicekit.identifiers import UserId

#: The rows of a person, by the table that they are in.
Export = dict[str, list[dict[str, Any]]]

#: By themselves: they may be on several servers (docs/several-databases.md).
_WHITEBOARDS = text("""
SELECT id, tutor_id = :user_id AS is_given, to_jsonb(student_id) @> to_jsonb(CAST(:user_id AS integer)) AS is_attended
FROM whiteboard_sessions
WHERE tutor_id = :user_id OR to_jsonb(student_id) @> to_jsonb(CAST(:user_id AS integer))
""")
#: The person's profiles, and the sessions that they give and attend: by the roster of the time when it settled, by the
#: enrolment and the whiteboard now, and by what was written about them.
_PERSON = text("""
WITH own AS (
    SELECT ARRAY(SELECT id FROM student_profiles WHERE user_id = :user_id) AS students,
           ARRAY(SELECT id FROM tutor_profiles WHERE user_id = :user_id) AS tutors
)
SELECT own.students, own.tutors,
    ARRAY(SELECT session_id FROM settled_sessions
          WHERE tutor_id = ANY (own.tutors) OR outcome_tutor_id = ANY (own.tutors)
             OR tutor_user_id = :user_id OR whiteboard_tutor_id = :user_id
          UNION
          SELECT s.id FROM enrolled_courses AS ec JOIN sessions AS s ON s.enrolled_courses_id = ec.id
          WHERE ec.tutor_id = ANY (own.tutors)
          UNION
          SELECT id FROM sessions WHERE whiteboard_id = ANY (CAST(:given_boards AS integer[]))) AS given,
    ARRAY(SELECT session_id FROM settled_students WHERE user_id = :user_id OR student_id = ANY (own.students)
          UNION
          SELECT session_id FROM settled_sessions WHERE whiteboard_student_ids @> ARRAY[CAST(:user_id AS integer)]
          UNION
          SELECT s.id FROM enrolled_courses AS ec JOIN sessions AS s ON s.enrolled_courses_id = ec.id
          WHERE ec.students_id && own.students
          UNION
          SELECT id FROM sessions WHERE whiteboard_id = ANY (CAST(:attended_boards AS integer[]))
          UNION
          SELECT session_id FROM attendance_student_decisions WHERE student_id = ANY (own.students)
          UNION
          SELECT session_id FROM absence_notices WHERE student_id = ANY (own.students)
          UNION
          SELECT session_id FROM attendance_claims WHERE student_id = ANY (own.students)) AS attended
FROM own
""")

#: The first condition is that of an index; few rows have guests.
_IN_DOCUMENT = """(jsonb_path_exists({document}, '$.guests[*]')
        AND jsonb_path_exists({document}, '$.guests[*] ? (@.user_id == $id)',
                              jsonb_build_object('id', CAST(:user_id AS integer))))"""
_GIVEN, _ATTENDED = "session_id = ANY (CAST(:given AS integer[]))", "session_id = ANY (CAST(:attended AS integer[]))"
_OWN_STUDENT = "student_id = ANY (CAST(:students AS integer[]))"

#: Which rows of a table are about the person, and their order. A decision about classmates alone is not.
_CONDITIONS: Final = {
    "attendance_decisions": (
        f"""decided_by = :user_id OR {_GIVEN} OR {_IN_DOCUMENT.format(document="evidence")}
        OR {_ATTENDED} AND (
            EXISTS (SELECT FROM attendance_student_decisions WHERE decision_id = known.id AND {_OWN_STUDENT})
            OR NOT EXISTS (SELECT FROM attendance_student_decisions WHERE decision_id = known.id))""",  # noqa: S608 - constants
        "id",
    ),
    "attendance_student_decisions": (
        f"""{_OWN_STUDENT}
        OR decision_id = ANY (ARRAY(SELECT id FROM attendance_decisions WHERE decided_by = :user_id))""",  # noqa: S608 - constants
        "decision_id, student_id",
    ),
    "absence_notices": (f"announced_by = :user_id OR {_OWN_STUDENT} OR student_id IS NULL AND {_GIVEN}", "id"),
    "attendance_claims": (f"raised_by = :user_id OR {_OWN_STUDENT}", "id"),
    "attendance_claim_answers": (
        f"""answered_by = :user_id
        OR claim_id = ANY (ARRAY(SELECT id FROM attendance_claims WHERE raised_by = :user_id OR {_OWN_STUDENT}))""",  # noqa: S608 - constants
        "claim_id",
    ),
    "attendance_policies": ("created_by = :user_id", "version"),
    "settled_sessions": (
        f"{_GIVEN} OR {_ATTENDED} OR {_IN_DOCUMENT.format(document='suggestion')}",
        "session_id",
    ),
    "settled_students": (f"user_id = :user_id OR {_OWN_STUDENT}", "session_id, position"),
}
_SESSIONS = text("""
SELECT to_jsonb(s) FROM sessions AS s
WHERE id = ANY (CAST(:given AS integer[])) OR id = ANY (CAST(:attended AS integer[])) OR attendance_marked_by = :user_id
ORDER BY id
""")


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Where a person is to be found."""

    user_id: UserId
    #: student_profiles.id and tutor_profiles.id.
    students: list[int]
    tutors: list[int]
    #: Sessions that they gave and attended.
    given: list[int]
    attended: list[int]

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of statements about this person."""
        return {
            "user_id": self.user_id,
            "students": self.students,
            "tutors": self.tutors,
            "given": self.given,
            "attended": self.attended,
        }


def find_person(connection: Connection, user_id: UserId) -> Person:
    """Return where a person is to be found; users of whom nothing is recorded have empty lists."""
    boards = connection.execute(_WHITEBOARDS, {"user_id": user_id}).all()
    parameters = {
        "user_id": user_id,
        "given_boards": [board.id for board in boards if board.is_given],
        "attended_boards": [board.id for board in boards if board.is_attended],
    }
    row = connection.execute(_PERSON, parameters).mappings().one()
    return Person(user_id=user_id, **row)


def export(connection: Connection, user_id: UserId) -> Export:
    """Return all rows about a person, as JSON values, by table; tables without any are left out."""
    person = find_person(connection, user_id)
    found = {"sessions": [_session(row) for row in connection.execute(_SESSIONS, person.parameters).scalars()]}
    for table, (condition, order) in _CONDITIONS.items():
        statement = f"SELECT to_jsonb(known) FROM {table} AS known WHERE {condition} ORDER BY {order}"  # noqa: S608 - constants
        rows = connection.execute(text(statement), person.parameters).scalars()
        found[table] = [_without_others(row, person) for row in rows]
    return {table: rows for table, rows in found.items() if rows}


def _session(row: dict[str, Any]) -> dict[str, Any]:
    """Return the columns that this service writes, and when the session takes place."""
    shown = ("id", "session_date", "start_time", "end_time", *COLUMNS["sessions"])
    return {column: row[column] for column in shown}


def _without_others(row: dict[str, Any], person: Person) -> dict[str, Any]:
    is_tutor = row.get("session_id") in person.given
    for column in ("evidence", "suggestion"):
        if row.get(column) is not None:
            row[column] = own_part(row[column], person.user_id, is_tutor=is_tutor)
    if row.get("whiteboard_student_ids") is not None:
        row["whiteboard_student_ids"] = [user for user in row["whiteboard_student_ids"] if user == person.user_id]
    return row
