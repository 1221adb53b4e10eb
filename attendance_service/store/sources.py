"""SQL of where the recorded statuses of a session `s` come from, put together from constants alone.

What was decided before a session begins was decided about another time: the session was moved since. So it does not
count (docs/decisions.md#sessions-that-were-moved). Each statement needs the parameter `:zone`, the session time zone.
"""

from __future__ import annotations

#: When a session begins at the earliest, a minute less: the clocks of service and database may differ a little.
_BEGINS_AT = """((s.session_date + CASE WHEN s.start_time = s.end_time OR s.start_time IS NULL OR s.end_time IS NULL
        THEN time '00:00' ELSE CAST(s.start_time AS time) END) AT TIME ZONE :zone - interval '1 minute')"""

#: Whether the session was moved to a later time after it was marked.
MOVED_SINCE_MARKED = f"COALESCE(s.attendance_marked_at < {_BEGINS_AT}, FALSE)"

#: As it is stored; no source is the default.
STORED_SOURCE = "COALESCE(NULLIF(btrim(s.attendance_source), ''), 'system_default')"

#: Not marked yet: the default.
SOURCE = f"CASE WHEN {MOVED_SINCE_MARKED} THEN 'system_default' ELSE {STORED_SOURCE} END"

#: Source of one person's status: that of the last decision about them (a withdrawal has the default), or else the
#: session's source before its first decision, because it may have been marked before decisions were kept.
_PERSON_SOURCE = f"""CASE WHEN {MOVED_SINCE_MARKED} THEN 'system_default' ELSE COALESCE(
    (SELECT decision.source FROM attendance_decisions AS decision
     WHERE decision.session_id = s.id
       AND (decision.{{person}}_status_after IS NOT NULL OR decision.{{person}}_withdrawn)
       AND COALESCE(decision.decided_at >= {_BEGINS_AT}, TRUE)
     ORDER BY decision.id DESC LIMIT 1),
    (SELECT decision.source_before FROM attendance_decisions AS decision
     WHERE decision.session_id = s.id ORDER BY decision.id LIMIT 1),
    {STORED_SOURCE}) END"""  # noqa: S608 - constants
TUTOR_SOURCE = _PERSON_SOURCE.format(person="tutor")
STUDENT_SOURCE = _PERSON_SOURCE.format(person="student")

#: Whether a person decided on one person's status; a default is never a confirmed status. The first condition follows
#: from the second; it saves reading the decisions about unmarked rows.
_PERSON_MARKED = """({source} <> 'system_default' AND {person_source} <> 'system_default'
    AND NULLIF(btrim(s.{person}_attendance_status), '') IS NOT NULL)"""
TUTOR_MARKED = _PERSON_MARKED.format(source=SOURCE, person_source=TUTOR_SOURCE, person="tutor")
STUDENT_MARKED = _PERSON_MARKED.format(source=SOURCE, person_source=STUDENT_SOURCE, person="student")
