"""Withdrawing decisions: who may, and what is left of the record (docs/decisions.md#withdrawing-a-decision)."""

from __future__ import annotations

from dataclasses import dataclass

from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.errors import (
    AdminDecided,
    AttendanceChanged,
    GroupClassOfParent,
    NothingToWithdraw,
    NotYourDecision,
    StudentsDoNotDecide,
)
from attendance_service.domain.precedence import LastDeciders, has_admins_notes, is_admins, notes_without_parents
from attendance_service.domain.session import AttendanceRecord, TutoringSession
from attendance_service.domain.vocabulary import AttendanceSource
from servicekit.identifiers import TutoringSessionId


@dataclass(frozen=True, kw_only=True, slots=True)
class WithdrawalRequest:
    """What a caller asks to withdraw."""

    session_id: TutoringSessionId
    #: Why; empty: not said.
    notes: str = ""
    #: Of the record that was shown; empty: the present one.
    attendance_etag: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Withdrawal:
    """What is written: at least one of the two people is not marked any more."""

    tutor: bool
    student: bool
    #: Why; empty: not said.
    notes: str
    #: The session's source afterwards: that of the person who is still marked.
    remaining_source: str
    #: What the session's notes become; None: unchanged.
    stored_notes: str | None


def withdraw(request: WithdrawalRequest, session: TutoringSession, last: LastDeciders, caller: Caller) -> Withdrawal:
    """Return what to write: the caller withdraws every decision that they may take, and that is not above them.

    Raises:
        NotYourSession: it is another person's.
        StudentsDoNotDecide: a student asks.
        GroupClassOfParent: a parent asks about a class.
        AttendanceChanged: the record is not the one that was shown.
        NothingToWithdraw: nobody decided on a person on whom the caller may decide.
        AdminDecided: an admin decided on them.
        NotYourDecision: a parent asks about another person's decision.
    """
    session.require_access(caller)
    if caller.role is CallerRole.STUDENT:
        raise StudentsDoNotDecide
    if caller.role is CallerRole.PARENT and session.enrolment.student_count > 1:
        raise GroupClassOfParent
    record = session.attendance
    if request.attendance_etag and request.attendance_etag != record.etag:
        raise AttendanceChanged
    decides_on_tutor = caller.role is CallerRole.ADMIN or (
        caller.role is CallerRole.TUTOR and session.enrolment.caller_is_tutor
    )
    tutor = decides_on_tutor and record.tutor_source != AttendanceSource.SYSTEM_DEFAULT
    student = record.student_source != AttendanceSource.SYSTEM_DEFAULT
    if not record.is_marked or not (tutor or student):
        raise NothingToWithdraw
    if caller.role is not CallerRole.ADMIN:
        tutor = tutor and not is_admins(last.tutor_status, record.tutor_source)
        student = student and not is_admins(last.student_status, record.student_source)
        if not (tutor or student):
            raise AdminDecided
    if caller.role is CallerRole.PARENT and record.student_source != AttendanceSource.PARENT_REPORTED:
        raise NotYourDecision
    remaining = _remaining_source(record, tutor=tutor, student=student)
    return Withdrawal(
        tutor=tutor,
        student=student,
        notes=request.notes,
        remaining_source=remaining,
        stored_notes=_stored_notes(record, last, caller, remaining),
    )


def _remaining_source(record: AttendanceRecord, *, tutor: bool, student: bool) -> str:
    if not tutor:
        return record.tutor_source
    return AttendanceSource.SYSTEM_DEFAULT if student else record.student_source


def _stored_notes(record: AttendanceRecord, last: LastDeciders, caller: Caller, remaining: str) -> str | None:
    """Return what is left of the notes: nothing of a parent's own, and only an admin's if nobody is marked."""
    if caller.role is CallerRole.PARENT:
        return notes_without_parents(record, last)
    if caller.role is not CallerRole.ADMIN and has_admins_notes(record, last):
        return None
    return "" if remaining == AttendanceSource.SYSTEM_DEFAULT else None
