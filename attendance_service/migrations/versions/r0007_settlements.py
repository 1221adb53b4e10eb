"""Create the tables of what is written down about sessions that have settled (docs/suggestions.md#settling)."""

from __future__ import annotations

from servicekit.database.migration.adoption import adopt, creations, read_tables
from servicekit.database.migration.target import TargetIndex, TargetTable
from servicekit.database.migration.transaction import current_migration

revision = "0007"
down_revision = "0006"

#: One row per session that is settled (`judged_at`), or that a replica is about to judge. The first columns after the
#: session's are what it was judged by: if the session differs from them now, it is judged again. `suggestion` is the
#: evidence, as it was shown. `outcome_tutor_id` is the tutor for whom the lesson counts, who may be a substitute. The
#: platform may delete a session on which nobody decided.
_SETTLED_SESSIONS = """
CREATE TABLE settled_sessions (
    session_id INTEGER PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    claimed_until TIMESTAMPTZ,
    judged_at TIMESTAMPTZ,
    changed_at TIMESTAMPTZ,
    recheck_at TIMESTAMPTZ,
    session_date DATE,
    start_time TIME,
    end_time TIME,
    whiteboard_id INTEGER,
    enrolled_courses_id INTEGER,
    cancelled BOOLEAN,
    tutor_id INTEGER,
    tutor_user_id INTEGER,
    whiteboard_tutor_id INTEGER,
    whiteboard_student_ids INTEGER[],
    has_whiteboard BOOLEAN,
    tutor_status TEXT,
    tutor_confidence TEXT,
    tutor_reasons TEXT[],
    student_status TEXT,
    student_confidence TEXT,
    student_reasons TEXT[],
    etag TEXT,
    policy_version INTEGER,
    suggestion JSONB,
    outcome TEXT,
    outcome_tutor_id INTEGER,
    overlap_seconds INTEGER,
    tutor_waited_seconds INTEGER,
    student_waited_seconds INTEGER,
    billable_seconds INTEGER
)
"""

#: The students of the roster. Neither column of identity is always there: the whiteboard may name a user without a
#: profile, and a profile may have no user.
_SETTLED_STUDENTS = """
CREATE TABLE settled_students (
    session_id INTEGER NOT NULL REFERENCES settled_sessions (session_id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    student_id INTEGER,
    user_id INTEGER,
    status TEXT,
    confidence TEXT,
    reasons TEXT[],
    active_seconds INTEGER,
    lateness_seconds INTEGER,
    outcome TEXT,
    overlap_seconds INTEGER,
    tutor_waited_seconds INTEGER,
    waited_seconds INTEGER,
    billable_seconds INTEGER,
    PRIMARY KEY (session_id, position),
    UNIQUE (session_id, student_id)
)
"""

#: Sessions to judge again: few at any time.
_SETTLED_SESSIONS_RECHECK = """
CREATE INDEX settled_sessions_recheck ON settled_sessions (recheck_at) WHERE recheck_at IS NOT NULL
"""

#: The sessions of a tutor, and those in which a tutor substituted.
_SETTLED_SESSIONS_TUTOR = "CREATE INDEX settled_sessions_tutor ON settled_sessions (tutor_id, session_date)"
_SETTLED_SESSIONS_WHITEBOARD_TUTOR = """
CREATE INDEX settled_sessions_whiteboard_tutor ON settled_sessions (whiteboard_tutor_id)
"""

#: What became of the lessons of some days, and of those that count for a tutor.
_SETTLED_SESSIONS_DAY = "CREATE INDEX settled_sessions_day ON settled_sessions (session_date)"
_SETTLED_SESSIONS_OUTCOME_TUTOR = """
CREATE INDEX settled_sessions_outcome_tutor ON settled_sessions (outcome_tutor_id, session_date)
"""

#: The sessions of a student.
_SETTLED_STUDENTS_STUDENT = "CREATE INDEX settled_students_student ON settled_students (student_id)"

#: The statements by the name of the relation that they create.
NEW_RELATIONS = {
    "settled_sessions": _SETTLED_SESSIONS,
    "settled_students": _SETTLED_STUDENTS,
    "settled_sessions_recheck": _SETTLED_SESSIONS_RECHECK,
    "settled_sessions_tutor": _SETTLED_SESSIONS_TUTOR,
    "settled_sessions_whiteboard_tutor": _SETTLED_SESSIONS_WHITEBOARD_TUTOR,
    "settled_sessions_day": _SETTLED_SESSIONS_DAY,
    "settled_sessions_outcome_tutor": _SETTLED_SESSIONS_OUTCOME_TUTOR,
    "settled_students_student": _SETTLED_STUDENTS_STUDENT,
}

_SESSIONS = TargetTable(
    name="sessions",
    columns=(),
    indexes=(TargetIndex(columns=("session_date", "id"), purpose="the sessions that are to be settled, newest first"),),
)


def upgrade() -> None:
    """Add what is new; no existing row is rewritten."""
    migration = current_migration()
    migration.apply(*creations(NEW_RELATIONS))
    adopt(migration, (_SESSIONS,), read_tables(migration.connection, (_SESSIONS,)))
