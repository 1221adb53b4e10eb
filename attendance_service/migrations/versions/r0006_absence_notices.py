"""Create the table of notices of absence (docs/decisions.md#announced-absences)."""

from __future__ import annotations

from servicekit.database.migration.adoption import creations
from servicekit.database.migration.append_only import append_only_statements
from servicekit.database.migration.transaction import current_migration

revision = "0006"
down_revision = "0005"

#: `student_id` (student_profiles.id) NULL: about the tutor. Day and start are those of the session at that time: the
#: notice applies to no other. `withdrawn`: from then on the absence is not announced any more.
_ABSENCE_NOTICES = """
CREATE TABLE absence_notices (
    id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES sessions (id),
    student_id INTEGER,
    session_date DATE,
    start_time TIME,
    announced_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    announced_by INTEGER NOT NULL REFERENCES users (id),
    announced_by_role TEXT NOT NULL,
    reason TEXT NOT NULL,
    withdrawn BOOLEAN NOT NULL,
    CHECK (withdrawn OR reason <> '')
)
"""

#: For the newest notice of each person of a session.
_ABSENCE_NOTICES_OF_SESSION = """
CREATE INDEX absence_notices_of_session ON absence_notices (session_id, student_id, id DESC)
"""

#: The statements by the name of the relation that they create.
NEW_RELATIONS = {
    "absence_notices": _ABSENCE_NOTICES,
    "absence_notices_of_session": _ABSENCE_NOTICES_OF_SESSION,
}


def upgrade() -> None:
    """Create the table."""
    migration = current_migration()
    migration.apply(*creations(NEW_RELATIONS))
    migration.execute(*append_only_statements("absence_notices", hint="The newest notice counts: record another one."))
