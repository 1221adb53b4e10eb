"""Apply: accept many suggestions, each in a transaction of its own."""

from __future__ import annotations

import asyncio

from attendance_service.domain.application import (
    Application,
    ApplicationResult,
    Applied,
    NotApplied,
    acceptance,
    applied,
    require_many_at_once,
)
from attendance_service.domain.browsing import APPLICABLE, PagePosition, SessionQuery
from attendance_service.domain.caller import Caller
from attendance_service.domain.errors import NotTried
from attendance_service.store.sessions import SessionStore
from attendance_service.store.threads import DatabaseThreads
from attendance_service.use_cases.decide import Deciding
from servicekit.errors import DomainError, Unavailable
from servicekit.identifiers import TutoringSessionId
from servicekit.rpc.deadlines import MAX_ANSWER_SECONDS


class Applying:
    """Accepts suggestions that nobody looks at one by one."""

    def __init__(self, *, sessions: SessionStore, threads: DatabaseThreads, deciding: Deciding) -> None:
        """Everything it calls is handed in."""
        self._sessions = sessions
        self._threads = threads
        self._deciding = deciding

    async def apply(self, application: Application, caller: Caller) -> ApplicationResult:
        """Accept (or preview) what is clear, and tell what is not.

        ManyAtOnceNotYours; Unavailable if nothing at all could be done.
        """
        require_many_at_once(caller)
        sessions, following = await self._chosen(application, caller)
        results = await self._each(sessions, application, caller)
        return ApplicationResult(
            applied=tuple(result for result in results if isinstance(result, Applied)),
            not_applied=tuple(result for result in results if isinstance(result, NotApplied)),
            next=following,
        )

    async def _chosen(
        self, application: Application, caller: Caller
    ) -> tuple[dict[TutoringSessionId, str], PagePosition | None]:
        if application.named:
            return application.named, None
        query = SessionQuery(attendance_filter=APPLICABLE, after=application.after)
        # One more than asked for tells whether there are older ones.
        found = await self._threads.look(self._sessions.page, query, caller, application.size + 1)
        page = found[: application.size]
        return {session.id: "" for session in page}, page[-1].position if len(found) > len(page) else None

    async def _each(
        self, sessions: dict[TutoringSessionId, str], application: Application, caller: Caller
    ) -> list[Applied | NotApplied]:
        """Take up one after the other, until there is no point in it: what is away for one is away for the rest."""
        results: list[Applied | NotApplied] = []
        give_up_at = _time() + MAX_ANSWER_SECONDS
        obstacle: Unavailable | None = None
        for session_id, etag in sessions.items():
            if obstacle is None:
                results.append(await self._outcome(session_id, etag, caller, preview=application.preview))
                obstacle = _obstacle(results[-1], give_up_at)
            else:
                results.append(NotApplied(session_id=session_id, error=obstacle))
        if obstacle is not None and all(isinstance(it, NotApplied) and it.error is obstacle for it in results):
            raise obstacle
        return results

    async def _outcome(
        self, session_id: TutoringSessionId, etag: str, caller: Caller, *, preview: bool
    ) -> Applied | NotApplied:
        try:
            return await self._one(session_id, etag, caller, preview=preview)
        except DomainError as error:
            return NotApplied(session_id=session_id, error=error)

    async def _one(self, session_id: TutoringSessionId, etag: str, caller: Caller, *, preview: bool) -> Applied:
        suggestion = await self._deciding.preview(acceptance(session_id, etag), caller)
        if not preview:
            # By its etag: what is written is what is told.
            await self._deciding.mark(acceptance(session_id, suggestion.etag), caller)
        return applied(session_id, suggestion)


def _obstacle(result: Applied | NotApplied, give_up_at: float) -> Unavailable | None:
    """Return what keeps the next session from being taken up; None: nothing."""
    if isinstance(result, NotApplied) and isinstance(result.error, Unavailable):
        return result.error
    return NotTried() if _time() > give_up_at else None


def _time() -> float:
    return asyncio.get_running_loop().time()
