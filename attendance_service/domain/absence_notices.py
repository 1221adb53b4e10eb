"""Announcing an absence before a session: who may, and when (docs/decisions.md#announced-absences)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.errors import AbsenceNotYours, NothingAnnounced, SessionBegun, SessionCancelled
from attendance_service.domain.session import Student, TutoringSession
from attendance_service.domain.student_reference import UNNAMED, StudentReference
from attendance_service.domain.vocabulary import SessionStatus
from servicekit.identifiers import TutoringSessionId, UserId


@dataclass(frozen=True, kw_only=True, slots=True)
class AbsenceRequest:
    """What a caller asks to announce, or to withdraw."""

    session_id: TutoringSessionId
    #: Else about a student.
    about_tutor: bool = False
    student: StudentReference = UNNAMED
    #: Why; empty only if it is withdrawn.
    reason: str = ""
    #: The person comes after all.
    withdrawn: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class NewNotice:
    """What is written about one person."""

    #: None: about the tutor.
    student: Student | None
    reason: str
    withdrawn: bool
    #: False: the same is announced already, so nothing is written.
    is_new: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedNotice:
    """A notice as it is kept for ever."""

    id: int
    session_id: TutoringSessionId
    #: None: about the tutor.
    student: Student | None
    #: Of the person who is absent.
    name: str
    reason: str
    withdrawn: bool
    announced_by: UserId
    announced_by_name: str
    announced_by_role: str
    announced_at: datetime


def announce(
    request: AbsenceRequest, session: TutoringSession, caller: Caller, *, now: datetime, zone: tzinfo
) -> NewNotice:
    """Return what to write; `zone` is the session time zone.

    Raises:
        SessionNotFound: it is another person's.
        AbsenceNotYours: the caller may not announce this person's absence.
        NotOnRoster: no student of the session is meant.
        SessionCancelled: nobody is expected.
        SessionBegun: it is too late.
        NothingAnnounced: there is no notice to withdraw.
    """
    session.require_access(caller)
    _require_permission(request, session, caller)
    student = None if request.about_tutor else request.student.among(session.enrolment.students_shown_to(caller))
    if session.is_cancelled:
        raise SessionCancelled
    if _has_begun(session, now, zone):
        raise SessionBegun
    announced = session.absences.reason_for(student)
    if request.withdrawn and announced is None:
        raise NothingAnnounced
    return NewNotice(
        student=student,
        reason=request.reason,
        withdrawn=request.withdrawn,
        is_new=request.withdrawn or announced != request.reason,
    )


def _require_permission(request: AbsenceRequest, session: TutoringSession, caller: Caller) -> None:
    """Raise AbsenceNotYours unless the caller may announce absences of the tutor, or of students whom they see."""
    may = {
        CallerRole.TUTOR: session.enrolment.caller_is_tutor or not request.about_tutor,
        CallerRole.STUDENT: False,
        CallerRole.PARENT: not request.about_tutor,
        CallerRole.ADMIN: True,
    }
    if not may[caller.role]:
        raise AbsenceNotYours


def _has_begun(session: TutoringSession, now: datetime, zone: tzinfo) -> bool:
    begins_at = session.schedule.begins_at(zone)
    # Without a day only the platform knows.
    return session.status != SessionStatus.SCHEDULED if begins_at is None else begins_at <= now
