"""SQL of where the recorded statuses of a session `s` come from, put together from constants alone.

What was decided before a session begins was decided about another time: the session was moved since. So it does not
count (docs/decisions.md#sessions-that-were-moved). Each statement needs the parameter `:zone`, the session time zone.
"""

from __future__ import annotations

#: When a session begins at the earliest, a minute less: the clocks of service and database may differ a little.
BEGINS_AT = """((s.session_date + CASE WHEN s.start_time = s.end_time OR s.start_time IS NULL OR s.end_time IS NULL
        THEN time '00:00' ELSE CAST(s.start_time AS time) END) AT TIME ZONE :zone - interval '1 minute')"""

#: When a session is over. Without times of its own it lasts until the end of its day.
ENDS_AT = """((s.session_date + CASE
        WHEN s.start_time = s.end_time OR s.start_time IS NULL OR s.end_time IS NULL THEN interval '1 day'
        ELSE CAST(CAST(s.end_time AS time) AS interval)
             + CASE WHEN s.end_time < s.start_time THEN interval '1 day' ELSE interval '0' END
    END) AT TIME ZONE :zone)"""

#: Whether the session was moved to a later time after it was marked.
MOVED_SINCE_MARKED = f"COALESCE(s.attendance_marked_at < {BEGINS_AT}, FALSE)"

#: As it is stored; no source is the default.
STORED_SOURCE = "COALESCE(NULLIF(btrim(s.attendance_source), ''), 'system_default')"

#: Not marked yet: the default.
SOURCE = f"CASE WHEN {MOVED_SINCE_MARKED} THEN 'system_default' ELSE {STORED_SOURCE} END"

#: What the ledger says about the tutor, or about the class as a whole: the source of the last decision about them (a
#: withdrawal has the default), or else the session's source before its first decision, because it may have been marked
#: before decisions were kept.
_DECIDED_SOURCE = f"""(SELECT decision.source FROM attendance_decisions AS decision
     WHERE decision.session_id = s.id
       AND (decision.{{person}}_status_after IS NOT NULL OR decision.{{person}}_withdrawn)
       AND COALESCE(decision.decided_at >= {BEGINS_AT}, TRUE)
     ORDER BY decision.id DESC LIMIT 1)"""  # noqa: S608 - constants
_SOURCE_BEFORE_LEDGER = """(SELECT decision.source_before FROM attendance_decisions AS decision
     WHERE decision.session_id = s.id ORDER BY decision.id LIMIT 1)"""
TUTOR_SOURCE = f"""CASE WHEN {MOVED_SINCE_MARKED} THEN 'system_default' ELSE COALESCE(
    {_DECIDED_SOURCE.format(person="tutor")}, {_SOURCE_BEFORE_LEDGER}, {STORED_SOURCE}) END"""

#: Whether the ledger says anything about single students of the session.
_HAS_STUDENT_ROWS = """EXISTS (SELECT FROM attendance_student_decisions AS about WHERE about.session_id = s.id)"""
#: Whether it says anything about another student: then the documented column may be about that one.
_HAS_OTHER_STUDENTS = """EXISTS (SELECT FROM attendance_student_decisions AS about
    WHERE about.session_id = s.id AND about.student_id <> {student})"""
#: Decisions about the status of the student `{student}`, as far as they count for the session at its present time.
ABOUT_STUDENT = f"""attendance_student_decisions AS about
     JOIN attendance_decisions AS decision ON decision.id = about.decision_id
     WHERE about.session_id = s.id AND about.student_id = {{student}}
       AND (about.status_after IS NOT NULL OR about.withdrawn)
       AND COALESCE(decision.decided_at >= {BEGINS_AT}, TRUE)"""

#: Source of the status of one student. Where the ledger does not name the student, they joined later, or were moved to
#: another time with the session: then nobody has decided on them. But where it names no student at all, the source is
#: that of the class, and before the first decision it is that of the session.
_STUDENT_SOURCE = f"""CASE WHEN {MOVED_SINCE_MARKED} THEN 'system_default' ELSE COALESCE(
    (SELECT about.source FROM {ABOUT_STUDENT} ORDER BY about.decision_id DESC LIMIT 1),
    CASE WHEN EXISTS (SELECT FROM attendance_student_decisions AS about
                      WHERE about.session_id = s.id AND about.student_id = {{student}}) THEN 'system_default'
         WHEN NOT {_HAS_STUDENT_ROWS} THEN {_DECIDED_SOURCE.format(person="student")} END,
    {_SOURCE_BEFORE_LEDGER}, {STORED_SOURCE}) END"""  # noqa: S608 - constants

#: Source of the status of the student, or in a class of the last decision about any of them that stands.
STUDENT_SOURCE = f"""CASE WHEN {MOVED_SINCE_MARKED} THEN 'system_default' WHEN {_HAS_STUDENT_ROWS} THEN COALESCE(
    (SELECT last.source FROM (
        SELECT DISTINCT ON (about.student_id) about.decision_id, about.source, about.withdrawn
        FROM {ABOUT_STUDENT.format(student="about.student_id")}
        ORDER BY about.student_id, about.decision_id DESC) AS last
     WHERE NOT last.withdrawn ORDER BY last.decision_id DESC LIMIT 1), 'system_default')
    ELSE COALESCE({_DECIDED_SOURCE.format(person="student")}, {_SOURCE_BEFORE_LEDGER}, {STORED_SOURCE})
    END"""  # noqa: S608 - constants

#: Whether a person decided on the tutor's status; a default is never a confirmed status. The first condition follows
#: from the second; it saves reading the decisions about unmarked rows.
TUTOR_MARKED = f"""({SOURCE} <> 'system_default' AND {TUTOR_SOURCE} <> 'system_default'
    AND NULLIF(btrim(s.tutor_attendance_status), '') IS NOT NULL)"""


def student_source(student: str) -> str:
    """Return the SQL of the source of one student's status; `student` is the SQL of their student_profiles.id."""
    return _STUDENT_SOURCE.format(student=student)


def student_status(student: str, *, is_class: str) -> str:
    """Return the SQL of one student's status, whether or not somebody has decided on it.

    With a single student the documented column has it, because other programs may write it; in a class (`is_class`, or
    once decided on as one) the ledger has each student's, and before its first row the column.
    """
    has_own = f"{is_class} AND {_HAS_STUDENT_ROWS} OR {_HAS_OTHER_STUDENTS.format(student=student)}"
    return f"""CASE WHEN {has_own} THEN COALESCE(
        (SELECT about.status_after FROM {ABOUT_STUDENT.format(student=student)}
         ORDER BY about.decision_id DESC LIMIT 1),
        (SELECT decision.student_status_before FROM attendance_decisions AS decision
         WHERE decision.session_id = s.id AND (decision.student_status_after IS NOT NULL OR decision.student_withdrawn)
         ORDER BY decision.id LIMIT 1))
        ELSE NULLIF(btrim(s.student_attendance_status), '') END"""  # noqa: S608 - constants
