"""Suggest: facts from the tracking service, judged by the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo

from attendance_service.domain.caller import Caller
from attendance_service.domain.facts import SessionFacts
from attendance_service.domain.policy import Policy
from attendance_service.domain.reasons import ReasonCode
from attendance_service.domain.session import Schedule, TutoringSession
from attendance_service.domain.stretches import Stretch
from attendance_service.domain.suggestion import Suggestion, suggest, suggest_without_facts
from attendance_service.store.policies import PolicyStore
from attendance_service.store.sessions import SessionStore
from attendance_service.store.threads import DatabaseThreads
from attendance_service.tracking.client import TrackingClient
from servicekit.errors import Unavailable
from servicekit.identifiers import TutoringSessionId, UserId

#: Where a suggestion is welcome but nobody waits for it (evidence of a manual decision), in seconds.
QUICK_DEADLINE_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionSuggestion:
    """A suggestion with the names of those it speaks of."""

    session_id: TutoringSessionId
    suggestion: Suggestion
    #: Names by users.id; whoever has none is left out.
    names: Mapping[UserId, str]
    #: Of whom the caller may see facts; None: of everybody.
    visible_students: frozenset[UserId] | None = None

    @property
    def shows_everybody(self) -> bool:
        """Whether the caller may see what speaks of all students: from it and their own, others' would follow."""
        return self.visible_students is None or self.visible_students >= self.suggestion.students.keys()


class Suggesting:
    """Makes suggestions."""

    def __init__(
        self,
        *,
        sessions: SessionStore,
        threads: DatabaseThreads,
        tracking: TrackingClient,
        policies: PolicyStore,
        zone: tzinfo,
        deadline_seconds: float,
    ) -> None:
        """`zone` is the session time zone; `deadline_seconds` is how long the tracking service may take."""
        self._sessions = sessions
        self._threads = threads
        self._tracking = tracking
        self._policies = policies
        self._zone = zone
        self._deadline_seconds = deadline_seconds

    async def for_caller(self, session_id: TutoringSessionId, caller: Caller) -> SessionSuggestion:
        """Return the suggestion; SessionNotFound, NotYourSession, TrackingUnavailable."""
        session = await self._threads.look(self._sessions.get, session_id, caller)
        session.require_access(caller)
        policy = await self.policy_of(session)
        named = await self.named(session_id, await self.of(session.schedule, policy))
        return replace(named, visible_students=session.visible_students(caller))

    async def policy_of(self, session: TutoringSession) -> Policy:
        """Return by which policy the session is judged now."""
        return await self._threads.look(self._policies.in_force, session.courses)

    async def of(self, schedule: Schedule, policy: Policy, *, deadline_seconds: float | None = None) -> Suggestion:
        """Return what the facts suggest by this policy; TrackingUnavailable."""
        deadline = self._deadline_seconds if deadline_seconds is None else deadline_seconds
        window = schedule.window(self._zone)
        facts = await self._facts(schedule, window, deadline)
        if isinstance(facts, ReasonCode):
            suggestion = suggest_without_facts(facts, window)
        else:
            suggestion = suggest(facts, policy.limits)
        return replace(suggestion, policy_version=policy.version)

    async def if_quick(self, schedule: Schedule, policy: Policy) -> Suggestion | None:
        """Return what the facts suggest, or None if there are none or they are not to be had at once."""
        deadline = min(QUICK_DEADLINE_SECONDS, self._deadline_seconds)
        try:
            suggestion = await self.of(schedule, policy, deadline_seconds=deadline)
        except Unavailable:
            return None
        return suggestion if suggestion.has_whiteboard else None

    async def named(self, session_id: TutoringSessionId, suggestion: Suggestion) -> SessionSuggestion:
        """Return the suggestion with the names of the students it speaks of."""
        students = tuple(suggestion.students)
        names = await self._threads.look(self._sessions.names, students) if students else {}
        return SessionSuggestion(session_id=session_id, suggestion=suggestion, names=names)

    async def _facts(
        self, schedule: Schedule, window: Stretch | None, deadline_seconds: float
    ) -> SessionFacts | ReasonCode:
        if schedule.whiteboard_id is None:
            return ReasonCode.NO_WHITEBOARD
        return await self._tracking.facts(schedule.whiteboard_id, window, deadline_seconds=deadline_seconds)
