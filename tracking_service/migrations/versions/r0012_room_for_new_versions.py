"""Leave room in each page for a new version of every row in it (docs/postgresql.md#vacuum)."""

from __future__ import annotations

from servicekit.database.migration.transaction import current_migration

revision = "0012"
down_revision = "0011"

#: Those who connect in the same minute are folded together, and so are their rows, which are neighbours: a fold writes
#: all rows of a page anew.
FILLFACTOR = 45


def upgrade() -> None:
    """Set it for pages that are written from now on; nothing is rewritten, and nobody waits."""
    current_migration().execute(f"ALTER TABLE presence_intervals SET (fillfactor = {FILLFACTOR})")
