"""Writing the ledger: one row per decision, and one for each student whom it is about (docs/decisions.md#ledger)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection

from attendance_service.domain.caller import Caller
from attendance_service.domain.decision import Decision, Evidence, ShownSuggestion, StudentDecision
from attendance_service.domain.policy import Policy
from attendance_service.domain.session import TutoringSession
from attendance_service.domain.vocabulary import AttendanceSource
from attendance_service.domain.withdrawal import Withdrawal

INSERT_DECISION = text("""
INSERT INTO attendance_decisions
    (session_id, decided_by, decided_by_role, source, source_before, tutor_status_before, tutor_status_after,
     student_status_before, student_status_after, notes, evidence, suggestion_etag, limits, policy_version,
     tutor_withdrawn, student_withdrawn, tutor_excused, tutor_excuse_reason)
VALUES
    (:session_id, :caller, :role, :source, :source_before, :tutor_before, :tutor_after, :student_before, :student_after,
     :notes, CAST(:evidence AS jsonb), :suggestion_etag, CAST(:limits AS jsonb), :policy_version,
     :tutor_withdrawn, :student_withdrawn, :tutor_excused, :tutor_excuse_reason)
RETURNING id
""")

INSERT_STUDENT_DECISION = text("""
INSERT INTO attendance_student_decisions
    (decision_id, session_id, student_id, status_before, status_after, source, source_before, withdrawn, note, excused,
     excuse_reason, suggested, confidence, reason)
VALUES
    (:decision_id, :session_id, :student_id, :status_before, :status_after, :source, :source_before, :withdrawn, :note,
     :excused, :excuse_reason, :suggested, :confidence, :reason)
""")


def write_decision(
    connection: Connection,
    before: TutoringSession,
    caller: Caller,
    decision: Decision,
    *,
    evidence: Evidence | None,
    policy: Policy,
) -> int:
    """Write a decision and return its id; `before` is the session as it was."""
    row = _row(before, caller, decision, evidence, policy)
    return _write(connection, before, row, decision.students, evidence)


def write_withdrawal(
    connection: Connection, before: TutoringSession, caller: Caller, withdrawal: Withdrawal, *, policy: Policy
) -> None:
    """Write a withdrawal; `before` is the session as it was."""
    nothing = Decision(
        source=AttendanceSource.SYSTEM_DEFAULT, tutor_status=None, student_status=None, notes=withdrawal.notes or None
    )
    row = _row(before, caller, nothing, None, policy) | {
        "tutor_before": before.attendance.tutor_status if withdrawal.tutor else None,
        "student_before": before.attendance.student_status if withdrawal.student else None,
        "tutor_withdrawn": withdrawal.tutor,
        "student_withdrawn": withdrawal.student,
        "tutor_excused": False if withdrawal.tutor and before.attendance.tutor_excused else None,
    }
    _write(connection, before, row, withdrawal.students, None)


def _write(
    connection: Connection,
    before: TutoringSession,
    row: dict[str, Any],
    students: Iterable[StudentDecision],
    evidence: Evidence | None,
) -> int:
    decision_id: int = connection.execute(INSERT_DECISION, row).scalar_one()
    rows = [_student_row(decision_id, before, student, evidence) for student in students]
    if rows:
        connection.execute(INSERT_STUDENT_DECISION, rows)
    return decision_id


def _row(
    before: TutoringSession, caller: Caller, decision: Decision, evidence: Evidence | None, policy: Policy
) -> dict[str, Any]:
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
        "evidence": None if evidence is None else json.dumps(evidence.document),
        "suggestion_etag": None if evidence is None else evidence.etag,
        "limits": json.dumps(policy.limits.as_document()),
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
