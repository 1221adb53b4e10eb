"""Decisions: a person accepts the suggestion or overrides it, and the evidence is kept (docs/decisions.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any

from attendance_service.domain.caller import Caller
from attendance_service.domain.deciding import decide
from attendance_service.domain.decision import Decision, Evidence, MarkRequest
from attendance_service.domain.decision_checks import (
    require_acceptable,
    require_begun,
    require_permission,
    require_unchanged,
)
from attendance_service.domain.policy import Policy
from attendance_service.domain.precedence import LastDeciders, require_rank, with_notes_of_others
from attendance_service.domain.session import TutoringSession
from attendance_service.domain.suggestion import Suggestion
from attendance_service.domain.withdrawal import WithdrawalRequest, withdraw
from attendance_service.store.decisions import DecisionStore, PreparedDecision
from attendance_service.store.sessions import SessionStore
from attendance_service.use_cases.suggestion_service import SessionSuggestion, SuggestionService
from servicekit.clock import Clock, to_datetime

#: Returns a suggestion as people see it, in plain JSON values.
Describe = Callable[[SessionSuggestion], Mapping[str, Any]]


class DecisionService:
    """Records decisions."""

    def __init__(
        self,
        *,
        sessions: SessionStore,
        decisions: DecisionStore,
        suggestions: SuggestionService,
        describe: Describe,
        clock: Clock,
        zone: tzinfo,
    ) -> None:
        """`describe` makes the evidence that is kept; `zone` is the session time zone."""
        self._sessions = sessions
        self._decisions = decisions
        self._suggestions = suggestions
        self._describe = describe
        self._clock = clock
        self._zone = zone

    async def record(self, prepared: PreparedDecision, caller: Caller) -> tuple[Decision, TutoringSession]:
        """Record what was prepared and return it with the session as it is stored now.

        Raises the errors of `prepare`, `require_unchanged`, `decide`, `require_rank` and `DecisionStore.record`.
        """
        return await self._decisions.record(prepared, caller)

    async def prepare(self, mark: MarkRequest, caller: Caller) -> PreparedDecision:
        """Check the request and return what `DecisionStore` needs to record it.

        Raises the errors of `require_permission`, `require_begun` and `require_acceptable`; TrackingUnavailable if it
        accepts a suggestion.
        """
        shown = await self._sessions.get(mark.session_id, caller)
        self._require_permission(mark, shown, caller)
        policy = await self._suggestions.policy_for(shown)
        suggestion = await self._suggestion(mark, shown, policy)
        accepted = suggestion if mark.accepts else None

        def check(session: TutoringSession) -> None:
            self._require_permission(mark, session, caller)
            require_unchanged(mark, session, shown, caller)

        def decide_now(mark: MarkRequest, session: TutoringSession, last: LastDeciders) -> Decision:
            check(session)
            decision = decide(mark, session, caller, accepted)
            require_rank(decision, session.attendance, last, caller)
            return with_notes_of_others(decision, session.attendance, last, caller)

        evidence = await self._evidence(shown, suggestion)
        return PreparedDecision(mark=mark, evidence=evidence, policy=policy, check=check, decide=decide_now)

    async def withdraw(self, request: WithdrawalRequest, caller: Caller) -> TutoringSession:
        """Withdraw decisions and return the session as it is stored now.

        Raises the errors of `withdraw` (domain/withdrawal.py) and of `DecisionStore.withdraw`.
        """
        shown = await self._sessions.get(request.session_id, caller)
        shown.require_access(caller)
        policy = await self._suggestions.policy_for(shown)
        return await self._decisions.withdraw(
            request.session_id, caller, policy, lambda session, last: withdraw(request, session, last, caller)
        )

    def _require_permission(self, mark: MarkRequest, session: TutoringSession, caller: Caller) -> None:
        require_permission(mark, session, caller)
        require_begun(session, now=to_datetime(self._clock.now()), zone=self._zone)

    async def _suggestion(self, mark: MarkRequest, session: TutoringSession, policy: Policy) -> Suggestion | None:
        """Return the suggestion that is accepted; of a manual decision, one for its evidence if it comes quickly."""
        if not mark.accepts:
            return await self._suggestions.suggest_quickly(session, policy)
        suggestion = await self._suggestions.suggest(session, policy)
        require_acceptable(mark, suggestion, session)
        return suggestion

    async def _evidence(self, session: TutoringSession, suggestion: Suggestion | None) -> Evidence | None:
        if suggestion is None:
            return None
        named = await self._suggestions.with_names(session, suggestion)
        return Evidence(document=self._describe(named), etag=suggestion.etag)
