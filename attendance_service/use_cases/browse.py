"""Browse: sessions as their cards show them, and the history of decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attendance_service.domain.browsing import PagePosition, SessionQuery
from attendance_service.domain.caller import Caller
from attendance_service.domain.decision import RecordedDecision
from attendance_service.domain.session import TutoringSession
from attendance_service.domain.suggestion import Suggestion
from attendance_service.store.decisions import DecisionStore
from attendance_service.store.sessions import SessionStore
from attendance_service.store.threads import DatabaseThreads
from attendance_service.use_cases.suggest import Suggesting
from servicekit.identifiers import TutoringSessionId, UserId


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionCard:
    """One session, and whether the facts have changed since it was decided on."""

    session: TutoringSession
    #: None: not known; nothing was decided on facts, or the tracking service does not answer.
    facts_changed: bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionPage:
    """Sessions, newest first."""

    sessions: tuple[TutoringSession, ...]
    #: Where the next page begins; None: this was the last one.
    next: PagePosition | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionPage:
    """Decisions about one session, newest first."""

    decisions: tuple[RecordedDecision, ...]
    #: Number of the decision below which the next page begins; None: this was the last one.
    next_before_id: int | None
    #: Of whom the caller may see facts; None: of everybody.
    visible_students: frozenset[UserId] | None


class Browsing:
    """Shows what is recorded."""

    def __init__(
        self, *, sessions: SessionStore, decisions: DecisionStore, threads: DatabaseThreads, suggesting: Suggesting
    ) -> None:
        """Nothing is ever written."""
        self._sessions = sessions
        self._decisions = decisions
        self._threads = threads
        self._suggesting = suggesting

    async def card(self, session_id: TutoringSessionId, caller: Caller) -> SessionCard:
        """Return one session; SessionNotFound, NotYourSession."""
        session = await self._accessible(session_id, caller)
        kept = await self._threads.look(self._decisions.last_suggestion, session_id)
        # Another policy since then is no other fact: judged as it was judged then.
        suggestion = None if kept is None else await self._suggesting.if_quick(session.schedule, kept.policy)
        if kept is None or suggestion is None:
            return SessionCard(session=session, facts_changed=None)
        return SessionCard(session=session, facts_changed=_suggested(suggestion) != _shown(kept.evidence))

    async def page(self, query: SessionQuery, caller: Caller, size: int) -> SessionPage:
        """Return the caller's sessions that fit."""
        # One more than asked for tells whether there is a next page.
        found = await self._threads.look(self._sessions.page, query, caller, size + 1)
        sessions = found[:size]
        return SessionPage(sessions=sessions, next=sessions[-1].position if len(found) > size else None)

    async def history(
        self, session_id: TutoringSessionId, caller: Caller, *, before_id: int | None, size: int
    ) -> DecisionPage:
        """Return the decisions about one session; SessionNotFound, NotYourSession."""
        session = await self._accessible(session_id, caller)
        found = await self._threads.look(self._decisions.history, session_id, before_id=before_id, size=size + 1)
        decisions = found[:size]
        return DecisionPage(
            decisions=decisions,
            next_before_id=decisions[-1].id if len(found) > size else None,
            visible_students=session.visible_students(caller),
        )

    async def _accessible(self, session_id: TutoringSessionId, caller: Caller) -> TutoringSession:
        session = await self._threads.look(self._sessions.get, session_id, caller)
        session.require_access(caller)
        return session


def _suggested(suggestion: Suggestion) -> tuple[str, str]:
    return suggestion.tutor.judgement.status, suggestion.student.judgement.status


def _shown(evidence: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return the statuses of a suggestion as it was shown."""
    return evidence.get("tutor_status_suggestion"), evidence.get("student_status_suggestion")
