"""SQL of the people whose attendance a session `s` decides; all fragments are constants.

What is recorded about each of them comes with it.
"""

from __future__ import annotations

from attendance_service.domain.caller import CallerRole
from attendance_service.store.settled import HAS_SETTLED_ROSTER
from attendance_service.store.sources import ABOUT_STUDENT, student_source, student_status
from attendance_service.store.visibility import STUDENT_NAME, STUDENT_VISIBLE

#: student_profiles.id of the students whom the whiteboard of a session names. `student_id` is INTEGER in some databases
#: and INTEGER[] in others; as JSON both can be read.
_WHITEBOARD_STUDENTS = """ARRAY(
    SELECT min(own.id)
    FROM whiteboard_people(s.whiteboard_id) AS board
    CROSS JOIN jsonb_path_query(board.student_ids, '$[*] ? (@ != null)') WITH ORDINALITY AS member (id, position)
    JOIN student_profiles AS own ON own.user_id = CAST(member.id AS integer)
    GROUP BY own.user_id
    ORDER BY min(member.position))"""

#: users.id of the students whom a whiteboard `board` names.
_ON_WHITEBOARD = """ARRAY(
    SELECT CAST(member AS integer) FROM jsonb_path_query(board.student_ids, '$[*] ? (@ != null)') AS member)"""
#: Whether the whiteboard's list was settled with the roster, and of the whiteboard that the session has.
_HAS_SETTLED_LIST = """(settled.whiteboard_student_ids IS NOT NULL
    AND settled.whiteboard_id IS NOT DISTINCT FROM s.whiteboard_id)"""
#: Joins to a session its enrolment `ec` and its `roster`: tutor and students of the enrolment, and those whom the
#: whiteboard names. Once the session is settled, the roster is that of this time, and so is the whiteboard's list, as
#: long as the session has the same whiteboard. That one is not read then: it may be on another server.
JOIN_ROSTER = f"""
LEFT JOIN enrolled_courses AS ec ON ec.id = s.enrolled_courses_id
LEFT JOIN settled_sessions AS settled ON settled.session_id = s.id AND {HAS_SETTLED_ROSTER}
LEFT JOIN LATERAL whiteboard_people(CASE WHEN NOT {_HAS_SETTLED_LIST} THEN s.whiteboard_id END)
    AS board ON TRUE
CROSS JOIN LATERAL (
    SELECT ec.tutor_id, ec.students_id, board.tutor_id AS whiteboard_tutor_id, {_ON_WHITEBOARD} AS whiteboard_students,
           FALSE AS has_settled_list
    WHERE settled.session_id IS NULL
    UNION ALL
    SELECT settled.tutor_id,
           ARRAY(SELECT student.student_id FROM settled_students AS student
                 WHERE student.session_id = s.id AND student.student_id IS NOT NULL ORDER BY student.position),
           CASE WHEN list.is_settled THEN settled.whiteboard_tutor_id ELSE board.tutor_id END,
           CASE WHEN list.is_settled THEN settled.whiteboard_student_ids ELSE {_ON_WHITEBOARD} END,
           list.is_settled
    FROM (SELECT {_HAS_SETTLED_LIST} AS is_settled) AS list
    WHERE settled.session_id IS NOT NULL
) AS roster
"""  # noqa: S608 - constants

#: Whether the enrolment names nobody, so that the students are the whiteboard's.
IS_WHITEBOARDS = "(settled.session_id IS NULL AND COALESCE(cardinality(roster.students_id), 0) = 0)"

#: student_profiles.id of the students, in the order of their enrolment; an enrolment may name one twice, or one whose
#: profile no longer exists.
ROSTER = f"CASE WHEN {IS_WHITEBOARDS} THEN {_WHITEBOARD_STUDENTS} ELSE roster.students_id END"

#: The same where the roster is not at hand. It is read by its key, and only if the rest of the condition needs it.
ROSTER_OF_SESSION = f"(SELECT {ROSTER} FROM (VALUES (1)) AS one {JOIN_ROSTER})"  # noqa: S608 - constants


def is_class(roster: str) -> str:
    """Return the SQL of whether there are several students, each with a status of their own."""
    return f"(SELECT count(DISTINCT listed) > 1 FROM unnest({roster}) AS listed)"  # noqa: S608 - constants


_ROWS_OF_STUDENT = """attendance_student_decisions AS about
        JOIN attendance_decisions AS decision ON decision.id = about.decision_id
        WHERE about.session_id = s.id AND about.student_id = student.id"""

#: The students of a session `s` with its `roster`, as a list of JSON objects; NULL if there is none. Whoever decided
#: on a student, gave a note or an excuse last counts for each of these by itself.
STUDENTS_OF_SESSION = f"""(
    SELECT jsonb_agg(jsonb_build_object(
               'id', student.id, 'user_id', student.user_id, 'name', {STUDENT_NAME},
               'is_caller', COALESCE({STUDENT_VISIBLE[CallerRole.STUDENT]}, FALSE),
               'is_child_of_caller', {STUDENT_VISIBLE[CallerRole.PARENT]},
               'status', {student_status("student.id", is_class="listed.members > 1")},
               'source', {student_source("student.id")},
               'marked_by', decided.decided_by, 'marked_at', decided.decided_at, 'role', decided.decided_by_role,
               'last_decision_id', decided.last_id,
               'note', noted.note, 'noted_by_role', noted.decided_by_role,
               'excused', excuse.excused, 'excuse_reason', excuse.excuse_reason
           ) ORDER BY listed.position)
    FROM (SELECT id, min(position) AS position, count(*) OVER () AS members
          FROM unnest({ROSTER}) WITH ORDINALITY AS named (id, position) WHERE id IS NOT NULL GROUP BY id) AS listed
    JOIN student_profiles AS student ON student.id = listed.id
    LEFT JOIN users AS student_user ON student_user.id = student.user_id
    LEFT JOIN LATERAL (
        SELECT decision.decided_by, decision.decided_at, decision.decided_by_role,
               (SELECT max(about.decision_id) FROM attendance_student_decisions AS about
                WHERE about.session_id = s.id AND about.student_id = student.id) AS last_id
        FROM {ABOUT_STUDENT.format(student="student.id")}
        ORDER BY about.decision_id DESC LIMIT 1) AS decided ON TRUE
    LEFT JOIN LATERAL (
        SELECT about.note, decision.decided_by_role FROM {_ROWS_OF_STUDENT} AND about.note IS NOT NULL
        ORDER BY about.decision_id DESC LIMIT 1) AS noted ON TRUE
    LEFT JOIN LATERAL (
        SELECT about.excused, about.excuse_reason FROM {_ROWS_OF_STUDENT} AND about.excused IS NOT NULL
        ORDER BY about.decision_id DESC LIMIT 1) AS excuse ON TRUE)"""  # noqa: S608 - constants
