"""Sessions as their cards show them, and the history of decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.decision import RecordedDecision
from attendance_service.domain.listing import Page, PageRequest, SessionPosition, SessionQuery
from attendance_service.domain.policy import Limits
from attendance_service.domain.session import TutoringSession
from attendance_service.domain.settlement import SettledSuggestion
from attendance_service.domain.suggestion import Suggestion
from attendance_service.store.history import LedgerReader
from attendance_service.store.sessions import SessionStore
from attendance_service.store.settlements import SettlementStore
from attendance_service.use_cases.suggestion_service import SuggestionService
from servicekit.identifiers import TutoringSessionId, UserId


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionCard:
    """One session, what was suggested when it settled, and whether facts have changed since its last decision."""

    session: TutoringSession
    #: None: it is not settled.
    suggestion: SettledSuggestion | None
    #: None: not known, because no decision has evidence, the tracking service does not answer, or it is in a list.
    facts_changed: bool | None = None
    #: The policy's limits, for students and parents: what becomes of their word. None: for others.
    limits: Limits | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionList:
    """One page of the caller's sessions."""

    page: Page[SessionCard, SessionPosition]
    #: How many there are on all pages, up to MAX_TOTAL_SIZE; None: nobody asked, or it is not counted.
    total_size: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """Decisions about one session, newest first."""

    page: Page[RecordedDecision, int]
    #: Whose individual facts the caller may see; None: everyone's.
    visible_students: frozenset[UserId] | None


class SessionQueries:
    """Reads what is recorded; it never writes."""

    def __init__(
        self,
        *,
        sessions: SessionStore,
        ledger: LedgerReader,
        suggestions: SuggestionService,
        settlements: SettlementStore,
    ) -> None:
        """Everything it calls is passed in."""
        self._sessions = sessions
        self._ledger = ledger
        self._suggestions = suggestions
        self._settlements = settlements

    async def card(self, session_id: TutoringSessionId, caller: Caller) -> SessionCard:
        """Return one session; SessionNotFound."""
        session = await self._accessible(session_id, caller)
        suggestion = (await self._settlements.suggestions([session_id])).get(session_id)
        [limits] = await self._limits([session], caller)
        return SessionCard(
            session=session,
            suggestion=suggestion,
            facts_changed=await self._have_facts_changed(session, caller),
            limits=limits,
        )

    async def page(self, query: SessionQuery, caller: Caller) -> SessionList:
        """Return the caller's sessions that match."""
        page = await self._sessions.page(query, caller)
        suggestions = await self._settlements.suggestions([session.id for session in page.rows])
        limits = await self._limits(page.rows, caller)
        cards = (
            SessionCard(session=session, suggestion=suggestions.get(session.id), limits=its_limits)
            for session, its_limits in zip(page.rows, limits, strict=True)
        )
        total = await self._total_size(page, query, caller) if query.with_total_size else None
        return SessionList(page=Page(tuple(cards), page.next), total_size=total)

    async def _total_size(
        self, page: Page[TutoringSession, SessionPosition], query: SessionQuery, caller: Caller
    ) -> int | None:
        """Return how many sessions match; None where counting would go through everyone's sessions."""
        if page.next is None and query.page.after is None:
            return len(page.rows)
        return None if caller.role is CallerRole.ADMIN else await self._sessions.count(query, caller)

    async def history(self, session_id: TutoringSessionId, caller: Caller, page: PageRequest[int]) -> History:
        """Return the decisions about one session that concern the caller; SessionNotFound."""
        session = await self._accessible(session_id, caller)
        visible = session.visible_students(caller)
        # A child without an account is among these, but not among the visible users.
        students = None if visible is None else [student.id for student in session.enrolment.students_shown_to(caller)]
        return History(page=await self._ledger.history(session_id, page, students), visible_students=visible)

    async def _limits(self, sessions: Sequence[TutoringSession], caller: Caller) -> list[Limits | None]:
        """Return the limits of the policy of each session; None: the caller's word is a decision, by other rules."""
        if caller.role not in {CallerRole.STUDENT, CallerRole.PARENT} or not sessions:
            return [None] * len(sessions)
        return [policy.limits for policy in await self._suggestions.policies_for(sessions)]

    async def _have_facts_changed(self, session: TutoringSession, caller: Caller) -> bool | None:
        # What was withdrawn, or decided before the session was moved, says nothing about it.
        recorded = await self._ledger.last_suggestion(session.id) if session.attendance.is_marked else None
        if recorded is None:
            return None
        # Judged by the policy of the decision: a new policy is no new fact.
        suggestion = await self._suggestions.suggest_quickly(session, recorded.policy)
        if suggestion is None:
            return None
        if session.enrolment.is_class:
            changed = suggestion.tutor.judgement.status != recorded.evidence.get("tutor_status_suggestion")
            return changed or await self._has_a_student_changed(session, caller, suggestion)
        return _statuses(suggestion) != _shown_statuses(recorded.evidence)

    async def _has_a_student_changed(self, session: TutoringSession, caller: Caller, newest: Suggestion) -> bool | None:
        """Return whether another status is suggested now about a student whom the caller sees; None: not known."""
        suggestions: dict[int, Suggestion | None] = {newest.policy_version: newest}
        marked = {it.student.id: it.student.user_id for it in session.enrolment.shown_to(caller) if it.record.is_marked}
        for recorded in await self._ledger.student_suggestions(session.id):
            user = marked.get(recorded.student)
            if user is None:
                continue
            if recorded.policy.version not in suggestions:
                suggestions[recorded.policy.version] = await self._suggestions.suggest_quickly(session, recorded.policy)
            suggestion = suggestions[recorded.policy.version]
            person = None if suggestion is None else suggestion.students.get(user)
            if person is None:
                return None
            if person.judgement.status != recorded.status:
                return True
        return False

    async def _accessible(self, session_id: TutoringSessionId, caller: Caller) -> TutoringSession:
        session = await self._sessions.get(session_id, caller)
        session.require_access(caller)
        return session


def _statuses(suggestion: Suggestion) -> tuple[str, str]:
    return suggestion.tutor.judgement.status, suggestion.student.judgement.status


def _shown_statuses(evidence: Mapping[str, Any]) -> tuple[Any, Any]:
    return evidence.get("tutor_status_suggestion"), evidence.get("student_status_suggestion")
