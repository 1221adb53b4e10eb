"""Let a page of tutors find their sessions of some days without reading those of all others."""

from __future__ import annotations

from servicekit.database.migration.adopting import adopt, read_tables
from servicekit.database.migration.runner import current_migration
from tracking_service.migrations.schedules import SCHEDULED_SESSIONS

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the index, unless the platform has one."""
    migration = current_migration()
    adopt(migration, (SCHEDULED_SESSIONS,), read_tables(migration.connection, (SCHEDULED_SESSIONS,)))
