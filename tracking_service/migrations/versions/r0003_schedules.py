"""Create the index by which reports find the sessions of a tutor by days."""

from __future__ import annotations

from servicekit.database.migration.adoption import adopt, read_tables
from servicekit.database.migration.target import TargetIndex, TargetTable
from servicekit.database.migration.transaction import current_migration

revision = "0003"
down_revision = "0002"

#: Heartbeats change neither column.
_SCHEDULED_SESSIONS = TargetTable(
    name="whiteboard_sessions",
    columns=(),
    indexes=(
        TargetIndex(columns=("tutor_id", "scheduled_start"), purpose="the report on whiteboard engagement by days"),
    ),
)


def upgrade() -> None:
    """Create the index, unless the platform has one."""
    migration = current_migration()
    adopt(migration, (_SCHEDULED_SESSIONS,), read_tables(migration.connection, (_SCHEDULED_SESSIONS,)))
