"""Let decisions be withdrawn, by rows of their own (docs/decisions.md#withdrawing-a-decision)."""

from __future__ import annotations

from servicekit.database.migration.transaction import Change, current_migration

revision = "0005"
down_revision = "0004"

#: A withdrawal decides on no status, and its source is that of what nobody decided on.
_ALLOW_WITHDRAWALS = """
ALTER TABLE attendance_decisions
    ADD COLUMN tutor_withdrawn BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN student_withdrawn BOOLEAN NOT NULL DEFAULT FALSE,
    DROP CONSTRAINT attendance_decisions_source_check,
    ADD CONSTRAINT attendance_decisions_source_check CHECK (
        source IN ('manual', 'whiteboard_auto', 'parent_reported', 'admin_override', 'system_default')),
    ADD CONSTRAINT attendance_decisions_withdrawal CHECK (
        (tutor_withdrawn OR student_withdrawn) = (source = 'system_default')
        AND NOT (tutor_withdrawn AND tutor_status_after IS NOT NULL)
        AND NOT (student_withdrawn AND student_status_after IS NOT NULL))
"""


def upgrade() -> None:
    """Add the columns; rows from before withdraw nothing."""
    current_migration().apply(
        Change(
            statement=_ALLOW_WITHDRAWALS,
            note="attendance_decisions: rows may withdraw earlier decisions; those so far withdraw nothing.",
        )
    )
