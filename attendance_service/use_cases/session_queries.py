"""Sessions as their cards show them, and the history of decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attendance_service.domain.caller import Caller
from attendance_service.domain.decision import RecordedDecision
from attendance_service.domain.listing import Page, PageRequest, SessionPosition, SessionQuery
from attendance_service.domain.session import TutoringSession
from attendance_service.domain.suggestion import Suggestion
from attendance_service.store.history import LedgerReader
from attendance_service.store.sessions import SessionStore
from attendance_service.use_cases.suggestion_service import SuggestionService
from servicekit.identifiers import TutoringSessionId, UserId


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionCard:
    """One session, and whether the facts have changed since its last decision."""

    session: TutoringSession
    #: None: not known, because no decision has evidence or the tracking service does not answer.
    facts_changed: bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """Decisions about one session, newest first."""

    page: Page[RecordedDecision, int]
    #: Whose individual facts the caller may see; None: everyone's.
    visible_students: frozenset[UserId] | None


class SessionQueries:
    """Reads what is recorded; it never writes."""

    def __init__(self, *, sessions: SessionStore, ledger: LedgerReader, suggestions: SuggestionService) -> None:
        """Everything it calls is passed in."""
        self._sessions = sessions
        self._ledger = ledger
        self._suggestions = suggestions

    async def card(self, session_id: TutoringSessionId, caller: Caller) -> SessionCard:
        """Return one session; SessionNotFound, NotYourSession."""
        session = await self._accessible(session_id, caller)
        # What was withdrawn, or decided before the session was moved, says nothing about it.
        recorded = await self._ledger.last_suggestion(session_id) if session.attendance.is_marked else None
        if recorded is None:
            return SessionCard(session=session, facts_changed=None)
        # Judged by the policy of the decision: a new policy is no new fact.
        suggestion = await self._suggestions.suggest_quickly(session, recorded.policy)
        changed = None if suggestion is None else _statuses(suggestion) != _shown_statuses(recorded.evidence)
        return SessionCard(session=session, facts_changed=changed)

    async def page(self, query: SessionQuery, caller: Caller) -> Page[TutoringSession, SessionPosition]:
        """Return the caller's sessions that match."""
        return await self._sessions.page(query, caller)

    async def history(self, session_id: TutoringSessionId, caller: Caller, page: PageRequest[int]) -> History:
        """Return the decisions about one session that concern the caller; SessionNotFound, NotYourSession."""
        session = await self._accessible(session_id, caller)
        visible = session.visible_students(caller)
        # A child without an account is among these, but not among the visible users.
        students = None if visible is None else [student.id for student in session.enrolment.students_shown_to(caller)]
        return History(page=await self._ledger.history(session_id, page, students), visible_students=visible)

    async def _accessible(self, session_id: TutoringSessionId, caller: Caller) -> TutoringSession:
        session = await self._sessions.get(session_id, caller)
        session.require_access(caller)
        return session


def _statuses(suggestion: Suggestion) -> tuple[str, str]:
    return suggestion.tutor.judgement.status, suggestion.student.judgement.status


def _shown_statuses(evidence: Mapping[str, Any]) -> tuple[Any, Any]:
    return evidence.get("tutor_status_suggestion"), evidence.get("student_status_suggestion")
