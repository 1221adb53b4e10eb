"""Create the table of policies, and let decisions name the one they were made under (docs/adr/0008-policies.md)."""

from __future__ import annotations

from servicekit.database.migration.adoption import creations
from servicekit.database.migration.transaction import Change, current_migration

revision = "0002"
down_revision = "0001"

#: Every policy that was ever in force. No reference to courses: what the platform deletes is not ours to keep, and a
#: policy for a course that is gone harms nobody. NULL for limits: the course (or everybody) has none from then on.
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

#: The newest one of each course, and of everybody: read with every suggestion.
_ATTENDANCE_POLICIES_NEWEST = """
CREATE INDEX attendance_policies_newest ON attendance_policies (course_id, version DESC)
"""

#: The statements by the name of the relation that they create.
NEW_RELATIONS = {
    "attendance_policies": _ATTENDANCE_POLICIES,
    "attendance_policies_newest": _ATTENDANCE_POLICIES_NEWEST,
}

#: Until now everybody was judged by the built-in limits. The default stays, for replicas of the version before this
#: one record decisions while they are replaced. No reference: version 0 is in no table.
_ADD_POLICY_VERSION = """
ALTER TABLE attendance_decisions ADD COLUMN policy_version INTEGER NOT NULL DEFAULT 0
"""

_REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION attendance_policies_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'attendance_policies is append-only: % is refused', TG_OP
        USING ERRCODE = 'insufficient_privilege', HINT = 'The newest policy counts: create another one.';
END
$$
"""

#: Once per statement, so also for one that would meet no row, and for TRUNCATE.
_REFUSE_CHANGE_TRIGGER = """
CREATE TRIGGER attendance_policies_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON attendance_policies
FOR EACH STATEMENT EXECUTE FUNCTION attendance_policies_refuse_change()
"""

#: Also for the owner, and where session_replication_role switches ordinary triggers off.
_REFUSE_CHANGE_ALWAYS = "ALTER TABLE attendance_policies ENABLE ALWAYS TRIGGER attendance_policies_append_only"

#: What makes the table append-only, in this order.
_APPEND_ONLY_STATEMENTS = (_REFUSE_CHANGE, _REFUSE_CHANGE_TRIGGER, _REFUSE_CHANGE_ALWAYS)


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
