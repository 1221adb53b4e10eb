"""The SQL that reads sessions with their people and what is recorded about them, put together from constants alone."""

from __future__ import annotations

from attendance_service.store.roster import IS_WHITEBOARDS, JOIN_ROSTER, ROSTER, STUDENTS_OF_SESSION
from attendance_service.store.session_flags import FLAGS
from attendance_service.store.settled import IS_AS_JUDGED
from attendance_service.store.sources import MOVED_SINCE_MARKED, SOURCE, STORED_SOURCE, STUDENT_SOURCE, TUTOR_SOURCE
from attendance_service.store.visibility import TUTOR_IS_CALLER, TUTOR_NAME

_SESSION = """
SELECT s.id, s.whiteboard_id, s.session_date, CAST(s.start_time AS time) AS start_time,
       CAST(s.end_time AS time) AS end_time, CAST(s.status AS text) AS status,
       NULLIF(btrim(s.tutor_attendance_status), '') AS tutor_status,
       NULLIF(btrim(s.student_attendance_status), '') AS student_status,
       {source} AS source, {tutor_source} AS tutor_source, {student_source} AS student_source,
       {moved} AS is_moved, {stored_source} AS stored_source,
       s.attendance_notes AS notes, s.attendance_marked_by AS marked_by, s.attendance_marked_at AS marked_at,
       (SELECT max(decision.id) FROM attendance_decisions AS decision WHERE decision.session_id = s.id)
           AS last_decision_id,
       {course_name} AS course_name,
       {tutor_name} AS tutor_name,
       COALESCE({is_tutor}, roster.tutor_id IS NULL AND roster.whiteboard_tutor_id = :caller, FALSE) AS caller_is_tutor,
       COALESCE(roster.tutor_id IS NOT NULL AND roster.whiteboard_tutor_id = :caller AND NOT ({is_tutor}), FALSE)
           AS caller_is_substitute,
       COALESCE(tutor.user_id, settled.tutor_user_id) AS tutor_user_id, roster.tutor_id,
       roster.whiteboard_tutor_id AS whiteboard_tutor, roster.whiteboard_students, roster.has_settled_list,
       s.enrolled_courses_id AS enrolment_id,
       {settled_etag} AS settled_etag,
       CASE WHEN settled.session_id IS NOT NULL
            THEN ARRAY(SELECT user_id FROM settled_students WHERE session_id = s.id ORDER BY position) END
           AS settled_users,
       ec.course_id AS courses, {flags} AS flags,
       {students} AS students, {is_whiteboards} AS students_are_whiteboards,
       (SELECT count(DISTINCT listed) FROM unnest({roster}) AS listed) AS student_count,
       (SELECT jsonb_build_object('excused', decision.tutor_excused, 'reason', decision.tutor_excuse_reason)
        FROM attendance_decisions AS decision
        WHERE decision.session_id = s.id AND decision.tutor_excused IS NOT NULL
        ORDER BY decision.id DESC LIMIT 1) AS tutor_excuse
FROM sessions AS s
{join_roster}
LEFT JOIN tutor_profiles AS tutor ON tutor.id = roster.tutor_id
LEFT JOIN users AS tutor_user ON tutor_user.id = tutor.user_id
"""

#: Sessions as `:caller` sees them. What `{course_name}` stands for depends on the tables that exist.
SESSIONS = _SESSION.format(
    source=SOURCE,
    moved=MOVED_SINCE_MARKED,
    stored_source=STORED_SOURCE,
    tutor_source=TUTOR_SOURCE,
    student_source=STUDENT_SOURCE,
    flags=FLAGS,
    course_name="{course_name}",
    tutor_name=TUTOR_NAME,
    join_roster=JOIN_ROSTER,
    settled_etag=f"CASE WHEN {IS_AS_JUDGED} THEN settled.etag END",
    students=STUDENTS_OF_SESSION,
    is_whiteboards=IS_WHITEBOARDS,
    roster=ROSTER,
    is_tutor=TUTOR_IS_CALLER.format(tutor_id="roster.tutor_id"),
)
