"""What Alembic runs for every history, in the transaction that the runner has begun."""

from __future__ import annotations

from alembic import context

from servicekit.database.migration.runner import migration_of


def run() -> None:
    """Run the pending revisions."""
    migration = migration_of(context.config)
    context.configure(connection=migration.connection, version_table=migration.version_table)
    with context.begin_transaction():
        context.run_migrations()
