"""SQL of what people said about a session `s` besides decisions, put together from constants alone."""

from __future__ import annotations

from attendance_service.store.sources import BEGINS_AT

#: Whether the session `s` still has the time at which a notice was given. One that is moved has nobody announced.
SAME_TIME_AS_NOTICE = """{notice}.session_date IS NOT DISTINCT FROM s.session_date
    AND {notice}.start_time IS NOT DISTINCT FROM CAST(s.start_time AS time)"""

#: The newest notice per person, unless it withdraws the one before.
ANNOUNCED_ABSENCES = f"""(
    SELECT jsonb_agg(jsonb_build_object('student_id', newest.student_id, 'reason', newest.reason))
    FROM (SELECT DISTINCT ON (notice.student_id) notice.student_id, notice.reason, notice.withdrawn
          FROM absence_notices AS notice
          WHERE notice.session_id = s.id AND {SAME_TIME_AS_NOTICE.format(notice="notice")}
          ORDER BY notice.student_id, notice.id DESC) AS newest
    WHERE NOT newest.withdrawn)"""  # noqa: S608 - constants

#: The students about whom a claim waits for its answer.
OPEN_CLAIMS = """(
    SELECT array_agg(claim.student_id) FROM attendance_claims AS claim
    WHERE claim.session_id = s.id
      AND NOT EXISTS (SELECT FROM attendance_claim_answers AS answer WHERE answer.claim_id = claim.id))"""

#: A decision by which a parent's word replaced another person's, or was withdrawn after that, as long as no tutor or
#: admin has decided since: the row `about` of a student, the `decision`, and what was `replaced` when the parents'
#: words began. OFFSET 0 makes PostgreSQL begin with the decisions, whatever it estimates.
PARENTS_WORDS = """attendance_decisions AS decision
    CROSS JOIN LATERAL (
        SELECT own.* FROM attendance_student_decisions AS own WHERE own.decision_id = decision.id OFFSET 0) AS about
    CROSS JOIN LATERAL (
        SELECT first.status_before, first.source_before
        FROM attendance_student_decisions AS first
        WHERE first.session_id = about.session_id AND first.student_id = about.student_id
          AND first.status_after IS NOT NULL
          AND first.decision_id > COALESCE((
              SELECT max(other.decision_id)
              FROM attendance_student_decisions AS other
              JOIN attendance_decisions AS others ON others.id = other.decision_id
              WHERE other.session_id = about.session_id AND other.student_id = about.student_id
                AND (other.status_after IS NOT NULL OR other.withdrawn) AND others.decided_by_role <> 'parent'), 0)
        ORDER BY first.decision_id
        LIMIT 1) AS replaced
    WHERE decision.decided_by_role = 'parent' AND (about.status_after IS NOT NULL OR about.withdrawn)
      AND replaced.source_before NOT IN ('system_default', 'parent_reported')
      AND replaced.status_before IS DISTINCT FROM about.status_after
      AND NOT EXISTS (
          SELECT FROM attendance_student_decisions AS later
          WHERE later.session_id = about.session_id AND later.student_id = about.student_id
            AND (later.status_after IS NOT NULL OR later.withdrawn) AND later.decision_id > about.decision_id)"""

#: Whether the session `s` was moved to a later time after the `decision`, which was about another time then.
MOVED_SINCE_WORD = f"COALESCE(decision.decided_at < {BEGINS_AT}, FALSE)"

#: The students on whom a parent's word stands in the place of a tutor's or admin's.
PARENT_CHANGED = f"""(SELECT array_agg(about.student_id) FROM {PARENTS_WORDS}
    AND decision.session_id = s.id AND NOT {MOVED_SINCE_WORD})"""  # noqa: S608 - constants

#: All of it, as one JSON object.
FLAGS = f"""jsonb_build_object(
    'absences', {ANNOUNCED_ABSENCES}, 'open_claims', {OPEN_CLAIMS}, 'parent_changed', {PARENT_CHANGED})"""
