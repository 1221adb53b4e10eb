"""Accepts the clear suggestions of many sessions, with as many queries and calls as of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, TypeVar

from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.deciding import decide
from attendance_service.domain.decision import Decision, Evidence, MarkRequest
from attendance_service.domain.decision_checks import (
    require_acceptable,
    require_begun,
    require_permission,
    require_unchanged,
)
from attendance_service.domain.errors import BulkAcceptNotAllowed, NothingToAccept, SuggestionNotSure
from attendance_service.domain.listing import BULK_ACCEPTABLE, PageRequest, SessionPosition, SessionQuery
from attendance_service.domain.policy import Policy
from attendance_service.domain.precedence import LastDeciders, require_rank
from attendance_service.domain.session import Student, TutoringSession
from attendance_service.domain.settlement import FinalSuggestion, suggestion_as_settled
from attendance_service.domain.suggestion import Suggestion
from attendance_service.domain.vocabulary import AttendanceStatus
from attendance_service.store.decisions import DecisionStore
from attendance_service.store.ledger import LedgerEntry
from attendance_service.store.sessions import SessionStore, session_not_found
from attendance_service.store.settlements import SettlementStore
from attendance_service.use_cases.settling import Settler
from attendance_service.use_cases.suggestion_service import SuggestionService
from servicekit.clock import Clock, to_datetime
from servicekit.errors import DomainError, Unavailable
from servicekit.identifiers import TutoringSessionId

_T = TypeVar("_T", TutoringSession, "_Acceptance")

#: A page of the list. All are judged with one call and written in one transaction, well before the gateway's timeout.
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
class AcceptedStudent:
    """One student of a class whose suggestion was accepted, for them or for others."""

    student: Student
    #: What is suggested; None: nothing.
    status: AttendanceStatus | None
    #: Why it was not accepted for this student; None: it was.
    error: DomainError | None


@dataclass(frozen=True, kw_only=True, slots=True)
class AcceptedSession:
    """A session whose suggestion was accepted, or would be."""

    session_id: TutoringSessionId
    tutor_status: AttendanceStatus
    student_status: AttendanceStatus
    etag: str
    #: Those of a class.
    students: tuple[AcceptedStudent, ...]
    #: Of the record as it is stored then; empty: nothing was written.
    attendance_etag: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SkippedSession:
    """A session that was not changed."""

    session_id: TutoringSessionId
    error: DomainError


@dataclass(frozen=True, kw_only=True, slots=True)
class BulkAcceptResult:
    """What happened to each session, in the order in which they were asked for."""

    accepted: tuple[AcceptedSession, ...]
    skipped: tuple[SkippedSession, ...]
    #: Where the next page begins; None: there are no older sessions.
    next: SessionPosition | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Acceptance:
    """A session whose suggestion can be accepted."""

    mark: MarkRequest
    shown: TutoringSession
    suggestion: Suggestion
    policy: Policy
    evidence: Evidence


class BulkAccept:
    """Accepts many suggestions with one call."""

    def __init__(
        self,
        *,
        sessions: SessionStore,
        decisions: DecisionStore,
        suggestions: SuggestionService,
        settlements: SettlementStore,
        settler: Settler,
        clock: Clock,
        zone: tzinfo,
    ) -> None:
        """`zone` is the session time zone."""
        self._sessions = sessions
        self._decisions = decisions
        self._suggestions = suggestions
        self._settlements = settlements
        self._settler = settler
        self._clock = clock
        self._zone = zone

    async def accept(self, request: BulkAcceptRequest, caller: Caller) -> BulkAcceptResult:
        """Accept (or preview) the clear suggestions, and report why the other sessions were skipped.

        Raises:
            BulkAcceptNotAllowed: the caller is neither a tutor nor an admin.
            CallerUnknown: there is no such user.
            Unavailable: no session could be tried.
        """
        if caller.role not in {CallerRole.TUTOR, CallerRole.ADMIN}:
            raise BulkAcceptNotAllowed
        now = to_datetime(self._clock.now())
        asked, following = await self._asked(request, caller)
        allowed, refused = _checked(
            asked, lambda session: self._require_allowed(_mark(session.id, ""), session, session, caller, now)
        )
        judged = await self._judged(list(allowed.values()), request.named)
        acceptable, unsure = _checked(judged, lambda it: require_acceptable(it.mark, it.suggestion, it.shown))
        results: dict[TutoringSessionId, AcceptedSession | DomainError] = {**refused, **unsure}
        if request.preview:
            results |= {key: _accepted(it, _decision(it, it.shown, caller)) for key, it in acceptable.items()}
        elif acceptable:
            results |= await self._record(acceptable, caller, now)
        return _result(asked, results, following)

    async def _asked(
        self, request: BulkAcceptRequest, caller: Caller
    ) -> tuple[dict[TutoringSessionId, TutoringSession | DomainError], SessionPosition | None]:
        """Return the sessions in their order, and where the next page begins."""
        if request.named:
            existing = {session.id: session for session in await self._sessions.get_many(request.named, caller)}
            return {it: existing.get(it) or session_not_found(it) for it in request.named}, None
        page = await self._sessions.page(SessionQuery(attendance_filter=BULK_ACCEPTABLE, page=request.page), caller)
        return {session.id: session for session in page.rows}, page.next

    def _require_allowed(
        self, mark: MarkRequest, session: TutoringSession, shown: TutoringSession, caller: Caller, now: datetime
    ) -> None:
        require_permission(mark, session, caller)
        require_begun(session, now=now, zone=self._zone)
        require_unchanged(mark, session, shown, caller)

    async def _judged(
        self, sessions: Sequence[TutoringSession], etags: Mapping[TutoringSessionId, str]
    ) -> dict[TutoringSessionId, _Acceptance | DomainError]:
        """Return what is suggested about each session: as it is written down, or else judged now, with one call."""
        final = await self._settlements.final([session.id for session in sessions])
        judged: dict[TutoringSessionId, _Acceptance | DomainError] = {}
        others = []
        for session, policy in zip(sessions, await self._suggestions.policies_for(sessions), strict=True):
            settled = final.get(session.id)
            suggestion = None if settled is None else _as_settled(settled, policy)
            if settled is None or suggestion is None:
                others.append((session, policy))
            else:
                judged[session.id] = _acceptance(session, suggestion, policy, settled.document, etags)
        pending, policies = [session for session, _ in others], [policy for _, policy in others]
        try:
            suggestions = await self._suggestions.suggest_many(pending, policies)
        except Unavailable as error:
            return judged | dict.fromkeys((session.id for session in pending), error)
        documents = await self._settler.documents(list(zip(pending, suggestions, strict=True)))
        return judged | {
            session.id: _acceptance(session, suggestion, policy, document, etags)
            for session, suggestion, policy, document in zip(pending, suggestions, policies, documents, strict=True)
        }

    async def _record(
        self, acceptable: Mapping[TutoringSessionId, _Acceptance], caller: Caller, now: datetime
    ) -> dict[TutoringSessionId, AcceptedSession | DomainError]:
        def decide_now(session: TutoringSession, last: LastDeciders) -> LedgerEntry:
            accepted = acceptable[session.id]
            self._require_allowed(accepted.mark, session, accepted.shown, caller, now)
            decision = _decision(accepted, session, caller)
            require_rank(decision, session.attendance, last, caller)
            return LedgerEntry(before=session, decision=decision, evidence=accepted.evidence, policy=accepted.policy)

        recorded = await self._decisions.record_many(list(acceptable), caller, decide_now)
        return {
            it: result if isinstance(result, DomainError) else _accepted(acceptable[it], *result)
            for it, result in recorded.items()
        }


def _checked(
    items: Mapping[TutoringSessionId, _T | DomainError], check: Callable[[_T], None]
) -> tuple[dict[TutoringSessionId, _T], dict[TutoringSessionId, DomainError]]:
    """Return the items that are no errors and pass a check, and the errors of the others."""
    passed: dict[TutoringSessionId, _T] = {}
    errors: dict[TutoringSessionId, DomainError] = {}
    for key, item in items.items():
        try:
            if isinstance(item, DomainError):
                raise item
            check(item)
            passed[key] = item
        except DomainError as error:
            errors[key] = error
    return passed, errors


def _mark(session_id: TutoringSessionId, etag: str) -> MarkRequest:
    return MarkRequest(session_id=session_id, use_suggestion=True, suggestion_etag=etag, only_if_clear=True)


def _as_settled(settled: FinalSuggestion, policy: Policy) -> Suggestion | None:
    """Return the suggestion that is written down, if it was judged by the policy in force."""
    return suggestion_as_settled(settled.suggestion) if settled.suggestion.policy_version == policy.version else None


def _acceptance(
    session: TutoringSession,
    suggestion: Suggestion,
    policy: Policy,
    document: Mapping[str, Any],
    etags: Mapping[TutoringSessionId, str],
) -> _Acceptance:
    mark, evidence = _mark(session.id, etags.get(session.id, "")), Evidence(document=document, etag=suggestion.etag)
    return _Acceptance(mark=mark, shown=session, suggestion=suggestion, policy=policy, evidence=evidence)


def _decision(accepted: _Acceptance, session: TutoringSession, caller: Caller) -> Decision:
    return decide(accepted.mark, session, caller, accepted.suggestion)


def _accepted(accepted: _Acceptance, decision: Decision, attendance_etag: str = "") -> AcceptedSession:
    suggestion = accepted.suggestion
    return AcceptedSession(
        session_id=accepted.shown.id,
        tutor_status=decision.tutor_status or suggestion.tutor.judgement.status,
        student_status=decision.student_status or suggestion.student.judgement.status,
        etag=suggestion.etag,
        students=_students(accepted, decision) if accepted.shown.enrolment.is_class else (),
        attendance_etag=attendance_etag,
    )


def _students(accepted: _Acceptance, decision: Decision) -> tuple[AcceptedStudent, ...]:
    decided = {student.student.id for student in decision.students}
    suggested = accepted.suggestion.students
    return tuple(
        AcceptedStudent(
            student=student,
            status=None if person is None else person.judgement.status,
            error=None if student.id in decided else (NothingToAccept() if person is None else SuggestionNotSure()),
        )
        for student in (enrolled.student for enrolled in accepted.shown.enrolment.students)
        for person in [None if student.user_id is None else suggested.get(student.user_id)]
    )


def _result(
    asked: Iterable[TutoringSessionId],
    results: Mapping[TutoringSessionId, AcceptedSession | DomainError],
    following: SessionPosition | None,
) -> BulkAcceptResult:
    """Return the results in the order of the sessions; Unavailable if there is no other one."""
    errors = [result for result in results.values() if isinstance(result, DomainError)]
    unavailable = next((error for error in errors if isinstance(error, Unavailable)), None)
    if unavailable is not None and all(error is unavailable for error in errors) and len(errors) == len(results):
        raise unavailable
    ordered = [(session_id, results[session_id]) for session_id in asked]
    return BulkAcceptResult(
        accepted=tuple(result for _, result in ordered if isinstance(result, AcceptedSession)),
        skipped=tuple(
            SkippedSession(session_id=session_id, error=result)
            for session_id, result in ordered
            if isinstance(result, DomainError)
        ),
        next=following,
    )
