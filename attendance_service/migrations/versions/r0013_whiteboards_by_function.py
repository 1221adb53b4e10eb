"""Read who is on a whiteboard by functions: whiteboards may be on other servers (docs/several-databases.md)."""

from __future__ import annotations

from typing import Final

from servicekit.database.migration.transaction import current_migration

revision = "0013"
down_revision = "0012"

SIGNATURES: Final = ("whiteboard_people(INTEGER)", "whiteboards_of_tutor(INTEGER)")
#: PostgreSQL puts their texts into the statements that call them. `attendancectl distribute` replaces them by others
#: that it does not look into: Citus refuses a statement in which it finds a whiteboard beside our tables.
_FUNCTIONS: Final = (
    """
CREATE OR REPLACE FUNCTION whiteboard_people(whiteboard INTEGER)
RETURNS TABLE (tutor_id INTEGER, student_ids JSONB) ROWS 1 LANGUAGE sql STABLE AS $$
SELECT board.tutor_id, to_jsonb(board.student_id) FROM whiteboard_sessions AS board WHERE board.id = whiteboard
$$""",
    """
CREATE OR REPLACE FUNCTION whiteboards_of_tutor(tutor INTEGER)
RETURNS TABLE (id INTEGER) LANGUAGE sql STABLE AS $$
SELECT board.id FROM whiteboard_sessions AS board WHERE board.tutor_id = tutor
$$""",
)


def upgrade() -> None:
    """Create the functions; they act as who calls them."""
    current_migration().execute(*_FUNCTIONS)
