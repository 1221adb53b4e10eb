"""Create or adopt whiteboard_sessions, and create the tables of facts."""

from __future__ import annotations

from servicekit.database.migration.adopting import adopt, creations, read_tables
from servicekit.database.migration.runner import current_migration
from tracking_service.migrations.attendance_status import REMOVED_COLUMN, removal
from tracking_service.migrations.tables import CREATE_STATEMENTS
from tracking_service.migrations.whiteboard_sessions import WHITEBOARD_SESSIONS

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Change what `judgement` found to be adoptable."""
    migration = current_migration()
    found = read_tables(migration.connection, (WHITEBOARD_SESSIONS,))
    existing = found.get(WHITEBOARD_SESSIONS.name)
    adopt(migration, (WHITEBOARD_SESSIONS,), found)
    migration.apply(*creations(CREATE_STATEMENTS))
    if existing is not None and REMOVED_COLUMN in existing.columns:
        migration.apply(removal(migration.connection))
