"""Writing the ledger: one row per decision, and one for each student whom it is about (docs/decisions.md#ledger)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection

from attendance_service.domain.caller import Caller
from attendance_service.domain.decision import Decision, Evidence, ShownSuggestion, StudentDecision
from attendance_service.domain.policy import Policy
from attendance_service.domain.session import TutoringSession
from attendance_service.domain.vocabulary import AttendanceSource
from attendance_service.domain.withdrawal import Withdrawal
from servicekit.identifiers import TutoringSessionId

INSERT_DECISIONS = text("""
INSERT INTO attendance_decisions
    (session_id, decided_by, decided_by_role, source, source_before, tutor_status_before, tutor_status_after,
     student_status_before, student_status_after, notes, evidence, suggestion_etag, limits, policy_version,
     tutor_withdrawn, student_withdrawn, tutor_excused, tutor_excuse_reason)
SELECT session_id, caller, role, source, source_before, tutor_before, tutor_after, student_before, student_after,
       notes, evidence, suggestion_etag, limits, policy_version, tutor_withdrawn, student_withdrawn, tutor_excused,
       tutor_excuse_reason
FROM jsonb_to_recordset(CAST(:decisions AS jsonb)) AS decision (
    session_id INTEGER, caller INTEGER, role TEXT, source TEXT, source_before TEXT, tutor_before TEXT, tutor_after TEXT,
    student_before TEXT, student_after TEXT, notes TEXT, evidence JSONB, suggestion_etag TEXT, limits JSONB,
    policy_version INTEGER, tutor_withdrawn BOOLEAN, student_withdrawn BOOLEAN, tutor_excused BOOLEAN,
    tutor_excuse_reason TEXT)
RETURNING session_id, id
""")

INSERT_STUDENT_DECISIONS = text("""
INSERT INTO attendance_student_decisions
    (decision_id, session_id, student_id, status_before, status_after, source, source_before, withdrawn, note, excused,
     excuse_reason, suggested, confidence, reason)
SELECT decision_id, session_id, student_id, status_before, status_after, source, source_before, withdrawn, note,
       excused, excuse_reason, suggested, confidence, reason
FROM jsonb_to_recordset(CAST(:students AS jsonb)) AS about (
    decision_id BIGINT, session_id INTEGER, student_id INTEGER, status_before TEXT, status_after TEXT, source TEXT,
    source_before TEXT, withdrawn BOOLEAN, note TEXT, excused BOOLEAN, excuse_reason TEXT, suggested TEXT,
    confidence TEXT, reason TEXT)
""")


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerEntry:
    """A decision about one session, with what it rests on."""

    #: The session as it was.
    before: TutoringSession
    decision: Decision
    evidence: Evidence | None
    #: The policy in force.
    policy: Policy


def write_decisions(
    connection: Connection, caller: Caller, entries: Iterable[LedgerEntry]
) -> dict[TutoringSessionId, int]:
    """Write decisions about different sessions, with as many statements as for one; return their ids."""
    return _write(connection, [(_row(entry, caller), entry) for entry in entries])


def write_withdrawal(
    connection: Connection, before: TutoringSession, caller: Caller, withdrawal: Withdrawal, *, policy: Policy
) -> None:
    """Write a withdrawal; `before` is the session as it was."""
    nothing = Decision(
        source=AttendanceSource.SYSTEM_DEFAULT, tutor_status=None, student_status=None, notes=withdrawal.notes or None
    )
    entry = LedgerEntry(
        before=before, decision=replace(nothing, students=withdrawal.students), evidence=None, policy=policy
    )
    row = _row(entry, caller) | {
        "tutor_before": before.attendance.tutor_status if withdrawal.tutor else None,
        "student_before": before.attendance.student_status if withdrawal.student else None,
        "tutor_withdrawn": withdrawal.tutor,
        "student_withdrawn": withdrawal.student,
        "tutor_excused": False if withdrawal.tutor and before.attendance.tutor_excused else None,
    }
    _write(connection, [(row, entry)])


def _write(connection: Connection, rows: Sequence[tuple[dict[str, Any], LedgerEntry]]) -> dict[TutoringSessionId, int]:
    decisions = json.dumps([row for row, _ in rows])
    inserted = connection.execute(INSERT_DECISIONS, {"decisions": decisions}).mappings()
    ids = {TutoringSessionId(row["session_id"]): int(row["id"]) for row in inserted}
    students = [
        _student_row(ids[entry.before.id], entry.before, student, entry.evidence)
        for _, entry in rows
        for student in entry.decision.students
    ]
    if students:
        connection.execute(INSERT_STUDENT_DECISIONS, {"students": json.dumps(students)})
    return ids


def _row(entry: LedgerEntry, caller: Caller) -> dict[str, Any]:
    before, decision, evidence, policy = entry.before, entry.decision, entry.evidence, entry.policy
    attendance = before.attendance
    return {
        "session_id": before.id,
        "caller": caller.user_id,
        "role": caller.role,
        "source": decision.source,
        "source_before": attendance.source,
        "tutor_before": None if decision.tutor_status is None else attendance.tutor_status,
        "tutor_after": decision.tutor_status,
        "student_before": None if decision.student_status is None else attendance.student_status,
        "student_after": decision.student_status,
        "notes": decision.notes,
        "evidence": None if evidence is None else evidence.document,
        "suggestion_etag": None if evidence is None else evidence.etag,
        "limits": policy.limits.as_document(),
        "policy_version": policy.version,
        "tutor_withdrawn": False,
        "student_withdrawn": False,
        "tutor_excused": decision.tutor_excused,
        "tutor_excuse_reason": decision.tutor_excuse_reason,
    }


def _student_row(
    decision_id: int, before: TutoringSession, decision: StudentDecision, evidence: Evidence | None
) -> dict[str, Any]:
    has_evidence = evidence is not None and decision.status is not None
    shown = evidence.about(decision.student) if evidence is not None and has_evidence else ShownSuggestion()
    return {
        "decision_id": decision_id,
        "session_id": before.id,
        "student_id": decision.student.id,
        "status_before": decision.before.status if decision.changes_status else None,
        "status_after": decision.status,
        "source": decision.source,
        "source_before": decision.before.source,
        "withdrawn": decision.withdrawn,
        "note": decision.note,
        "excused": decision.excused,
        "excuse_reason": decision.excuse_reason,
        "suggested": shown.status,
        "confidence": shown.confidence,
        "reason": shown.reason,
    }
