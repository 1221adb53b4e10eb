"""Recording decisions, and reading them back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy.engine import Connection

from attendance_service.domain.caller import Caller
from attendance_service.domain.decision import Decision, Evidence, KeptSuggestion, RecordedDecision
from attendance_service.domain.errors import CallerUnknown
from attendance_service.domain.limits import limits_of
from attendance_service.domain.policy import Policy
from attendance_service.domain.session import TutoringSession
from attendance_service.store.decision_statements import (
    CALLER_EXISTS,
    DECISIONS,
    INSERT_DECISION,
    LAST_EVIDENCE,
    LOCK_SESSION,
    LOCK_TIMEOUT,
    UPDATE_NOTES,
    UPDATE_STATUSES,
)
from attendance_service.store.sessions import SessionStore
from servicekit.database.engine import Database
from servicekit.identifiers import TutoringSessionId


class DecisionStore:
    """The append-only record of decisions, and the outcome that stands in sessions."""

    def __init__(self, database: Database, sessions: SessionStore) -> None:
        """Nothing is read yet."""
        self._database = database
        self._sessions = sessions

    def record(
        self,
        session_id: TutoringSessionId,
        caller: Caller,
        evidence: Evidence | None,
        policy: Policy,
        decide: Callable[[TutoringSession], Decision],
    ) -> tuple[Decision, TutoringSession]:
        """Decide on the session as it stands and write the outcome, in one transaction; return it as stored.

        `decide` is given the session with its row locked, and may refuse; `policy` is the one in force, and is kept
        with the decision. SessionNotFound, CallerUnknown.
        """
        with self._database.transaction() as connection:
            _lock(connection, session_id, caller)
            before = self._sessions.read(connection, session_id, caller)
            decision = decide(before)
            _update_session(connection, before, caller, decision)
            connection.execute(INSERT_DECISION, _row(before, caller, decision, evidence, policy))
            return decision, self._sessions.read(connection, session_id, caller)

    def history(
        self, session_id: TutoringSessionId, *, before_id: int | None, size: int
    ) -> tuple[RecordedDecision, ...]:
        """Return the decisions about a session, newest first."""
        parameters = {"session_id": session_id, "before_id": before_id, "page_size": size}
        with self._database.transaction() as connection:
            rows = connection.execute(DECISIONS, parameters).mappings().all()
        return tuple(RecordedDecision(**row) for row in rows)

    def last_suggestion(self, session_id: TutoringSessionId) -> KeptSuggestion | None:
        """Return what the last decision that had evidence was taken on."""
        with self._database.transaction() as connection:
            row = connection.execute(LAST_EVIDENCE, {"session_id": session_id}).one_or_none()
        if row is None:
            return None
        policy = Policy(version=row.policy_version, limits=limits_of(row.limits))
        return KeptSuggestion(evidence=row.evidence, policy=policy)


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
    }


def _lock(connection: Connection, session_id: TutoringSessionId, caller: Caller) -> None:
    connection.execute(LOCK_TIMEOUT)
    connection.execute(LOCK_SESSION, {"session_id": session_id})
    if not connection.execute(CALLER_EXISTS, {"caller": caller.user_id}).scalar_one():
        raise CallerUnknown


def _update_session(connection: Connection, before: TutoringSession, caller: Caller, decision: Decision) -> None:
    if decision.decides_a_status:
        connection.execute(
            UPDATE_STATUSES,
            {
                "session_id": before.id,
                "caller": caller.user_id,
                "source": decision.source,
                "tutor_status": decision.tutor_status,
                "student_status": decision.student_status,
            },
        )
    if decision.notes is not None:
        connection.execute(UPDATE_NOTES, {"session_id": before.id, "notes": decision.notes})
