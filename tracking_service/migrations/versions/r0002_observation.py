"""Keep when presence could be observed, and by which stream each interval came."""

from __future__ import annotations

from servicekit.database.migration.adopting import creations
from servicekit.database.migration.runner import current_migration
from servicekit.database.migration.transaction import lock_tables
from tracking_service.migrations.observation import COLUMNS, CREATE_STATEMENTS, EXTENDED_TABLES

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables and add the columns."""
    migration = current_migration()
    lock_tables(migration.connection, EXTENDED_TABLES)
    migration.apply(*creations(CREATE_STATEMENTS), *COLUMNS)
