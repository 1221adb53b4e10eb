"""Create the table of policies, and record with each decision the policy it was made under (docs/policies.md)."""

from __future__ import annotations

from servicekit.database.migration.adoption import creations
from servicekit.database.migration.append_only import append_only_statements
from servicekit.database.migration.transaction import Change, current_migration

revision = "0002"
down_revision = "0001"

#: All policies. No foreign key to courses, because the platform may delete a course; its policy then has no effect.
#: `course_id` NULL: the policy is for all courses. `limits` NULL: from then on the course (or all of them) has none.
_ATTENDANCE_POLICIES = """
CREATE TABLE attendance_policies (
    version INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    course_id INTEGER,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    created_by INTEGER NOT NULL REFERENCES users (id),
    limits JSONB,
    note TEXT NOT NULL DEFAULT ''
)
"""

#: For the newest policy of a course and the newest for all courses, which every suggestion reads.
_ATTENDANCE_POLICIES_NEWEST = """
CREATE INDEX attendance_policies_newest ON attendance_policies (course_id, version DESC)
"""

#: The statements by the name of the relation that they create.
NEW_RELATIONS = {
    "attendance_policies": _ATTENDANCE_POLICIES,
    "attendance_policies_newest": _ATTENDANCE_POLICIES_NEWEST,
}

#: 0 means the built-in limits, which applied so far. The default stays, because replicas of the previous version record
#: decisions until they are replaced. No foreign key, because version 0 is not in the table.
_ADD_POLICY_VERSION = """
ALTER TABLE attendance_decisions ADD COLUMN policy_version INTEGER NOT NULL DEFAULT 0
"""

_APPEND_ONLY_STATEMENTS = append_only_statements(
    "attendance_policies", hint="The newest policy counts: create another one."
)


def upgrade() -> None:
    """Add what is new; no existing row is rewritten."""
    migration = current_migration()
    migration.apply(
        *creations(NEW_RELATIONS),
        Change(
            statement=_ADD_POLICY_VERSION,
            note="attendance_decisions.policy_version: added; decisions so far were made under the built-in limits.",
        ),
    )
    migration.execute(*_APPEND_ONLY_STATEMENTS)
