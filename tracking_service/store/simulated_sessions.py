"""Whiteboard sessions that nobody held: made for a load, and removed with everything that was recorded of it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.engine import Connection

#: By which they are known, and nothing else is ever removed.
TITLE = "attendancectl simulate"

_CREATE = text("""
    INSERT INTO whiteboard_sessions (title, tutor_id, student_id)
    SELECT :title, tutor, ARRAY[student]
    FROM unnest(CAST(:tutors AS integer[]), CAST(:students AS integer[])) AS pair (tutor, student)
    RETURNING id, tutor_id, student_id[1] AS student_id
""")
_FIND = text("SELECT id FROM whiteboard_sessions WHERE title = :title ORDER BY id")
#: Events are append-only, but for who says that facts are to be deleted.
_LET_DELETE = text("SELECT set_config('tracking.deletes_facts', 'on', true)")
_DELETIONS = tuple(
    text(f"DELETE FROM {table} WHERE whiteboard_session_id = ANY (:sessions)")  # noqa: S608 - constants
    for table in ("connection_events", "presence_intervals", "activity_periods", "relay_sessions")
)
_DELETE = text("DELETE FROM whiteboard_sessions WHERE id = ANY (:sessions) AND title = :title")


def create(connection: Connection, pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """Insert a session for each tutor and student; return (session, tutor, student)."""
    tutors, students = zip(*pairs, strict=True)
    rows = connection.execute(_CREATE, {"title": TITLE, "tutors": list(tutors), "students": list(students)})
    return [(row.id, row.tutor_id, row.student_id) for row in rows]


def find(connection: Connection) -> list[int]:
    """Return the sessions of all simulations that were not removed."""
    return list(connection.execute(_FIND, {"title": TITLE}).scalars())


def remove(connection: Connection, sessions: Sequence[int]) -> None:
    """Delete sessions with all facts about them. What is in the journal must be folded."""
    connection.execute(_LET_DELETE)
    for deletion in _DELETIONS:
        connection.execute(deletion, {"sessions": list(sessions)})
    connection.execute(_DELETE, {"sessions": list(sessions), "title": TITLE})
