"""Who takes part in the sessions 1 to n of a measurement."""

from __future__ import annotations

#: Session s has the tutor 2s and the student 2s + 1: indexes are as wide as they are in earnest.
USERS_PER_SESSION = 2

SEED_SESSIONS = """
    -- The sessions of a measurement.
    INSERT INTO whiteboard_sessions (tutor_id, student_id)
    SELECT 2 * session, ARRAY[2 * session + 1] FROM generate_series(1, {sessions}) AS session
"""


def user_id(session: int, role: str) -> int:
    """Return who has this role in a session."""
    return USERS_PER_SESSION * session + (role == "student")
