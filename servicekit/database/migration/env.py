"""What Alembic runs for every history, in the transaction that `runner` has begun."""

from __future__ import annotations

from alembic import context

from servicekit.database.migration.transaction import current_migration

context.configure(
    connection=current_migration().connection, version_table=context.config.get_main_option("version_table")
)
with context.begin_transaction():
    context.run_migrations()
