"""Leave room in each page for two versions of every session that has grown (docs/postgresql.md#vacuum)."""

from __future__ import annotations

from servicekit.database.migration.transaction import current_migration
from tracking_service.migrations.whiteboard_sessions import FILLFACTOR

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Set it for pages that are written from now on; nothing is rewritten, and nobody waits."""
    current_migration().execute(f"ALTER TABLE whiteboard_sessions SET (fillfactor = {FILLFACTOR})")
