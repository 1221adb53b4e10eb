"""Let a page of tutors find their names without reading every profile."""

from __future__ import annotations

from attendance_service.migrations.tutor_names import TUTOR_PROFILES
from servicekit.database.migration.adopting import adopt, read_tables
from servicekit.database.migration.runner import current_migration

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the index, unless the platform has one."""
    migration = current_migration()
    adopt(migration, (TUTOR_PROFILES,), read_tables(migration.connection, (TUTOR_PROFILES,)))
