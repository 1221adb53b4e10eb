"""Leave room in each page for the sessions in it to grow (docs/postgresql.md#vacuum)."""

from __future__ import annotations

from servicekit.database.migration.transaction import current_migration

revision = "0013"
down_revision = "0012"

#: Revision 0014 sets a smaller one.
FILLFACTOR = 25


def upgrade() -> None:
    """Set it for pages that are written from now on; nothing is rewritten, and nobody waits."""
    current_migration().execute(f"ALTER TABLE whiteboard_sessions SET (fillfactor = {FILLFACTOR})")
