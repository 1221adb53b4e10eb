"""Create the index by which the sessions are found whose whiteboard names the caller as the tutor."""

from __future__ import annotations

from servicekit.database.migration.adoption import adopt, read_tables
from servicekit.database.migration.target import TargetIndex, TargetTable
from servicekit.database.migration.transaction import current_migration

revision = "0004"
down_revision = "0003"

_SESSIONS = TargetTable(
    name="sessions",
    columns=(),
    indexes=(TargetIndex(columns=("whiteboard_id",), purpose="the sessions in which a tutor substitutes"),),
)


def upgrade() -> None:
    """Create the index, unless the platform has one."""
    migration = current_migration()
    adopt(migration, (_SESSIONS,), read_tables(migration.connection, (_SESSIONS,)))
