"""Accepts the clear suggestions of many sessions, each in a transaction of its own."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.decision import MarkRequest
from attendance_service.domain.errors import BulkAcceptNotAllowed, NotTried
from attendance_service.domain.listing import BULK_ACCEPTABLE, PageRequest, SessionPosition, SessionQuery
from attendance_service.domain.vocabulary import AttendanceStatus
from attendance_service.store.sessions import SessionStore
from attendance_service.use_cases.decision_service import DecisionService
from servicekit.errors import DomainError, Unavailable
from servicekit.identifiers import TutoringSessionId
from servicekit.rpc.deadlines import MAX_ANSWER_SECONDS

#: Each session costs a call to the tracking service and a transaction; this many are done well before the gateway's
#: timeout.
MAX_SESSIONS = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class BulkAcceptRequest:
    """Which suggestions a caller asks to accept."""

    #: Nothing is written.
    preview: bool
    #: The named sessions, each with the etag that was shown or an empty one; none: a page of all.
    named: dict[TutoringSessionId, str]
    page: PageRequest[SessionPosition]


@dataclass(frozen=True, kw_only=True, slots=True)
class AcceptedSession:
    """A session whose suggestion was accepted, or would be."""

    session_id: TutoringSessionId
    tutor_status: AttendanceStatus
    student_status: AttendanceStatus
    etag: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SkippedSession:
    """A session that was not changed."""

    session_id: TutoringSessionId
    error: DomainError


@dataclass(frozen=True, kw_only=True, slots=True)
class BulkAcceptResult:
    """What happened to each session, in the order in which they were tried."""

    accepted: tuple[AcceptedSession, ...]
    skipped: tuple[SkippedSession, ...]
    #: Where the next page begins; None: there are no older sessions.
    next: SessionPosition | None


class BulkAccept:
    """Accepts many suggestions with one call."""

    def __init__(self, *, sessions: SessionStore, decisions: DecisionService) -> None:
        """Everything it calls is passed in."""
        self._sessions = sessions
        self._decisions = decisions

    async def accept(self, request: BulkAcceptRequest, caller: Caller) -> BulkAcceptResult:
        """Accept (or preview) the clear suggestions, and report why the other sessions were skipped.

        Raises:
            BulkAcceptNotAllowed: the caller is neither a tutor nor an admin.
            Unavailable: no session could be tried.
        """
        if caller.role not in {CallerRole.TUTOR, CallerRole.ADMIN}:
            raise BulkAcceptNotAllowed
        etags, following = await self._chosen(request, caller)
        results = await self._accept_each(etags, caller, preview=request.preview)
        return BulkAcceptResult(
            accepted=tuple(result for result in results if isinstance(result, AcceptedSession)),
            skipped=tuple(result for result in results if isinstance(result, SkippedSession)),
            next=following,
        )

    async def _chosen(
        self, request: BulkAcceptRequest, caller: Caller
    ) -> tuple[dict[TutoringSessionId, str], SessionPosition | None]:
        if request.named:
            return request.named, None
        query = SessionQuery(attendance_filter=BULK_ACCEPTABLE, page=request.page)
        page = await self._sessions.page(query, caller)
        return {session.id: "" for session in page.rows}, page.next

    async def _accept_each(
        self, etags: dict[TutoringSessionId, str], caller: Caller, *, preview: bool
    ) -> list[AcceptedSession | SkippedSession]:
        """Try one session after the other, until one fails with Unavailable or time is up: the rest would fail too."""
        results: list[AcceptedSession | SkippedSession] = []
        give_up_at = _time() + MAX_ANSWER_SECONDS
        obstacle: Unavailable | None = None
        for session_id, etag in etags.items():
            if obstacle is None:
                results.append(await self._result(session_id, etag, caller, preview=preview))
                obstacle = _obstacle(results[-1], give_up_at)
            else:
                results.append(SkippedSession(session_id=session_id, error=obstacle))
        if obstacle is not None and all(isinstance(it, SkippedSession) and it.error is obstacle for it in results):
            raise obstacle
        return results

    async def _result(
        self, session_id: TutoringSessionId, etag: str, caller: Caller, *, preview: bool
    ) -> AcceptedSession | SkippedSession:
        try:
            return await self._accept(session_id, etag, caller, preview=preview)
        except DomainError as error:
            return SkippedSession(session_id=session_id, error=error)

    async def _accept(
        self, session_id: TutoringSessionId, etag: str, caller: Caller, *, preview: bool
    ) -> AcceptedSession:
        suggestion = await self._decisions.preview(_acceptance(session_id, etag), caller)
        if not preview:
            # With its etag, so that the statuses that are returned are the ones that are written.
            await self._decisions.mark(_acceptance(session_id, suggestion.etag), caller)
        return AcceptedSession(
            session_id=session_id,
            tutor_status=suggestion.tutor.judgement.status,
            student_status=suggestion.student.judgement.status,
            etag=suggestion.etag,
        )


def _acceptance(session_id: TutoringSessionId, etag: str) -> MarkRequest:
    return MarkRequest(session_id=session_id, use_suggestion=True, suggestion_etag=etag, only_if_clear=True)


def _obstacle(result: AcceptedSession | SkippedSession, give_up_at: float) -> Unavailable | None:
    """Return why the next session is not worth a try; None: it is."""
    if isinstance(result, SkippedSession) and isinstance(result.error, Unavailable):
        return result.error
    return NotTried() if _time() > give_up_at else None


def _time() -> float:
    return asyncio.get_running_loop().time()
