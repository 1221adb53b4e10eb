"""SQL of what people said about a session `s` besides decisions, put together from constants alone."""

from __future__ import annotations

#: The newest notice per person, unless it withdraws the one before. A notice is about the time that the session had
#: then: one that is moved has nobody announced.
ANNOUNCED_ABSENCES = """(
    SELECT jsonb_agg(jsonb_build_object('student_id', newest.student_id, 'reason', newest.reason))
    FROM (SELECT DISTINCT ON (notice.student_id) notice.student_id, notice.reason, notice.withdrawn
          FROM absence_notices AS notice
          WHERE notice.session_id = s.id AND notice.session_date IS NOT DISTINCT FROM s.session_date
            AND notice.start_time IS NOT DISTINCT FROM CAST(s.start_time AS time)
          ORDER BY notice.student_id, notice.id DESC) AS newest
    WHERE NOT newest.withdrawn)"""
