"""Create the tables of claims and of their answers, and an index for inboxes (docs/decisions.md#claims)."""

from __future__ import annotations

from servicekit.database.migration.adoption import creations
from servicekit.database.migration.append_only import append_only_statements
from servicekit.database.migration.transaction import current_migration

revision = "0009"
down_revision = "0008"

#: `student_id`: student_profiles.id, without a foreign key, because the platform may delete a profile. What was
#: recorded and suggested is of the time of the claim; NULL: nothing.
_ATTENDANCE_CLAIMS = """
CREATE TABLE attendance_claims (
    id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES sessions (id),
    student_id INTEGER NOT NULL,
    claimed_status TEXT NOT NULL CHECK (claimed_status IN ('present', 'late', 'absent')),
    note TEXT NOT NULL,
    raised_by INTEGER NOT NULL REFERENCES users (id),
    raised_by_role TEXT NOT NULL,
    raised_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    recorded_status TEXT,
    suggested_status TEXT
)
"""

#: For the claims of a session, and of one of its students.
_ATTENDANCE_CLAIMS_OF_SESSION = """
CREATE INDEX attendance_claims_of_session ON attendance_claims (session_id, student_id, id)
"""

#: For the claims about one's own children, or oneself.
_ATTENDANCE_CLAIMS_OF_STUDENT = """
CREATE INDEX attendance_claims_of_student ON attendance_claims (student_id, id)
"""

#: At most one per claim. `decision_id`: the decision by which it was accepted.
_ATTENDANCE_CLAIM_ANSWERS = """
CREATE TABLE attendance_claim_answers (
    claim_id INTEGER PRIMARY KEY REFERENCES attendance_claims (id),
    answer TEXT NOT NULL CHECK (answer IN ('accepted', 'declined', 'taken_back')),
    note TEXT NOT NULL,
    answered_by INTEGER NOT NULL REFERENCES users (id),
    answered_by_role TEXT NOT NULL,
    answered_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    decision_id BIGINT REFERENCES attendance_decisions (id),
    CHECK ((decision_id IS NOT NULL) = (answer = 'accepted')),
    CHECK (answer <> 'declined' OR note <> '')
)
"""

#: For the claims that decisions of a history accepted.
_ATTENDANCE_CLAIM_ANSWERS_DECISION = """
CREATE UNIQUE INDEX attendance_claim_answers_decision ON attendance_claim_answers (decision_id)
"""

#: For the parents' words in an inbox, newest first.
_ATTENDANCE_DECISIONS_OF_PARENTS = """
CREATE INDEX attendance_decisions_of_parents ON attendance_decisions (decided_at) WHERE decided_by_role = 'parent'
"""

#: The statements by the name of the relation that they create.
NEW_RELATIONS = {
    "attendance_claims": _ATTENDANCE_CLAIMS,
    "attendance_claims_of_session": _ATTENDANCE_CLAIMS_OF_SESSION,
    "attendance_claims_of_student": _ATTENDANCE_CLAIMS_OF_STUDENT,
    "attendance_claim_answers": _ATTENDANCE_CLAIM_ANSWERS,
    "attendance_claim_answers_decision": _ATTENDANCE_CLAIM_ANSWERS_DECISION,
    "attendance_decisions_of_parents": _ATTENDANCE_DECISIONS_OF_PARENTS,
}


def upgrade() -> None:
    """Create tables and index."""
    migration = current_migration()
    migration.apply(*creations(NEW_RELATIONS))
    migration.execute(*append_only_statements("attendance_claims", hint="Answer the claim instead."))
    migration.execute(*append_only_statements("attendance_claim_answers", hint="Raise another claim."))
