"""Many suggestions at once: which are to be accepted, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass

from attendance_service.domain.browsing import PagePosition
from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.decision import Mark
from attendance_service.domain.errors import ManyAtOnceNotYours
from attendance_service.domain.suggestion import Suggestion
from attendance_service.domain.vocabulary import AttendanceStatus
from servicekit.errors import DomainError
from servicekit.identifiers import TutoringSessionId

#: Each is a question to the tracking service and a transaction of its own; so many are done well before the gateway
#: gives up.
LARGEST_APPLICATION = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Application:
    """What somebody asks to accept."""

    #: Nothing is written.
    preview: bool
    #: The sessions that are named, each with the etag that was shown or an empty one; none: a page of all.
    named: dict[TutoringSessionId, str]
    after: PagePosition | None
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Applied:
    """A suggestion that was accepted, or would be."""

    session_id: TutoringSessionId
    tutor_status: AttendanceStatus
    student_status: AttendanceStatus
    etag: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NotApplied:
    """A session that was left as it is."""

    session_id: TutoringSessionId
    error: DomainError


@dataclass(frozen=True, kw_only=True, slots=True)
class ApplicationResult:
    """What became of each session, in the order in which they were taken up."""

    applied: tuple[Applied, ...]
    not_applied: tuple[NotApplied, ...]
    #: Where the next page begins; None: there are no older sessions.
    next: PagePosition | None


def require_many_at_once(caller: Caller) -> None:
    """Raise ManyAtOnceNotYours unless the caller may accept suggestions."""
    if caller.role not in {CallerRole.TUTOR, CallerRole.ADMIN}:
        raise ManyAtOnceNotYours


def acceptance(session_id: TutoringSessionId, etag: str) -> Mark:
    """Return the mark that accepts one suggestion unseen: only where nobody decided and nothing is in doubt."""
    return Mark(session_id=session_id, use_suggestion=True, suggestion_etag=etag, only_if_clear=True)


def applied(session_id: TutoringSessionId, suggestion: Suggestion) -> Applied:
    """Return what accepting this suggestion writes."""
    return Applied(
        session_id=session_id,
        tutor_status=suggestion.tutor.judgement.status,
        student_status=suggestion.student.judgement.status,
        etag=suggestion.etag,
    )
