"""Create or adopt sessions, create the platform's tables that are missing, and create the table of decisions."""

from __future__ import annotations

from attendance_service.migrations.platform_tables import PLATFORM_TABLES
from attendance_service.migrations.sessions import SESSIONS
from attendance_service.migrations.word_checks import replace_word_checks
from servicekit.database.migration.adoption import adopt, creations, read_tables
from servicekit.database.migration.append_only import append_only_statements
from servicekit.database.migration.transaction import current_migration

revision = "0001"
down_revision = None

#: All decisions, with their evidence and limits. What was suggested is also in columns of its own, so that the report
#: on agreement need not unpack the evidence.
_ATTENDANCE_DECISIONS = """
CREATE TABLE attendance_decisions (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES sessions (id),
    decided_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    decided_by INTEGER NOT NULL REFERENCES users (id),
    decided_by_role TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('manual', 'whiteboard_auto', 'parent_reported', 'admin_override')),
    source_before TEXT NOT NULL,
    tutor_status_before TEXT,
    tutor_status_after TEXT,
    student_status_before TEXT,
    student_status_after TEXT,
    notes TEXT,
    evidence JSONB,
    suggestion_etag TEXT,
    limits JSONB NOT NULL,
    tutor_suggested TEXT GENERATED ALWAYS AS (evidence ->> 'tutor_status_suggestion') STORED,
    tutor_confidence TEXT GENERATED ALWAYS AS (evidence ->> 'tutor_confidence') STORED,
    tutor_reason TEXT GENERATED ALWAYS AS (evidence #>> '{tutor_reasons,0}') STORED,
    student_suggested TEXT GENERATED ALWAYS AS (evidence ->> 'student_status_suggestion') STORED,
    student_confidence TEXT GENERATED ALWAYS AS (evidence ->> 'student_confidence') STORED,
    student_reason TEXT GENERATED ALWAYS AS (evidence #>> '{student_reasons,0}') STORED
)
"""

#: For the history of a session, and its newest decision per person.
_ATTENDANCE_DECISIONS_OF_SESSION = """
CREATE INDEX attendance_decisions_of_session ON attendance_decisions (session_id, id)
"""

#: Contains all columns of the report on agreement, so that it need not read the table.
_ATTENDANCE_DECISIONS_SUGGESTED = """
CREATE INDEX attendance_decisions_suggested ON attendance_decisions (decided_at)
INCLUDE (tutor_status_after, tutor_suggested, tutor_confidence, tutor_reason,
         student_status_after, student_suggested, student_confidence, student_reason)
WHERE evidence IS NOT NULL
"""

#: The statements by the name of the relation that they create.
NEW_RELATIONS = {
    "attendance_decisions": _ATTENDANCE_DECISIONS,
    "attendance_decisions_of_session": _ATTENDANCE_DECISIONS_OF_SESSION,
    "attendance_decisions_suggested": _ATTENDANCE_DECISIONS_SUGGESTED,
}

_APPEND_ONLY_STATEMENTS = append_only_statements(
    "attendance_decisions", hint="The last decision stands: record another one."
)

_TABLES = (*PLATFORM_TABLES, SESSIONS)


def upgrade() -> None:
    """Create or change what the adoption blockers allow."""
    migration = current_migration()
    existing = read_tables(migration.connection, _TABLES)
    adopt(migration, _TABLES, existing)
    replace_word_checks(migration, existing.get(SESSIONS.name))
    migration.apply(*creations(NEW_RELATIONS))
    migration.execute(*_APPEND_ONLY_STATEMENTS)
