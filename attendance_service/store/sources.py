"""SQL of where the recorded statuses of a session `s` come from, put together from constants alone."""

from __future__ import annotations

#: Not marked yet: no source, or the default.
SOURCE = "COALESCE(NULLIF(btrim(s.attendance_source), ''), 'system_default')"

#: Source of one person's status: that of the last decision about them (a withdrawal has the default), or else the
#: session's source before its first decision, because it may have been marked before decisions were kept.
_PERSON_SOURCE = f"""COALESCE(
    (SELECT decision.source FROM attendance_decisions AS decision
     WHERE decision.session_id = s.id
       AND (decision.{{person}}_status_after IS NOT NULL OR decision.{{person}}_withdrawn)
     ORDER BY decision.id DESC LIMIT 1),
    (SELECT decision.source_before FROM attendance_decisions AS decision
     WHERE decision.session_id = s.id ORDER BY decision.id LIMIT 1),
    {SOURCE})"""  # noqa: S608 - constants
TUTOR_SOURCE = _PERSON_SOURCE.format(person="tutor")
STUDENT_SOURCE = _PERSON_SOURCE.format(person="student")

#: Whether a person decided on one person's status; a default is never a confirmed status. The first condition follows
#: from the second; it saves reading the decisions about unmarked rows.
_PERSON_MARKED = """({source} <> 'system_default' AND {person_source} <> 'system_default'
    AND NULLIF(btrim(s.{person}_attendance_status), '') IS NOT NULL)"""
TUTOR_MARKED = _PERSON_MARKED.format(source=SOURCE, person_source=TUTOR_SOURCE, person="tutor")
STUDENT_MARKED = _PERSON_MARKED.format(source=SOURCE, person_source=STUDENT_SOURCE, person="student")
