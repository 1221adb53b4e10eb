"""Rename forgotten_relay_streams: streams expire."""

from __future__ import annotations

from servicekit.database.migration.transaction import Change, current_migration

revision = "0004"
down_revision = "0003"

_OLD, _NEW = "forgotten_relay_streams", "expired_relay_streams"
#: Names that this revision takes.
NEW_RELATIONS = (_NEW, f"{_NEW}_pkey")


def upgrade() -> None:
    """Rename the table and its index; rows and privileges stay."""
    migration = current_migration()
    migration.lock(_OLD)
    migration.execute(f"ALTER INDEX {_OLD}_pkey RENAME TO {_NEW}_pkey")
    migration.apply(
        Change(statement=f"ALTER TABLE {_OLD} RENAME TO {_NEW}", note=f"{_OLD}: renamed to {_NEW}; its rows are kept.")
    )
