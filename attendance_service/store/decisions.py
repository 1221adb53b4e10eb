"""Recording decisions: the ledger, and what it means for sessions, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.engine import Connection

from attendance_service.domain.caller import Caller
from attendance_service.domain.decision import Decision, Evidence, MarkRequest
from attendance_service.domain.errors import CallerUnknown
from attendance_service.domain.policy import Policy
from attendance_service.domain.precedence import LastDeciders
from attendance_service.domain.session import TutoringSession
from attendance_service.domain.withdrawal import Withdrawal
from attendance_service.instruments import Instruments
from attendance_service.store.executor import DatabaseExecutor
from attendance_service.store.ledger import LedgerEntry, write_decisions, write_withdrawal
from attendance_service.store.session_columns import update_sessions, withdraw_from_session
from attendance_service.store.sessions import SessionStore, session_not_found
from servicekit.database import arrays
from servicekit.errors import DomainError
from servicekit.identifiers import TutoringSessionId

#: How long to wait while another decision about the session is written; then the caller must retry.
LOCK_TIMEOUT = text("SELECT set_config('lock_timeout', '3s', true)")

#: One decision at a time about each session. Sessions are read after this, in a snapshot of its own. All replicas lock
#: them in one order, so no two wait for each other.
LOCK_SESSIONS = text("SELECT id FROM sessions WHERE id = ANY (CAST(:sessions AS integer[])) ORDER BY id FOR UPDATE")

#: The deciding user must exist: both tables refer to them.
CALLER_EXISTS = text("SELECT EXISTS (SELECT FROM users WHERE id = :caller)")

#: Who decided last on each status of some sessions, and who gave notes last.
LAST_DECIDERS = text("""
SELECT asked.id AS session_id,
    (SELECT CASE WHEN tutor_withdrawn THEN NULL ELSE decided_by_role END FROM attendance_decisions
     WHERE session_id = asked.id AND (tutor_status_after IS NOT NULL OR tutor_withdrawn)
     ORDER BY id DESC LIMIT 1) AS tutor_status,
    (SELECT CASE WHEN student_withdrawn THEN NULL ELSE decided_by_role END FROM attendance_decisions
     WHERE session_id = asked.id AND (student_status_after IS NOT NULL OR student_withdrawn)
     ORDER BY id DESC LIMIT 1) AS student_status,
    noted.decided_by_role AS notes, noted.notes AS notes_given
FROM unnest(CAST(:sessions AS integer[])) AS asked (id)
LEFT JOIN LATERAL (
    SELECT decided_by_role, notes FROM attendance_decisions
    WHERE session_id = asked.id AND notes IS NOT NULL AND NOT (tutor_withdrawn OR student_withdrawn)
    ORDER BY id DESC LIMIT 1
) AS noted ON TRUE
""")


@dataclass(frozen=True, kw_only=True, slots=True)
class PreparedDecision:
    """All that is needed to decide in one transaction."""

    mark: MarkRequest
    evidence: Evidence | None
    #: The one in force; it is kept with the decision.
    policy: Policy
    #: Whether the present session may be decided on in this way; it may raise.
    check: Callable[[TutoringSession], None]
    #: Gets the mark, the session with its row locked, and who decided on it last; it may raise.
    decide: Callable[[MarkRequest, TutoringSession, LastDeciders], Decision]


class DecisionStore:
    """Adds to the ledger of decisions, and writes what was decided into sessions."""

    def __init__(self, executor: DatabaseExecutor, sessions: SessionStore, instruments: Instruments) -> None:
        """Nothing is read yet."""
        self.instruments = instruments
        self._executor = executor
        self._sessions = sessions

    async def record(self, prepared: PreparedDecision, caller: Caller) -> tuple[Decision, TutoringSession]:
        """Decide on the present session and write that, in one transaction; return both as stored.

        Raises:
            SessionNotFound: there is no such session.
            CallerUnknown: there is no such user.
        """
        session_id = prepared.mark.session_id

        def decide_in(connection: Connection) -> tuple[Decision, TutoringSession]:
            lock(connection, [session_id], caller)
            _, decision = self.record_in(connection, prepared, caller)
            return decision, self._sessions.get_in(connection, session_id, caller)

        decision, stored = await self._executor.run(decide_in)
        self.instruments.note_decision(decision)
        return decision, stored

    def record_in(self, connection: Connection, prepared: PreparedDecision, caller: Caller) -> tuple[int, Decision]:
        """Decide inside a transaction that has locked the session; return the decision with its id."""
        session_id = prepared.mark.session_id
        before = self._sessions.get_in(connection, session_id, caller)
        decision = prepared.decide(prepared.mark, before, _last_deciders(connection, [session_id])[session_id])
        update_sessions(connection, caller, [(before, decision)])
        entry = LedgerEntry(before=before, decision=decision, evidence=prepared.evidence, policy=prepared.policy)
        return write_decisions(connection, caller, [entry])[session_id], decision

    async def record_many(
        self,
        session_ids: Sequence[TutoringSessionId],
        caller: Caller,
        decide: Callable[[TutoringSession, LastDeciders], LedgerEntry],
    ) -> dict[TutoringSessionId, tuple[Decision, str] | DomainError]:
        """Decide on each of some sessions, in one transaction; return what was recorded, or why it was not.

        With each decision comes the `attendance_etag` of the record as it is stored then. `decide` gets the session
        with its row locked, and who decided on it last; what it raises concerns its session alone. The number of
        statements does not depend on the number of sessions. CallerUnknown.
        """

        def decide_in(
            connection: Connection,
        ) -> dict[TutoringSessionId, tuple[Decision, str] | DomainError]:
            lock(connection, session_ids, caller)
            sessions = {session.id: session for session in self._sessions.many_in(connection, session_ids, caller)}
            last = _last_deciders(connection, session_ids)

            def decide_on(session_id: TutoringSessionId) -> LedgerEntry | DomainError:
                if session_id not in sessions:
                    return session_not_found(session_id)
                try:
                    return decide(sessions[session_id], last[session_id])
                except DomainError as error:
                    return error

            results = {session_id: decide_on(session_id) for session_id in session_ids}
            entries = [entry for entry in results.values() if isinstance(entry, LedgerEntry)]
            if entries:
                update_sessions(connection, caller, [(entry.before, entry.decision) for entry in entries])
                write_decisions(connection, caller, entries)
                written = [entry.before.id for entry in entries]
                sessions |= {session.id: session for session in self._sessions.many_in(connection, written, caller)}
            return {
                session_id: (result.decision, sessions[session_id].attendance_etag(caller))
                if isinstance(result, LedgerEntry)
                else result
                for session_id, result in results.items()
            }

        results = await self._executor.run(decide_in)
        for result in results.values():
            if not isinstance(result, DomainError):
                self.instruments.note_decision(result[0])
        return results

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
            lock(connection, [session_id], caller)
            before = self._sessions.get_in(connection, session_id, caller)
            withdrawal = withdraw(before, _last_deciders(connection, [session_id])[session_id])
            withdraw_from_session(connection, session_id, withdrawal)
            write_withdrawal(connection, before, caller, withdrawal, policy=policy)
            return self._sessions.get_in(connection, session_id, caller)

        stored = await self._executor.run(withdraw_in)
        self.instruments.note_withdrawal()
        return stored


def lock(connection: Connection, session_ids: Sequence[TutoringSessionId], caller: Caller) -> None:
    """Lock the rows of sessions, so that one person at a time writes about each; CallerUnknown."""
    connection.execute(LOCK_TIMEOUT)
    connection.execute(LOCK_SESSIONS, {"sessions": arrays.integers(session_ids)})
    if not connection.execute(CALLER_EXISTS, {"caller": caller.user_id}).scalar_one():
        raise CallerUnknown


def _last_deciders(
    connection: Connection, session_ids: Sequence[TutoringSessionId]
) -> dict[TutoringSessionId, LastDeciders]:
    rows = connection.execute(LAST_DECIDERS, {"sessions": arrays.integers(session_ids)}).mappings()
    return {
        TutoringSessionId(row["session_id"]): LastDeciders(
            tutor_status=row["tutor_status"],
            student_status=row["student_status"],
            notes=row["notes"],
            notes_given=row["notes_given"],
        )
        for row in rows
    }
