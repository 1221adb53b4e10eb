"""Recording claims and their answers, and reading them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import RowMapping, TextClause, text
from sqlalchemy.engine import Connection

from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.claims import (
    ClaimAnswer,
    ClaimedStatus,
    ClaimHistory,
    ClaimQuery,
    ClaimState,
    NewClaim,
    RecordedAnswer,
    RecordedClaim,
)
from attendance_service.domain.decision import Decision
from attendance_service.domain.errors import ClaimNotFound
from attendance_service.domain.listing import Page
from attendance_service.domain.parents_word import ParentsOutcome, ParentsRequest
from attendance_service.domain.session import Student, TutoringSession
from attendance_service.domain.vocabulary import AttendanceStatus
from attendance_service.store.decisions import DecisionStore, PreparedDecision, lock
from attendance_service.store.executor import DatabaseExecutor, select
from attendance_service.store.sessions import SessionStore
from attendance_service.store.visibility import SESSION_VISIBLE, STUDENT_NAME, STUDENT_VISIBLE
from servicekit.identifiers import StudentProfileId, TutoringSessionId

#: Claims with their answers and with the people's names.
CLAIMS = f"""
SELECT claim.id, claim.session_id, claim.student_id, student.user_id, {STUDENT_NAME} AS student_name,
       claim.claimed_status, claim.note, claim.raised_by, claim.raised_by_role, claim.raised_at,
       btrim(concat_ws(' ', raiser.first_name, raiser.father_name)) AS raised_by_name,
       claim.recorded_status, claim.suggested_status,
       answer.answer, answer.answered_by, answer.answered_at, answer.note AS answer_note,
       btrim(concat_ws(' ', answerer.first_name, answerer.father_name)) AS answered_by_name
FROM attendance_claims AS claim
LEFT JOIN attendance_claim_answers AS answer ON answer.claim_id = claim.id
LEFT JOIN student_profiles AS student ON student.id = claim.student_id
LEFT JOIN users AS student_user ON student_user.id = student.user_id
LEFT JOIN users AS raiser ON raiser.id = claim.raised_by
LEFT JOIN users AS answerer ON answerer.id = answer.answered_by
"""  # noqa: S608 - constants
_ONE_CLAIM = text(f"{CLAIMS} WHERE claim.id = :claim_id")

#: What is known about one student and session before the caller raises another claim.
HISTORY = text("""
SELECT min(claim.id) FILTER (WHERE answer.claim_id IS NULL) AS open_claim_id,
       count(*) FILTER (WHERE claim.raised_by = :caller) AS callers_claims,
       (SELECT max(decision.decided_at)
        FROM attendance_student_decisions AS about
        JOIN attendance_decisions AS decision ON decision.id = about.decision_id
        WHERE about.session_id = :session_id AND about.student_id = :student_id) AS last_decided_at
FROM attendance_claims AS claim
LEFT JOIN attendance_claim_answers AS answer ON answer.claim_id = claim.id
WHERE claim.session_id = :session_id AND claim.student_id = :student_id
""")

INSERT_CLAIM = text("""
INSERT INTO attendance_claims
    (session_id, student_id, claimed_status, note, raised_by, raised_by_role, recorded_status, suggested_status)
VALUES (:session_id, :student_id, :claimed_status, :note, :caller, :role, :recorded_status, :suggested_status)
RETURNING id
""")

INSERT_ANSWER = text("""
INSERT INTO attendance_claim_answers (claim_id, answer, note, answered_by, answered_by_role, decision_id)
VALUES (:claim_id, :answer, :note, :caller, :role, :decision_id)
""")


class ClaimStore:
    """The append-only record of claims and answers."""

    def __init__(self, executor: DatabaseExecutor, sessions: SessionStore, decisions: DecisionStore) -> None:
        """Nothing is read yet."""
        self._executor = executor
        self._sessions = sessions
        self._decisions = decisions

    async def get(self, claim_id: int) -> RecordedClaim:
        """Return one claim, whether or not the caller may see it; ClaimNotFound."""
        return await self._executor.read(lambda connection: _claim(connection, claim_id))

    async def page(self, query: ClaimQuery, caller: Caller) -> Page[RecordedClaim, int]:
        """Return the claims that the caller may see, newest first."""
        statement, parameters = page_of_claims(caller.role), claim_parameters(query, caller)
        claims = await self._executor.read(select(statement, parameters, claim_of))
        return query.page.page(claims, lambda claim: claim.id)

    async def raise_claim(
        self,
        session_id: TutoringSessionId,
        caller: Caller,
        claimed: Callable[[TutoringSession], ClaimedStatus],
        raise_claim: Callable[[ClaimedStatus, TutoringSession, ClaimHistory], NewClaim],
    ) -> RecordedClaim:
        """Record a claim about the present session, in one transaction, and return it.

        Both functions get the session with its row locked, and may raise.

        Raises:
            SessionNotFound: there is no such session.
            CallerUnknown: there is no such user.
        """

        def raise_in(connection: Connection) -> RecordedClaim:
            lock(connection, [session_id], caller)
            session = self._sessions.get_in(connection, session_id, caller)
            target = claimed(session)
            claim = raise_claim(target, session, history_in(connection, session_id, caller, target.enrolled.student))
            return _claim(connection, insert_claim(connection, session_id, caller, claim))

        return await self._executor.run(raise_in)

    async def parents_word(
        self,
        prepared: PreparedDecision,
        caller: Caller,
        split: Callable[[TutoringSession], ParentsRequest],
        raise_claim: Callable[[ClaimedStatus, TutoringSession, ClaimHistory], NewClaim],
    ) -> ParentsOutcome:
        """Record a parent's word, in one transaction: claims, a decision, or both.

        Both functions get the session with its row locked, and may raise.

        Raises:
            SessionNotFound: there is no such session.
            CallerUnknown: there is no such user.
        """
        session_id = prepared.mark.session_id

        def record_in(connection: Connection) -> ParentsOutcome:
            lock(connection, [session_id], caller)
            session = self._sessions.get_in(connection, session_id, caller)
            request = split(session)
            claim_ids = []
            for claimed in request.claims:
                history = history_in(connection, session_id, caller, claimed.enrolled.student)
                claim = raise_claim(claimed, session, history)
                claim_ids.append(insert_claim(connection, session_id, caller, claim))
            decision = None
            if request.mark is not None:
                _, decision = self._decisions.record_in(connection, replace(prepared, mark=request.mark), caller)
            stored = self._sessions.get_in(connection, session_id, caller)
            return ParentsOutcome(decision=decision, session=stored, claim_ids=tuple(claim_ids))

        outcome = await self._executor.run(record_in)
        if outcome.decision is not None:
            self._decisions.instruments.note_decision(outcome.decision)
        return outcome

    async def answer(
        self,
        answer: ClaimAnswer,
        caller: Caller,
        session_id: TutoringSessionId,
        check: Callable[[RecordedClaim, TutoringSession], None],
        decision: PreparedDecision | None,
    ) -> tuple[RecordedClaim, TutoringSession]:
        """Record an answer, and the decision by which a claim is accepted, in one transaction; return both as stored.

        `check` gets the claim and its session with its row locked, and may raise.

        Raises:
            ClaimNotFound: there is no such claim.
            CallerUnknown: there is no such user.
        """

        def answer_in(connection: Connection) -> tuple[RecordedClaim, TutoringSession, Decision | None]:
            lock(connection, [session_id], caller)
            session = self._sessions.get_in(connection, session_id, caller)
            check(_claim(connection, answer.claim_id), session)
            decision_id, recorded = None, None
            if decision is not None:
                decision_id, recorded = self._decisions.record_in(connection, decision, caller)
            connection.execute(
                INSERT_ANSWER,
                {
                    "claim_id": answer.claim_id,
                    "answer": answer.state,
                    "note": answer.note,
                    "caller": caller.user_id,
                    "role": caller.role,
                    "decision_id": decision_id,
                },
            )
            claim = _claim(connection, answer.claim_id)
            return claim, self._sessions.get_in(connection, session_id, caller), recorded

        claim, stored, accepted = await self._executor.run(answer_in)
        if accepted is not None:
            self._decisions.instruments.note_decision(accepted)
        return claim, stored


def page_of_claims(role: CallerRole) -> TextClause:
    """Return the statement that reads one page of the claims that `:caller` may see in this role."""
    return text(f"""{CLAIMS}
JOIN sessions AS s ON s.id = claim.session_id
WHERE {SESSION_VISIBLE[role]} AND {STUDENT_VISIBLE[role]}
  AND (CAST(:session_id AS integer) IS NULL OR claim.session_id = CAST(:session_id AS integer))
  AND (CAST(:is_open AS boolean) IS NULL OR (answer.claim_id IS NULL) = CAST(:is_open AS boolean))
  AND (CAST(:before AS integer) IS NULL OR claim.id < CAST(:before AS integer))
ORDER BY claim.id DESC
LIMIT :page_size
""")


def claim_parameters(query: ClaimQuery, caller: Caller) -> dict[str, Any]:
    """Return the parameters of `page_of_claims`."""
    return {
        "caller": caller.user_id,
        "session_id": query.session_id,
        "is_open": query.is_open,
        "before": query.page.after,
        "page_size": query.page.fetch_size,
    }


def history_in(connection: Connection, session_id: TutoringSessionId, caller: Caller, student: Student) -> ClaimHistory:
    """Return what is known about one student of a session."""
    parameters = {"session_id": session_id, "caller": caller.user_id, "student_id": student.id}
    return ClaimHistory(**connection.execute(HISTORY, parameters).mappings().one())


def insert_claim(connection: Connection, session_id: TutoringSessionId, caller: Caller, claim: NewClaim) -> int:
    """Record a claim and return its id."""
    claim_id: int = connection.execute(
        INSERT_CLAIM,
        {
            "session_id": session_id,
            "student_id": claim.student.id,
            "claimed_status": claim.claimed_status,
            "note": claim.note,
            "caller": caller.user_id,
            "role": caller.role,
            "recorded_status": claim.recorded_status,
            "suggested_status": claim.suggested_status,
        },
    ).scalar_one()
    return claim_id


def claim_of(row: RowMapping) -> RecordedClaim:
    """Return the claim in a row of CLAIMS."""
    return RecordedClaim(
        id=row["id"],
        session_id=TutoringSessionId(row["session_id"]),
        student=Student(id=StudentProfileId(row["student_id"]), user_id=row["user_id"], name=row["student_name"]),
        claimed_status=AttendanceStatus(row["claimed_status"]),
        note=row["note"],
        raised_by=row["raised_by"],
        raised_by_name=row["raised_by_name"],
        raised_by_role=row["raised_by_role"],
        raised_at=row["raised_at"],
        recorded_status=row["recorded_status"],
        suggested_status=row["suggested_status"],
        answer=None if row["answer"] is None else _answer_of(row),
    )


def _answer_of(row: RowMapping) -> RecordedAnswer:
    return RecordedAnswer(
        state=ClaimState(row["answer"]),
        answered_by=row["answered_by"],
        answered_by_name=row["answered_by_name"],
        answered_at=row["answered_at"],
        note=row["answer_note"],
    )


def _claim(connection: Connection, claim_id: int) -> RecordedClaim:
    row = connection.execute(_ONE_CLAIM, {"claim_id": claim_id}).mappings().first()
    if row is None:
        raise ClaimNotFound(metadata={"claim_id": str(claim_id)})
    return claim_of(row)
