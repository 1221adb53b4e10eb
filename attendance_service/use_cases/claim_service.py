"""Claims: raising, listing and answering them (docs/decisions.md#claims)."""

from __future__ import annotations

from dataclasses import replace
from datetime import tzinfo

from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.claims import (
    ClaimAnswer,
    ClaimedStatus,
    ClaimHistory,
    ClaimQuery,
    ClaimRequest,
    ClaimState,
    NewClaim,
    RecordedClaim,
    claimed_status,
    raise_claim,
    require_may_answer,
)
from attendance_service.domain.decision import MarkRequest, StudentMark
from attendance_service.domain.inbox import InboxItem, InboxPosition, InboxQuery
from attendance_service.domain.listing import Page
from attendance_service.domain.parents_word import ParentsOutcome, ParentsRequest, split_parents_word
from attendance_service.domain.policy import Limits
from attendance_service.domain.session import Student, TutoringSession
from attendance_service.domain.suggestion import Suggestion
from attendance_service.store.claims import ClaimStore
from attendance_service.store.inbox import InboxStore
from attendance_service.store.sessions import SessionStore
from attendance_service.use_cases.decision_service import DecisionService
from attendance_service.use_cases.suggestion_service import SuggestionService
from servicekit.clock import Clock, to_datetime


class ClaimService:
    """Records claims and answers, and reads them."""

    def __init__(
        self,
        *,
        sessions: SessionStore,
        claims: ClaimStore,
        inbox: InboxStore,
        decisions: DecisionService,
        suggestions: SuggestionService,
        clock: Clock,
        zone: tzinfo,
    ) -> None:
        """`zone` is the session time zone."""
        self._sessions = sessions
        self._claims = claims
        self._inbox = inbox
        self._decisions = decisions
        self._suggestions = suggestions
        self._clock = clock
        self._zone = zone

    async def raise_claim(self, request: ClaimRequest, caller: Caller) -> RecordedClaim:
        """Record a claim and return it.

        Raises the errors of `claimed_status` and `raise_claim` (domain/claims.py) and of `ClaimStore.raise_claim`.
        """
        shown = await self._sessions.get(request.session_id, caller)
        student = claimed_status(request, shown, caller).enrolled.student
        policy = await self._suggestions.policy_for(shown)
        suggested = _suggested_status(await self._suggestions.suggest_quickly(shown, policy), student)
        return await self._claims.raise_claim(
            request.session_id,
            caller,
            lambda session: claimed_status(request, session, caller),
            lambda claimed, session, history: self._raise(claimed, session, history, policy.limits, suggested),
        )

    async def mark(self, mark: MarkRequest, caller: Caller) -> ParentsOutcome:
        """Record a decision, or a parent's word as claims if the policy says so.

        Raises the errors of `DecisionService.record`, and of `raise_claim` (domain/claims.py) if it becomes a claim.
        """
        prepared = await self._decisions.prepare(mark, caller)
        limits = prepared.policy.limits
        if caller.role is not CallerRole.PARENT or not limits.parent_word_becomes_claim:
            decision, stored = await self._decisions.record(prepared, caller)
            return ParentsOutcome(decision=decision, session=stored)

        def split(session: TutoringSession) -> ParentsRequest:
            prepared.check(session)
            return split_parents_word(mark, session, caller)

        def raise_now(claimed: ClaimedStatus, session: TutoringSession, history: ClaimHistory) -> NewClaim:
            evidence = prepared.evidence
            suggested = None if evidence is None else evidence.about(claimed.enrolled.student).status
            return self._raise(claimed, session, history, limits, suggested)

        return await self._claims.parents_word(prepared, caller, split, raise_now)

    async def page(self, query: ClaimQuery, caller: Caller) -> Page[RecordedClaim, int]:
        """Return the claims that the caller may see."""
        return await self._claims.page(query, caller)

    async def inbox(self, query: InboxQuery, caller: Caller) -> Page[InboxItem, InboxPosition]:
        """Return what waits for the caller, or is new to them."""
        return await self._inbox.page(query, caller)

    async def answer(self, answer: ClaimAnswer, caller: Caller) -> tuple[RecordedClaim, TutoringSession]:
        """Answer a claim and return it with its session as they are stored now.

        Raises the errors of `require_may_answer` (domain/claims.py) and of `ClaimStore.answer`; of an accepted claim
        those of `DecisionService.record`.
        """
        claim = await self._claims.get(answer.claim_id)

        def check(claim: RecordedClaim, session: TutoringSession) -> None:
            require_may_answer(answer, claim, session, caller, zone=self._zone)

        check(claim, await self._sessions.get(claim.session_id, caller))
        decision = None
        if answer.state is ClaimState.ACCEPTED:
            accepted = StudentMark(student_id=claim.student.id, status=claim.claimed_status)
            decision = await self._decisions.prepare(
                MarkRequest(session_id=claim.session_id, students=(accepted,)), caller
            )
        return await self._claims.answer(
            answer,
            caller,
            claim.session_id,
            check,
            decision,
        )

    def _raise(
        self,
        claimed: ClaimedStatus,
        session: TutoringSession,
        history: ClaimHistory,
        limits: Limits,
        suggested: str | None,
    ) -> NewClaim:
        now = to_datetime(self._clock.now())
        claim = raise_claim(claimed, session, history, limits, now=now, zone=self._zone)
        return replace(claim, suggested_status=suggested)


def _suggested_status(suggestion: Suggestion | None, student: Student) -> str | None:
    """Return what is suggested about one student; None: nothing."""
    if suggestion is None or student.user_id is None:
        return None
    person = suggestion.students.get(student.user_id)
    return None if person is None else person.judgement.status
