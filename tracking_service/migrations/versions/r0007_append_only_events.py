"""Let nobody rewrite connection_events: they are append-only, for the tables' owner as well."""

from __future__ import annotations

from servicekit.database.migration.append_only import append_only_statements
from servicekit.database.migration.transaction import current_migration

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the trigger; no row changes."""
    migration = current_migration()
    migration.execute(
        *append_only_statements("connection_events", hint="Events are facts: record what happened besides.")
    )
