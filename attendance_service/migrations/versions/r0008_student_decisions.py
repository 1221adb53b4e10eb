"""Keep decisions per student, and excuses (docs/decisions.md#ledger); decisions so far get a row per student."""

from __future__ import annotations

from servicekit.database.migration.adoption import adopt, creations, read_tables
from servicekit.database.migration.append_only import append_only_statements
from servicekit.database.migration.target import TargetIndex, TargetTable
from servicekit.database.migration.transaction import Change, current_migration

revision = "0008"
down_revision = "0007"

_ADD_EXCUSES = """
ALTER TABLE attendance_decisions ADD COLUMN tutor_excused BOOLEAN, ADD COLUMN tutor_excuse_reason TEXT
"""

#: What each decision says about each student. No foreign key to student_profiles, because the platform may delete a
#: profile. NULL: unchanged, or not known. `note` is what the note becomes.
_STUDENT_DECISIONS = """
CREATE TABLE attendance_student_decisions (
    decision_id BIGINT NOT NULL REFERENCES attendance_decisions (id),
    session_id INTEGER NOT NULL REFERENCES sessions (id),
    student_id INTEGER NOT NULL,
    status_before TEXT,
    status_after TEXT,
    source TEXT NOT NULL,
    source_before TEXT NOT NULL,
    withdrawn BOOLEAN NOT NULL DEFAULT FALSE,
    note TEXT,
    excused BOOLEAN,
    excuse_reason TEXT,
    suggested TEXT,
    confidence TEXT,
    reason TEXT,
    PRIMARY KEY (decision_id, student_id),
    CONSTRAINT attendance_student_decisions_source_check CHECK (
        source IN ('manual', 'whiteboard_auto', 'parent_reported', 'admin_override', 'system_default')),
    CONSTRAINT attendance_student_decisions_withdrawal CHECK (
        withdrawn = (source = 'system_default') AND NOT (withdrawn AND status_after IS NOT NULL))
)
"""

#: For what stands about each student of a session.
_STUDENT_DECISIONS_OF_SESSION = """
CREATE INDEX attendance_student_decisions_of_session
ON attendance_student_decisions (session_id, student_id, decision_id DESC)
"""

#: The statements by the name of the relation that they create.
NEW_RELATIONS = {
    "attendance_student_decisions": _STUDENT_DECISIONS,
    "attendance_student_decisions_of_session": _STUDENT_DECISIONS_OF_SESSION,
}

#: The students of each decision: those whom its evidence names, and besides them those of the enrolment who have no
#: account, so that no evidence can name them. If it names none, those of the enrolment, or else of the whiteboard.
#: Without evidence of their own (or in a class), the suggestion about a student is not known.
_ADOPT_DECISIONS = """
WITH named AS (
    SELECT DISTINCT ON (decision.id, profile.id)
           decision.id AS decision_id, profile.id AS student_id, student.entry ->> 'status_suggestion' AS suggested,
           student.entry ->> 'confidence' AS confidence, student.entry #>> '{reasons,0}' AS reason
    FROM attendance_decisions AS decision
    JOIN sessions AS s ON s.id = decision.session_id
    LEFT JOIN enrolled_courses AS ec ON ec.id = s.enrolled_courses_id
    CROSS JOIN LATERAL jsonb_array_elements(
        CASE WHEN jsonb_typeof(decision.evidence -> 'students') = 'array' THEN decision.evidence -> 'students'
        ELSE '[]' END) AS student (entry)
    CROSS JOIN LATERAL (
        SELECT own.id FROM student_profiles AS own
        WHERE own.user_id = CAST(student.entry ->> 'user_id' AS integer)
        ORDER BY COALESCE(own.id = ANY (ec.students_id), FALSE) DESC, own.id
        LIMIT 1) AS profile
    WHERE decision.student_status_after IS NOT NULL
), of_session AS (
    SELECT s.id AS session_id, profile.id AS student_id, profile.user_id
    FROM sessions AS s
    LEFT JOIN enrolled_courses AS ec ON ec.id = s.enrolled_courses_id
    JOIN student_profiles AS profile ON profile.id = ANY (ec.students_id)
    UNION
    SELECT s.id, min(profile.id), profile.user_id
    FROM sessions AS s
    LEFT JOIN enrolled_courses AS ec ON ec.id = s.enrolled_courses_id
    JOIN whiteboard_sessions AS board ON board.id = s.whiteboard_id
    CROSS JOIN jsonb_path_query(to_jsonb(board.student_id), '$[*] ? (@ != null)') AS member (id)
    JOIN student_profiles AS profile ON profile.user_id = CAST(member.id AS integer)
    WHERE COALESCE(cardinality(ec.students_id), 0) = 0
    GROUP BY s.id, profile.user_id
), concerned AS (
    SELECT decision_id, student_id, suggested, confidence, reason FROM named
    UNION ALL
    SELECT decision.id, listed.student_id, NULL, NULL, NULL
    FROM attendance_decisions AS decision
    JOIN of_session AS listed ON listed.session_id = decision.session_id
    LEFT JOIN (SELECT DISTINCT decision_id FROM named) AS has_names ON has_names.decision_id = decision.id
    WHERE decision.student_status_after IS NOT NULL AND (listed.user_id IS NULL OR has_names.decision_id IS NULL)
)
INSERT INTO attendance_student_decisions
    (decision_id, session_id, student_id, status_before, status_after, source, source_before,
     suggested, confidence, reason)
SELECT decision.id, decision.session_id, concerned.student_id, decision.student_status_before,
       decision.student_status_after, decision.source, decision.source_before,
       COALESCE(concerned.suggested, CASE WHEN students = 1 THEN decision.student_suggested END),
       COALESCE(concerned.confidence, CASE WHEN students = 1 THEN decision.student_confidence END),
       COALESCE(concerned.reason, CASE WHEN students = 1 THEN decision.student_reason END)
FROM (SELECT *, count(*) OVER (PARTITION BY decision_id) AS students FROM concerned) AS concerned
JOIN attendance_decisions AS decision ON decision.id = concerned.decision_id
"""

#: A withdrawal was about all students on whom somebody had decided; about a mark from before the ledger, about those of
#: the enrolment.
_ADOPT_WITHDRAWALS = """
WITH concerned AS (
    SELECT decision.id AS decision_id, about.student_id
    FROM attendance_decisions AS decision
    JOIN attendance_student_decisions AS about
      ON about.session_id = decision.session_id AND about.decision_id < decision.id
    WHERE decision.student_withdrawn
    UNION
    SELECT decision.id, profile.id
    FROM attendance_decisions AS decision
    JOIN sessions AS s ON s.id = decision.session_id
    JOIN enrolled_courses AS ec ON ec.id = s.enrolled_courses_id
    JOIN student_profiles AS profile ON profile.id = ANY (ec.students_id)
    WHERE decision.student_withdrawn
      AND NOT EXISTS (SELECT FROM attendance_student_decisions AS about
                      WHERE about.session_id = decision.session_id AND about.decision_id < decision.id)
)
INSERT INTO attendance_student_decisions
    (decision_id, session_id, student_id, status_before, source, source_before, withdrawn)
SELECT decision.id, decision.session_id, concerned.student_id, decision.student_status_before, 'system_default',
       decision.source_before, TRUE
FROM concerned
JOIN attendance_decisions AS decision ON decision.id = concerned.decision_id
"""

#: With the id, by which the report on agreement finds the students of a decision without reading the table.
_DROP_SUGGESTED = "DROP INDEX attendance_decisions_suggested"
_SUGGESTED_WITH_ID = """
CREATE INDEX attendance_decisions_suggested ON attendance_decisions (decided_at)
INCLUDE (id, tutor_status_after, tutor_suggested, tutor_confidence, tutor_reason,
         student_status_after, student_suggested, student_confidence, student_reason)
WHERE evidence IS NOT NULL
"""

_STUDENT_PROFILES = TargetTable(
    name="student_profiles",
    columns=(),
    indexes=(TargetIndex(columns=("user_id",), purpose="the students whom a whiteboard names"),),
)

_APPEND_ONLY_STATEMENTS = append_only_statements(
    "attendance_student_decisions", hint="The last decision stands: record another one."
)


def upgrade() -> None:
    """Add what is new, and give each decision about students a row for each of them."""
    migration = current_migration()
    migration.apply(
        Change(
            statement=_ADD_EXCUSES,
            note="attendance_decisions: decisions may excuse the tutor; those so far excuse nobody.",
        ),
        *creations(NEW_RELATIONS),
    )
    adopt(migration, (_STUDENT_PROFILES,), read_tables(migration.connection, (_STUDENT_PROFILES,)))
    migration.execute(_ADOPT_DECISIONS, _ADOPT_WITHDRAWALS, _DROP_SUGGESTED, _SUGGESTED_WITH_ID)
    migration.execute(*_APPEND_ONLY_STATEMENTS)
