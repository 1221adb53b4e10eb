"""Create the table of policies, and let decisions name the one they were taken under."""

from __future__ import annotations

from attendance_service.migrations.policies import (
    ADD_POLICY_VERSION,
    APPEND_ONLY_STATEMENTS,
    CREATE_STATEMENTS,
)
from servicekit.database.migration.adopting import creations
from servicekit.database.migration.adoption import Change
from servicekit.database.migration.runner import current_migration
from servicekit.database.migration.statements import execute_verbatim

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add what is new; nothing that exists is rewritten."""
    migration = current_migration()
    migration.apply(
        *creations(CREATE_STATEMENTS),
        Change(
            statement=ADD_POLICY_VERSION,
            told="attendance_decisions.policy_version: added; decisions so far were taken under the built-in limits.",
        ),
    )
    for statement in APPEND_ONLY_STATEMENTS:
        execute_verbatim(migration.connection, statement)
