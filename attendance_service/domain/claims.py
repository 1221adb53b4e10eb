"""Claims: a student or parent objects to what is recorded or suggested (docs/decisions.md#claims)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.errors import (
    AlreadyRecorded,
    ClaimAnswered,
    ClaimNotFound,
    ClaimNotYours,
    ClaimOpen,
    ClaimTooEarly,
    ClaimTooLate,
    SessionCancelled,
    SessionChanged,
    TooManyClaims,
)
from attendance_service.domain.listing import PageRequest
from attendance_service.domain.policy import Limits
from attendance_service.domain.session import EnrolledStudent, Student, TutoringSession
from attendance_service.domain.student_reference import UNNAMED, StudentReference
from attendance_service.domain.vocabulary import AttendanceStatus, SessionStatus
from servicekit.identifiers import TutoringSessionId, UserId

#: Of one person about one student and session. Who has been answered so often needs a talk, not another claim.
MAX_CLAIMS = 5
#: By how much the clocks of services and database may differ.
_CLOCK_TOLERANCE = timedelta(minutes=1)


class ClaimState(StrEnum):
    """What has become of a claim."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TAKEN_BACK = "taken_back"


#: How claims may be answered.
ANSWERS = (ClaimState.ACCEPTED, ClaimState.DECLINED, ClaimState.TAKEN_BACK)


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimRequest:
    """What a caller asks to claim."""

    session_id: TutoringSessionId
    #: Students mean themselves; of a parent, the only child may be meant.
    student: StudentReference = UNNAMED
    claimed_status: AttendanceStatus
    #: What happened.
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimedStatus:
    """Which status is claimed for which student of a session."""

    enrolled: EnrolledStudent
    status: AttendanceStatus
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimHistory:
    """What is known about one student and session when a claim is raised."""

    #: None: none is open.
    open_claim_id: int | None
    #: How many the caller raised, including those that were answered.
    callers_claims: int
    #: Decisions about the student, withdrawals included; None: none.
    last_decided_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewClaim:
    """What is written."""

    student: Student
    claimed_status: AttendanceStatus
    note: str
    #: None: not marked.
    recorded_status: str | None
    #: None: nothing, or not known.
    suggested_status: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimAnswer:
    """How a caller answers a claim."""

    claim_id: int
    #: One of ANSWERS.
    state: ClaimState
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedAnswer:
    """An answer as it is kept for ever."""

    state: ClaimState
    answered_by: UserId
    answered_by_name: str
    answered_at: datetime
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedClaim:
    """A claim as it is kept for ever, with its answer."""

    id: int
    session_id: TutoringSessionId
    student: Student
    claimed_status: AttendanceStatus
    note: str
    raised_by: UserId
    raised_by_name: str
    raised_by_role: str
    raised_at: datetime
    #: Of the time when it was raised.
    recorded_status: str | None
    suggested_status: str | None
    #: None: it is open.
    answer: RecordedAnswer | None

    @property
    def state(self) -> ClaimState:
        """What has become of it."""
        return ClaimState.OPEN if self.answer is None else self.answer.state


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimQuery:
    """Which of the claims that the caller may see are asked for."""

    #: None: open and answered ones.
    is_open: bool | None = None
    #: None: of all sessions.
    session_id: TutoringSessionId | None = None
    page: PageRequest[int]


def claimed_status(request: ClaimRequest, session: TutoringSession, caller: Caller) -> ClaimedStatus:
    """Return for whom the caller may claim: students for themselves, parents for their children.

    SessionNotFound, ClaimNotYours, NotOnRoster.
    """
    session.require_access(caller)
    if caller.role not in {CallerRole.STUDENT, CallerRole.PARENT}:
        raise ClaimNotYours
    shown = session.enrolment.shown_to(caller)
    target = request.student.among([enrolled.student for enrolled in shown])
    enrolled = next(enrolled for enrolled in shown if enrolled.student.id == target.id)
    return ClaimedStatus(enrolled=enrolled, status=request.claimed_status, note=request.note)


def raise_claim(
    claimed: ClaimedStatus,
    session: TutoringSession,
    history: ClaimHistory,
    limits: Limits,
    *,
    now: datetime,
    zone: tzinfo,
) -> NewClaim:
    """Return what to write; `zone` is the session time zone.

    Raises:
        SessionCancelled: there is no attendance to claim.
        ClaimTooEarly: the session is neither over nor marked.
        AlreadyRecorded: what is claimed is recorded.
        ClaimOpen: another claim about the student waits for an answer.
        ClaimTooLate: the time that the policy sets has passed.
        TooManyClaims: the caller has raised MAX_CLAIMS about the student.
    """
    enrolled = claimed.enrolled
    recorded = enrolled.record.status if enrolled.record.is_marked else None
    if session.is_cancelled:
        raise SessionCancelled
    if recorded is None and not _is_over(session, now, zone):
        raise ClaimTooEarly
    if recorded == claimed.status:
        raise AlreadyRecorded
    if history.open_claim_id is not None:
        raise ClaimOpen(metadata={"claim_id": str(history.open_claim_id)})
    until = _claimable_until(session, enrolled, history, limits, zone)
    if until is not None and now >= until:
        raise ClaimTooLate
    if history.callers_claims >= MAX_CLAIMS:
        raise TooManyClaims
    return NewClaim(
        student=enrolled.student,
        claimed_status=claimed.status,
        note=claimed.note,
        recorded_status=recorded,
    )


def require_may_answer(
    answer: ClaimAnswer, claim: RecordedClaim, session: TutoringSession, caller: Caller, *, zone: tzinfo
) -> None:
    """Check that the caller may answer a claim in this way; whether they may decide as claimed is checked elsewhere.

    `zone` is the session time zone.

    Raises:
        ClaimNotFound: the caller may not know of it: the session is another person's, or it is about a classmate.
        ClaimNotYours: the caller raised it, and can only take it back; or they did not, and can't.
        ClaimAnswered: it was answered before.
        SessionChanged: the claim is about a time from before the session was moved, so it can't be accepted.
    """
    decides = caller.role in {CallerRole.TUTOR, CallerRole.ADMIN}
    shown = {student.id for student in session.enrolment.students_shown_to(caller)}
    if not session.enrolment.includes(caller) or (not decides and claim.student.id not in shown):
        raise ClaimNotFound(metadata={"claim_id": str(claim.id)})
    is_own = claim.raised_by == caller.user_id and not decides
    if is_own != (answer.state is ClaimState.TAKEN_BACK) or not (is_own or decides):
        raise ClaimNotYours
    if claim.answer is not None:
        raise ClaimAnswered
    begins_at = session.schedule.begins_at(zone)
    is_moved = begins_at is not None and claim.raised_at < begins_at - _CLOCK_TOLERANCE
    if is_moved and answer.state is ClaimState.ACCEPTED:
        raise SessionChanged


def _is_over(session: TutoringSession, now: datetime, zone: tzinfo) -> bool:
    window = session.schedule.window(zone)
    if window is not None:
        return window.end <= now
    # Without times of its own, only the platform knows before the day is over.
    ends_at = _ends_at(session, zone)
    is_over = session.status in {SessionStatus.COMPLETED, SessionStatus.MISSED}
    return is_over or (ends_at is not None and ends_at <= now)


def _ends_at(session: TutoringSession, zone: tzinfo) -> datetime | None:
    """Return when the session ends at the latest; None if it has no day."""
    window = session.schedule.window(zone)
    if window is not None:
        return window.end
    begins_at = session.schedule.begins_at(zone)
    return None if begins_at is None else begins_at + timedelta(days=1)


def _claimable_until(
    session: TutoringSession, enrolled: EnrolledStudent, history: ClaimHistory, limits: Limits, zone: tzinfo
) -> datetime | None:
    """Return until when claims can be raised: counted from the later of the lesson's end and the last decision.

    None: there is neither.
    """
    times = (_ends_at(session, zone), enrolled.record.marked_at, history.last_decided_at)
    known = [time for time in times if time is not None]
    return max(known) + timedelta(days=limits.claim_within_days) if known else None
