"""Recording decisions: the ledger and its outcome in sessions, in one transaction."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import text
from sqlalchemy.engine import Connection

from attendance_service.domain.caller import Caller
from attendance_service.domain.decision import Decision, Evidence
from attendance_service.domain.errors import CallerUnknown
from attendance_service.domain.policy import Policy
from attendance_service.domain.precedence import LastDeciders
from attendance_service.domain.session import TutoringSession
from attendance_service.domain.withdrawal import Withdrawal
from attendance_service.store.executor import DatabaseExecutor
from attendance_service.store.ledger import write_decision, write_withdrawal
from attendance_service.store.session_columns import update_session, withdraw_from_session
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


class DecisionStore:
    """Adds to the ledger of decisions, and writes their outcome into sessions."""

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
            update_session(connection, before, caller, decision)
            write_decision(connection, before, caller, decision, evidence=evidence, policy=policy)
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
            withdraw_from_session(connection, session_id, withdrawal)
            write_withdrawal(connection, before, caller, withdrawal, policy=policy)
            return self._sessions.get_in(connection, session_id, caller)

        return await self._executor.run(withdraw_in)


def _lock(connection: Connection, session_id: TutoringSessionId, caller: Caller) -> None:
    connection.execute(LOCK_TIMEOUT)
    connection.execute(LOCK_SESSION, {"session_id": session_id})
    if not connection.execute(CALLER_EXISTS, {"caller": caller.user_id}).scalar_one():
        raise CallerUnknown
