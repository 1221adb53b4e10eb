"""Decide: a person accepts the suggestion or overrides it; who, what and on what evidence is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attendance_service.domain.caller import Caller
from attendance_service.domain.decision import (
    Decision,
    Evidence,
    Mark,
    decide,
    require_acceptable,
    require_permission,
    require_unchanged,
)
from attendance_service.domain.policy import Policy
from attendance_service.domain.session import Schedule, TutoringSession
from attendance_service.domain.suggestion import Suggestion
from attendance_service.store.decisions import DecisionStore
from attendance_service.store.sessions import SessionStore
from attendance_service.store.threads import DatabaseThreads
from attendance_service.use_cases.suggest import SessionSuggestion, Suggesting

#: Returns a suggestion as people are shown it, as plain JSON values.
Describe = Callable[[SessionSuggestion], Mapping[str, Any]]


class Deciding:
    """Records decisions."""

    def __init__(
        self,
        *,
        sessions: SessionStore,
        decisions: DecisionStore,
        threads: DatabaseThreads,
        suggesting: Suggesting,
        describe: Describe,
    ) -> None:
        """`describe` makes the evidence that is kept."""
        self._sessions = sessions
        self._decisions = decisions
        self._threads = threads
        self._suggesting = suggesting
        self._describe = describe

    async def mark(self, mark: Mark, caller: Caller) -> tuple[Decision, TutoringSession]:
        """Record the decision and return it with the session as it is stored now; errors as in DESIGN 8."""
        shown = await self._threads.look(self._sessions.get, mark.session_id, caller)
        require_permission(mark, shown, caller)
        policy = await self._suggesting.policy_of(shown)
        suggestion = await self._suggestion(mark, shown.schedule, policy)
        accepted = suggestion if mark.use_suggestion else None

        def decide_now(session: TutoringSession) -> Decision:
            require_permission(mark, session, caller)
            require_unchanged(mark, session, shown.schedule)
            return decide(mark, session, caller, accepted)

        evidence = await self._evidence(mark, suggestion)
        return await self._threads.run(self._decisions.record, mark.session_id, caller, evidence, policy, decide_now)

    async def preview(self, mark: Mark, caller: Caller) -> Suggestion:
        """Return the suggestion that `mark` would accept now; errors as in `mark`, nothing is written."""
        shown = await self._threads.look(self._sessions.get, mark.session_id, caller)
        require_permission(mark, shown, caller)
        require_unchanged(mark, shown, shown.schedule)
        suggestion = await self._suggesting.of(shown.schedule, await self._suggesting.policy_of(shown))
        require_acceptable(mark, suggestion)
        return suggestion

    async def _suggestion(self, mark: Mark, schedule: Schedule, policy: Policy) -> Suggestion | None:
        """Return the suggestion: needed to accept it, welcome as evidence of another decision."""
        if not mark.use_suggestion:
            return await self._suggesting.if_quick(schedule, policy)
        suggestion = await self._suggesting.of(schedule, policy)
        require_acceptable(mark, suggestion)
        return suggestion

    async def _evidence(self, mark: Mark, suggestion: Suggestion | None) -> Evidence | None:
        if suggestion is None:
            return None
        named = await self._suggesting.named(mark.session_id, suggestion)
        return Evidence(document=self._describe(named), etag=suggestion.etag)
