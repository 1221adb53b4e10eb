"""Create the index by which reports find the names of a page of tutors."""

from __future__ import annotations

from servicekit.database.migration.adoption import adopt, read_tables
from servicekit.database.migration.target import TargetIndex, TargetTable
from servicekit.database.migration.transaction import current_migration

revision = "0003"
down_revision = "0002"

_TUTOR_PROFILES = TargetTable(
    name="tutor_profiles",
    columns=(),
    indexes=(TargetIndex(columns=("user_id",), purpose="the names in the report on whiteboard engagement"),),
)


def upgrade() -> None:
    """Create the index, unless the platform has one."""
    migration = current_migration()
    adopt(migration, (_TUTOR_PROFILES,), read_tables(migration.connection, (_TUTOR_PROFILES,)))
