"""Leave room in each page for the sessions in it to grow (docs/postgresql.md#vacuum).

Databases that were migrated before have a larger fillfactor; revision 0001 sets this one by now.
"""

from __future__ import annotations

from servicekit.database.migration.transaction import current_migration
from tracking_service.migrations.whiteboard_sessions import FILLFACTOR

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Set it for pages that are written from now on; nothing is rewritten, and nobody waits."""
    current_migration().execute(f"ALTER TABLE whiteboard_sessions SET (fillfactor = {FILLFACTOR})")
