"""SQL of the reports but that on tutors; every statement is put together from constants alone."""

from __future__ import annotations

from sqlalchemy import text

from attendance_service.store.completed import COMPLETED_IN_PERIOD
from attendance_service.store.names import STUDENT_NAME
from attendance_service.store.paging import AFTER_POSITION, NEWEST_FIRST
from attendance_service.store.session_statements import STUDENT_MARKED, STUDENT_SOURCE

#: One student, and what the caller is to them.
STUDENT = text(f"""
SELECT student.user_id, {STUDENT_NAME} AS name, COALESCE(student.user_id = :caller, FALSE) AS is_caller,
       EXISTS (SELECT FROM parent_profiles AS parent
               WHERE parent.user_id = :caller
                 AND (parent.id = ANY (student.parent_id) OR student.id = ANY (parent.children_ids)))
           AS is_child_of_caller,
       EXISTS (SELECT FROM enrolled_courses AS ec
               JOIN tutor_profiles AS tutor ON tutor.id = ec.tutor_id
               WHERE ec.students_id @> ARRAY[student.id] AND tutor.user_id = :caller) AS is_taught_by_caller
FROM student_profiles AS student
LEFT JOIN users AS student_user ON student_user.id = student.user_id
WHERE student.id = :student_id
""")  # noqa: S608 - constants

#: Completed sessions of one student (with `:tutor`: those that this user gave), newest first.
STUDENT_SESSIONS = text(f"""
SELECT s.id AS session_id, s.session_date AS day, CAST(s.start_time AS time) AS start,
       CASE WHEN {STUDENT_MARKED} THEN btrim(s.student_attendance_status) END AS status,
       CASE WHEN {STUDENT_MARKED} THEN {STUDENT_SOURCE} ELSE 'system_default' END AS source,
       NULLIF(s.attendance_notes, '') AS notes, s.whiteboard_id
FROM sessions AS s
JOIN enrolled_courses AS ec ON ec.id = s.enrolled_courses_id
WHERE ec.students_id @> ARRAY[CAST(:student_id AS integer)]
  AND (CAST(:tutor AS integer) IS NULL
       OR ec.tutor_id IN (SELECT id FROM tutor_profiles WHERE user_id = CAST(:tutor AS integer)))
  AND {COMPLETED_IN_PERIOD} AND {AFTER_POSITION}
ORDER BY {NEWEST_FIRST}
LIMIT :page_size
""")  # noqa: S608 - constants

#: User names of tutors by users.id; of several profiles the first one's.
TUTOR_NAMES = text("""
SELECT DISTINCT ON (user_id) user_id, COALESCE(username, '') AS tutor_name
FROM tutor_profiles
WHERE user_id = ANY (CAST(:user_ids AS integer[]))
ORDER BY user_id, id
""")

#: Decisions on one person each that were taken with a suggestion at hand, and how many of them took it. Newest month
#: first, then the surest.
AGREEMENT = text("""
SELECT to_char(decision.decided_at AT TIME ZONE :zone, 'YYYY-MM') AS month, person.confidence,
       COALESCE(person.reason, '') AS reason, count(*) AS decided,
       count(*) FILTER (WHERE person.decided = person.suggested) AS agreed
FROM attendance_decisions AS decision
CROSS JOIN LATERAL (VALUES
    (decision.tutor_status_after, decision.tutor_suggested, decision.tutor_confidence, decision.tutor_reason),
    (decision.student_status_after, decision.student_suggested, decision.student_confidence, decision.student_reason)
) AS person (decided, suggested, confidence, reason)
WHERE decision.evidence IS NOT NULL AND person.decided IS NOT NULL AND person.confidence IS NOT NULL
  AND (CAST(:since AS timestamptz) IS NULL OR decision.decided_at >= CAST(:since AS timestamptz))
  AND (CAST(:before AS timestamptz) IS NULL OR decision.decided_at < CAST(:before AS timestamptz))
GROUP BY 1, 2, 3
ORDER BY month DESC, array_position(ARRAY['high', 'medium', 'low'], person.confidence), reason
""")
