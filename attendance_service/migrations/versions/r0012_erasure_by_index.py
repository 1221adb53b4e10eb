"""Find what is recorded about one person without reading whole tables (docs/operations.md#migrations)."""

from __future__ import annotations

from typing import Final

from attendance_service.migrations.erasing import ERASE_PERSON
from servicekit.database.migration.adoption import creations
from servicekit.database.migration.transaction import current_migration

revision = "0012"
down_revision = "0011"

#: What each index is on, by its name. Few sessions have guests, so nearly none is in those two.
_INDEXES: Final = {
    "attendance_decisions_decided_by": "attendance_decisions (decided_by)",
    "attendance_decisions_with_guests": (
        "attendance_decisions (session_id) WHERE jsonb_path_exists(evidence, '$.guests[*]')"
    ),
    "attendance_student_decisions_student": "attendance_student_decisions (student_id)",
    "absence_notices_student": "absence_notices (student_id)",
    "absence_notices_announced_by": "absence_notices (announced_by)",
    "attendance_claims_raised_by": "attendance_claims (raised_by)",
    "attendance_claim_answers_answered_by": "attendance_claim_answers (answered_by)",
    "sessions_attendance_marked_by": "sessions (attendance_marked_by) WHERE attendance_marked_by IS NOT NULL",
    "settled_sessions_tutor_user": "settled_sessions (tutor_user_id)",
    "settled_sessions_whiteboard_students": "settled_sessions USING gin (whiteboard_student_ids)",
    "settled_sessions_with_guests": (
        "settled_sessions (session_id) WHERE jsonb_path_exists(suggestion, '$.guests[*]')"
    ),
    "settled_students_user": "settled_students (user_id)",
}

#: The statements by the name of the relation that they create. Whoever has millions of rows creates them before the
#: migration, in a way that holds up no writes.
NEW_RELATIONS: Final = {name: f"CREATE INDEX IF NOT EXISTS {name} ON {what}" for name, what in _INDEXES.items()}

#: Before any other table, as whoever writes to these tables does (docs/operations.md#locks): otherwise a decision and
#: this migration could wait for each other.
_LOCK_SESSIONS: Final = "LOCK TABLE sessions IN EXCLUSIVE MODE"


def upgrade() -> None:
    """Create the indexes, and replace the function by one that uses them; nobody is erased."""
    migration = current_migration()
    migration.execute(_LOCK_SESSIONS)
    migration.apply(*creations(NEW_RELATIONS))
    migration.execute(*ERASE_PERSON)
