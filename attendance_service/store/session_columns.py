"""Writing what was decided into the documented columns of sessions."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import TextClause, text
from sqlalchemy.engine import Connection

from attendance_service.domain.caller import Caller
from attendance_service.domain.decision import Decision
from attendance_service.domain.session import TutoringSession
from attendance_service.domain.vocabulary import AttendanceSource
from attendance_service.domain.withdrawal import Withdrawal
from servicekit.identifiers import TutoringSessionId

#: A status that is not decided on is kept.
UPDATE_STATUSES = text("""
UPDATE sessions
SET tutor_attendance_status = COALESCE(decided.tutor_status, tutor_attendance_status),
    student_attendance_status = COALESCE(decided.student_status, student_attendance_status),
    attendance_source = decided.source, attendance_marked_by = :caller, attendance_marked_at = now()
FROM jsonb_to_recordset(CAST(:decided AS jsonb))
    AS decided (session_id INTEGER, tutor_status TEXT, student_status TEXT, source TEXT)
WHERE sessions.id = decided.session_id
""")

#: Notes alone do not change who decided on the statuses, so source, marker and time are kept.
UPDATE_NOTES = text("UPDATE sessions SET attendance_notes = NULLIF(:notes, '') WHERE id = :session_id")

#: Nobody is marked any more: the row is as that of a new session.
WITHDRAW_ALL = text("""
UPDATE sessions
SET tutor_attendance_status = DEFAULT, student_attendance_status = DEFAULT, attendance_source = :source,
    attendance_marked_by = NULL, attendance_marked_at = NULL
WHERE id = :session_id
""")

#: Who decided last on the people of one role, and when, as far as the ledger says.
_MARKED_BY = """
    (attendance_marked_by, attendance_marked_at) = (
        SELECT COALESCE(:marked_by, last.decided_by, sessions.attendance_marked_by),
               COALESCE(:marked_at, last.decided_at, sessions.attendance_marked_at)
        FROM (VALUES (1)) AS one
        LEFT JOIN (SELECT decided_by, decided_at FROM attendance_decisions
                   WHERE session_id = :session_id AND {remaining}_status_after IS NOT NULL
                   ORDER BY id DESC LIMIT 1) AS last ON TRUE)"""
#: A status that nobody decides on any more is the table's default again.
_NO_TUTOR = "tutor_attendance_status = DEFAULT"
_NO_STUDENT = "student_attendance_status = DEFAULT"
_OTHER_STUDENTS = "student_attendance_status = :student_status"
_BY_STUDENTS, _BY_TUTOR = _MARKED_BY.format(remaining="student"), _MARKED_BY.format(remaining="tutor")


def withdraw_from_session(connection: Connection, session_id: TutoringSessionId, withdrawal: Withdrawal) -> None:
    """Write what is left of the record."""
    parameters = {
        "session_id": session_id,
        "source": withdrawal.remaining_source,
        "student_status": withdrawal.student_status,
        "marked_by": withdrawal.marked_by,
        "marked_at": withdrawal.marked_at,
    }
    connection.execute(_withdrawal_statement(withdrawal), parameters)
    if withdrawal.stored_notes is not None:
        connection.execute(UPDATE_NOTES, {"session_id": session_id, "notes": withdrawal.stored_notes})


def _withdrawal_statement(withdrawal: Withdrawal) -> TextClause:
    if withdrawal.remaining_source == AttendanceSource.SYSTEM_DEFAULT:
        return WITHDRAW_ALL
    changes = [_NO_TUTOR] if withdrawal.tutor else []
    if withdrawal.student:
        changes.append(_NO_STUDENT if withdrawal.student_status is None else _OTHER_STUDENTS)
    marked_by = _BY_STUDENTS if withdrawal.tutor else _BY_TUTOR
    return text(
        f"UPDATE sessions SET {', '.join(changes)}, attendance_source = :source, {marked_by} WHERE id = :session_id"  # noqa: S608 - constants
    )


def update_sessions(
    connection: Connection, caller: Caller, decisions: Sequence[tuple[TutoringSession, Decision]]
) -> None:
    """Write what was decided about sessions."""
    decided = [
        {
            "session_id": session.id,
            "tutor_status": decision.tutor_status,
            "student_status": decision.student_status,
            "source": decision.source,
        }
        for session, decision in decisions
        if decision.decides_a_status
    ]
    if decided:
        connection.execute(UPDATE_STATUSES, {"caller": caller.user_id, "decided": json.dumps(decided)})
    for session, decision in decisions:
        notes = decision.notes if decision.stored_notes is None else decision.stored_notes
        if notes is not None:
            connection.execute(UPDATE_NOTES, {"session_id": session.id, "notes": notes})
