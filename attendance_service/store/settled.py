"""SQL of whether a session `s` is settled: `settled` is its row of settled_sessions; put together from constants alone.

What was judged by other facts than the session has now says nothing about it (docs/suggestions.md#settling).
"""

from __future__ import annotations

_IS_CANCELLED = r"COALESCE(lower(btrim(s.status, E' \t\n\r')) = 'cancelled', FALSE)"

#: Whether the roster is frozen: the session is settled, and has the same time and enrolment as then.
HAS_SETTLED_ROSTER = """(settled.judged_at IS NOT NULL
    AND (settled.session_date, settled.start_time, settled.end_time, settled.enrolled_courses_id)
        IS NOT DISTINCT FROM
        (s.session_date, CAST(s.start_time AS time), CAST(s.end_time AS time), s.enrolled_courses_id))"""

#: Whether what is suggested about it still counts: nothing that it was judged by has changed.
IS_AS_JUDGED = f"""({HAS_SETTLED_ROSTER}
    AND settled.whiteboard_id IS NOT DISTINCT FROM s.whiteboard_id AND settled.cancelled = {_IS_CANCELLED})"""

#: Joins to a session its enrolment `ec` and its `roster`: tutor and students of the enrolment, and the tutor of the
#: whiteboard. Once the session is settled, the roster is that of this time.
JOIN_ROSTER = f"""
LEFT JOIN enrolled_courses AS ec ON ec.id = s.enrolled_courses_id
LEFT JOIN whiteboard_sessions AS board ON board.id = s.whiteboard_id
LEFT JOIN settled_sessions AS settled ON settled.session_id = s.id AND {HAS_SETTLED_ROSTER}
CROSS JOIN LATERAL (
    SELECT ec.tutor_id, ec.students_id, board.tutor_id AS whiteboard_tutor_id WHERE settled.session_id IS NULL
    UNION ALL
    SELECT settled.tutor_id,
           ARRAY(SELECT student.student_id FROM settled_students AS student
                 WHERE student.session_id = s.id AND student.student_id IS NOT NULL ORDER BY student.position),
           settled.whiteboard_tutor_id
    WHERE settled.session_id IS NOT NULL
) AS roster
"""  # noqa: S608 - constants
