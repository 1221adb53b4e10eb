"""Create or adopt sessions, create the platform's tables that are missing, and create the table of decisions."""

from __future__ import annotations

from attendance_service.migrations.platform_tables import PLATFORM_TABLES
from attendance_service.migrations.sessions import SESSIONS
from attendance_service.migrations.word_checks import replace_word_checks
from servicekit.database.migration.adoption import adopt, creations, read_tables
from servicekit.database.migration.transaction import current_migration

revision = "0001"
down_revision = None

#: Every decision that was ever taken, on what evidence and under which limits. What was suggested stands beside the
#: evidence as well, so that counting agreement need not unpack it.
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

#: A session's decisions in their order: history, and the newest one per person.
_ATTENDANCE_DECISIONS_OF_SESSION = """
CREATE INDEX attendance_decisions_of_session ON attendance_decisions (session_id, id)
"""

#: Everything that agreement with suggestions is counted from: the report reads this and not the decisions themselves.
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

_REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION attendance_decisions_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'attendance_decisions is append-only: % is refused', TG_OP
        USING ERRCODE = 'insufficient_privilege', HINT = 'The last decision stands: record another one.';
END
$$
"""

#: Once per statement, so also for one that would meet no row, and for TRUNCATE.
_REFUSE_CHANGE_TRIGGER = """
CREATE TRIGGER attendance_decisions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON attendance_decisions
FOR EACH STATEMENT EXECUTE FUNCTION attendance_decisions_refuse_change()
"""

#: Also for the owner, and where session_replication_role switches ordinary triggers off.
_REFUSE_CHANGE_ALWAYS = "ALTER TABLE attendance_decisions ENABLE ALWAYS TRIGGER attendance_decisions_append_only"

#: What makes the table append-only, in this order.
_APPEND_ONLY_STATEMENTS = (_REFUSE_CHANGE, _REFUSE_CHANGE_TRIGGER, _REFUSE_CHANGE_ALWAYS)

_TABLES = (*PLATFORM_TABLES, SESSIONS)


def upgrade() -> None:
    """Create or change what the adoption blockers allow."""
    migration = current_migration()
    existing = read_tables(migration.connection, _TABLES)
    adopt(migration, _TABLES, existing)
    replace_word_checks(migration, existing.get(SESSIONS.name))
    migration.apply(*creations(NEW_RELATIONS))
    migration.execute(*_APPEND_ONLY_STATEMENTS)
