"""SQL that records decisions and reads them back."""

from __future__ import annotations

from sqlalchemy import text

#: Somebody else decides at this moment: wait so long at most, then tell the caller to retry.
LOCK_TIMEOUT = text("SELECT set_config('lock_timeout', '3s', true)")

#: One decision at a time about one session. What it decides on is read afterwards, in a snapshot of its own.
LOCK_SESSION = text("SELECT id FROM sessions WHERE id = :session_id FOR UPDATE")

#: Whoever decides must exist: both tables refer to them.
CALLER_EXISTS = text("SELECT EXISTS (SELECT FROM users WHERE id = :caller)")

#: The outcome. A status that is not decided on stays as it is.
UPDATE_STATUSES = text("""
UPDATE sessions
SET tutor_attendance_status = COALESCE(:tutor_status, tutor_attendance_status),
    student_attendance_status = COALESCE(:student_status, student_attendance_status),
    attendance_source = :source, attendance_marked_by = :caller, attendance_marked_at = now()
WHERE id = :session_id
""")

#: Notes alone say nothing about who decided on the statuses, so source, marker and time stay.
UPDATE_NOTES = text("UPDATE sessions SET attendance_notes = NULLIF(:notes, '') WHERE id = :session_id")

#: The same decision, kept for ever.
INSERT_DECISION = text("""
INSERT INTO attendance_decisions
    (session_id, decided_by, decided_by_role, source, source_before, tutor_status_before, tutor_status_after,
     student_status_before, student_status_after, notes, evidence, suggestion_etag, limits, policy_version)
VALUES
    (:session_id, :caller, :role, :source, :source_before, :tutor_before, :tutor_after, :student_before, :student_after,
     :notes, CAST(:evidence AS jsonb), :suggestion_etag, CAST(:limits AS jsonb), :policy_version)
""")

#: A session's decisions, newest first, below the last one of the page before.
DECISIONS = text("""
SELECT decision.id, decision.decided_at, decision.decided_by,
       btrim(concat_ws(' ', decider.first_name, decider.father_name)) AS decided_by_name,
       decision.decided_by_role, decision.source,
       decision.tutor_status_before, decision.tutor_status_after,
       decision.student_status_before, decision.student_status_after,
       decision.notes, decision.evidence, decision.limits, decision.policy_version, decision.source_before
FROM attendance_decisions AS decision
LEFT JOIN users AS decider ON decider.id = decision.decided_by
WHERE decision.session_id = :session_id AND (CAST(:before_id AS bigint) IS NULL OR decision.id < :before_id)
ORDER BY decision.id DESC
LIMIT :page_size
""")

#: What the last decision that had evidence was taken on, and by which policy that was judged.
LAST_EVIDENCE = text("""
SELECT evidence, limits, policy_version FROM attendance_decisions
WHERE session_id = :session_id AND evidence IS NOT NULL
ORDER BY id DESC
LIMIT 1
""")
