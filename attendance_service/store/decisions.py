"""Recording decisions and reading them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.engine import Connection

from attendance_service.domain.caller import Caller
from attendance_service.domain.decision import Decision, Evidence, RecordedDecision, RecordedSuggestion
from attendance_service.domain.errors import CallerUnknown
from attendance_service.domain.listing import Page, PageRequest
from attendance_service.domain.policy import Policy, limits_of
from attendance_service.domain.precedence import LastDeciders
from attendance_service.domain.session import TutoringSession
from attendance_service.domain.vocabulary import AttendanceSource
from attendance_service.domain.withdrawal import Withdrawal
from attendance_service.store.executor import DatabaseExecutor, select
from attendance_service.store.sessions import SessionStore
from servicekit.identifiers import TutoringSessionId

#: How long to wait while another decision about the session is written; then the caller must retry.
LOCK_TIMEOUT = text("SELECT set_config('lock_timeout', '3s', true)")

#: One decision at a time about one session. The session is read after this, in a snapshot of its own.
LOCK_SESSION = text("SELECT id FROM sessions WHERE id = :session_id FOR UPDATE")

#: The deciding user must exist: both tables refer to them.
CALLER_EXISTS = text("SELECT EXISTS (SELECT FROM users WHERE id = :caller)")

#: Who decided last on each status, and who gave notes last.
LAST_DECIDERS = text("""
SELECT
    (SELECT CASE WHEN tutor_withdrawn THEN NULL ELSE decided_by_role END FROM attendance_decisions
     WHERE session_id = :session_id AND (tutor_status_after IS NOT NULL OR tutor_withdrawn)
     ORDER BY id DESC LIMIT 1) AS tutor_status,
    (SELECT CASE WHEN student_withdrawn THEN NULL ELSE decided_by_role END FROM attendance_decisions
     WHERE session_id = :session_id AND (student_status_after IS NOT NULL OR student_withdrawn)
     ORDER BY id DESC LIMIT 1) AS student_status,
    noted.decided_by_role AS notes, noted.notes AS notes_given
FROM (VALUES (1)) AS one
LEFT JOIN (
    SELECT decided_by_role, notes FROM attendance_decisions
    WHERE session_id = :session_id AND notes IS NOT NULL AND NOT (tutor_withdrawn OR student_withdrawn)
    ORDER BY id DESC LIMIT 1
) AS noted ON TRUE
""")

#: The outcome. A status that is not decided on is kept.
UPDATE_STATUSES = text("""
UPDATE sessions
SET tutor_attendance_status = COALESCE(:tutor_status, tutor_attendance_status),
    student_attendance_status = COALESCE(:student_status, student_attendance_status),
    attendance_source = :source, attendance_marked_by = :caller, attendance_marked_at = now()
WHERE id = :session_id
""")

#: Notes alone do not change who decided on the statuses, so source, marker and time are kept.
UPDATE_NOTES = text("UPDATE sessions SET attendance_notes = NULLIF(:notes, '') WHERE id = :session_id")

#: Statuses that nobody decides on any more are the table's defaults again, as in a new session.
_WITHDRAWN = "{person}_attendance_status = DEFAULT, attendance_source = :source"
#: Who decided on the other person, and when, as far as the ledger says.
_MARKED_BY_REMAINING = """
    (attendance_marked_by, attendance_marked_at) = (
        SELECT COALESCE(last.decided_by, sessions.attendance_marked_by),
               COALESCE(last.decided_at, sessions.attendance_marked_at)
        FROM (VALUES (1)) AS one
        LEFT JOIN (SELECT decided_by, decided_at FROM attendance_decisions
                   WHERE session_id = :session_id AND {other}_status_after IS NOT NULL
                   ORDER BY id DESC LIMIT 1) AS last ON TRUE)"""
#: Nobody is marked any more.
WITHDRAW_BOTH = text(f"""
UPDATE sessions
SET student_attendance_status = DEFAULT, {_WITHDRAWN.format(person="tutor")},
    attendance_marked_by = NULL, attendance_marked_at = NULL
WHERE id = :session_id
""")  # noqa: S608 - constants
#: Of one person, while the other one stays marked.
WITHDRAW_ONE = {
    person: text(f"""
UPDATE sessions SET {_WITHDRAWN.format(person=person)}, {_MARKED_BY_REMAINING.format(other=other)}
WHERE id = :session_id
""")  # noqa: S608 - constants
    for person, other in (("tutor", "student"), ("student", "tutor"))
}

#: The same decision in the ledger (docs/decisions.md#ledger).
INSERT_DECISION = text("""
INSERT INTO attendance_decisions
    (session_id, decided_by, decided_by_role, source, source_before, tutor_status_before, tutor_status_after,
     student_status_before, student_status_after, notes, evidence, suggestion_etag, limits, policy_version,
     tutor_withdrawn, student_withdrawn)
VALUES
    (:session_id, :caller, :role, :source, :source_before, :tutor_before, :tutor_after, :student_before, :student_after,
     :notes, CAST(:evidence AS jsonb), :suggestion_etag, CAST(:limits AS jsonb), :policy_version,
     :tutor_withdrawn, :student_withdrawn)
""")

#: A session's decisions, newest first, below the last one of the page before.
DECISIONS = text("""
SELECT decision.id, decision.decided_at, decision.decided_by,
       btrim(concat_ws(' ', decider.first_name, decider.father_name)) AS decided_by_name,
       decision.decided_by_role, decision.source,
       decision.tutor_status_before, decision.tutor_status_after,
       decision.student_status_before, decision.student_status_after,
       decision.notes, decision.evidence, decision.limits, decision.policy_version, decision.source_before,
       decision.tutor_withdrawn, decision.student_withdrawn
FROM attendance_decisions AS decision
LEFT JOIN users AS decider ON decider.id = decision.decided_by
WHERE decision.session_id = :session_id AND (CAST(:before_id AS bigint) IS NULL OR decision.id < :before_id)
ORDER BY decision.id DESC
LIMIT :page_size
""")

#: The evidence of the last decision that has any, and the policy by which it was judged.
LAST_EVIDENCE = text("""
SELECT evidence, limits, policy_version FROM attendance_decisions
WHERE session_id = :session_id AND evidence IS NOT NULL
ORDER BY id DESC
LIMIT 1
""")


class DecisionStore:
    """The append-only ledger of decisions, and their outcome in sessions."""

    def __init__(self, executor: DatabaseExecutor, sessions: SessionStore) -> None:
        """Nothing is read yet."""
        self._executor = executor
        self._sessions = sessions

    async def record(
        self,
        session_id: TutoringSessionId,
        caller: Caller,
        evidence: Evidence | None,
        policy: Policy,
        decide: Callable[[TutoringSession, LastDeciders], Decision],
    ) -> tuple[Decision, TutoringSession]:
        """Decide on the present session and write the outcome, in one transaction; return both as stored.

        `decide` gets the session with its row locked, and who decided on it last, and may raise; `policy`, the one in
        force, is kept with the decision.

        Raises:
            SessionNotFound: there is no such session.
            CallerUnknown: there is no such user.
        """

        def decide_in(connection: Connection) -> tuple[Decision, TutoringSession]:
            _lock(connection, session_id, caller)
            before = self._sessions.get_in(connection, session_id, caller)
            last = connection.execute(LAST_DECIDERS, {"session_id": session_id}).mappings().one()
            decision = decide(before, LastDeciders(**last))
            _update_session(connection, before, caller, decision)
            connection.execute(INSERT_DECISION, _row(before, caller, decision, evidence, policy))
            return decision, self._sessions.get_in(connection, session_id, caller)

        return await self._executor.run(decide_in)

    async def withdraw(
        self,
        session_id: TutoringSessionId,
        caller: Caller,
        policy: Policy,
        withdraw: Callable[[TutoringSession, LastDeciders], Withdrawal],
    ) -> TutoringSession:
        """Withdraw decisions about the present session, in one transaction; return it as stored.

        `withdraw` is like `decide` of `record`, and the same errors are raised.
        """

        def withdraw_in(connection: Connection) -> TutoringSession:
            _lock(connection, session_id, caller)
            before = self._sessions.get_in(connection, session_id, caller)
            last = connection.execute(LAST_DECIDERS, {"session_id": session_id}).mappings().one()
            withdrawal = withdraw(before, LastDeciders(**last))
            _withdraw_from_session(connection, session_id, withdrawal)
            connection.execute(INSERT_DECISION, _withdrawal_row(before, caller, withdrawal, policy))
            return self._sessions.get_in(connection, session_id, caller)

        return await self._executor.run(withdraw_in)

    async def history(self, session_id: TutoringSessionId, page: PageRequest[int]) -> Page[RecordedDecision, int]:
        """Return the decisions about a session, newest first."""
        parameters = {"session_id": session_id, "before_id": page.after, "page_size": page.fetch_size}
        decisions = await self._executor.read(select(DECISIONS, parameters, lambda row: RecordedDecision(**row)))
        return page.page(decisions, lambda decision: decision.id)

    async def last_suggestion(self, session_id: TutoringSessionId) -> RecordedSuggestion | None:
        """Return the suggestion that is kept with the last decision that has one."""
        recorded = await self._executor.read(select(LAST_EVIDENCE, {"session_id": session_id}, _recorded_suggestion))
        return recorded[0] if recorded else None


def _recorded_suggestion(row: RowMapping) -> RecordedSuggestion:
    policy = Policy(version=row["policy_version"], limits=limits_of(row["limits"]))
    return RecordedSuggestion(evidence=row["evidence"], policy=policy)


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
    }


def _withdrawal_row(before: TutoringSession, caller: Caller, withdrawal: Withdrawal, policy: Policy) -> dict[str, Any]:
    nothing = Decision(
        source=AttendanceSource.SYSTEM_DEFAULT, tutor_status=None, student_status=None, notes=withdrawal.notes or None
    )
    return _row(before, caller, nothing, None, policy) | {
        "tutor_before": before.attendance.tutor_status if withdrawal.tutor else None,
        "student_before": before.attendance.student_status if withdrawal.student else None,
        "tutor_withdrawn": withdrawal.tutor,
        "student_withdrawn": withdrawal.student,
    }


def _lock(connection: Connection, session_id: TutoringSessionId, caller: Caller) -> None:
    connection.execute(LOCK_TIMEOUT)
    connection.execute(LOCK_SESSION, {"session_id": session_id})
    if not connection.execute(CALLER_EXISTS, {"caller": caller.user_id}).scalar_one():
        raise CallerUnknown


def _withdraw_from_session(connection: Connection, session_id: TutoringSessionId, withdrawal: Withdrawal) -> None:
    one = WITHDRAW_ONE["tutor" if withdrawal.tutor else "student"]
    statement = WITHDRAW_BOTH if withdrawal.remaining_source == AttendanceSource.SYSTEM_DEFAULT else one
    connection.execute(statement, {"session_id": session_id, "source": withdrawal.remaining_source})
    if withdrawal.stored_notes is not None:
        connection.execute(UPDATE_NOTES, {"session_id": session_id, "notes": withdrawal.stored_notes})


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
    notes = decision.notes if decision.stored_notes is None else decision.stored_notes
    if notes is not None:
        connection.execute(UPDATE_NOTES, {"session_id": before.id, "notes": notes})
