"""Withdrawing decisions: who may, and what is left of the record (docs/decisions.md#withdrawing-a-decision)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from attendance_service.domain.attendance_record import AttendanceRecord
from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.decision import StudentDecision
from attendance_service.domain.errors import (
    AdminDecided,
    AttendanceChanged,
    NothingToWithdraw,
    NotOnRoster,
    NotYourDecision,
    StudentsDoNotDecide,
)
from attendance_service.domain.precedence import (
    LastDeciders,
    has_admins_note,
    has_admins_notes,
    is_admins,
    is_admins_student,
    notes_without_parents,
)
from attendance_service.domain.session import EnrolledStudent, TutoringSession
from attendance_service.domain.student_decisions import note_without_parents, status_of_class
from attendance_service.domain.vocabulary import AttendanceSource, AttendanceStatus
from servicekit.errors import FieldViolation
from servicekit.identifiers import StudentProfileId, TutoringSessionId, UserId


@dataclass(frozen=True, kw_only=True, slots=True)
class WithdrawalRequest:
    """What a caller asks to withdraw."""

    session_id: TutoringSessionId
    #: Only what was decided on these; none: on everybody on whom the caller may decide.
    students: tuple[StudentProfileId, ...] = ()
    #: Why; empty: not said.
    notes: str = ""
    #: Of the record that was shown; empty: the present one.
    attendance_etag: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Withdrawal:
    """What is written: at least one person is not marked any more."""

    tutor: bool
    #: Whether at least one student is not marked any more.
    student: bool
    #: Those students, as far as they are known.
    students: tuple[StudentDecision, ...] = ()
    #: What the documented column of the students becomes; None: its default, because none of them is marked.
    student_status: AttendanceStatus | None = None
    #: Why; empty: not said.
    notes: str
    #: The session's source afterwards: that of the people who are still marked.
    remaining_source: str
    #: Who decided last on the students who are left, if they alone are; None: the ledger says who remains.
    marked_by: UserId | None = None
    marked_at: datetime | None = None
    #: What the session's notes become; None: unchanged.
    stored_notes: str | None


def withdraw(request: WithdrawalRequest, session: TutoringSession, last: LastDeciders, caller: Caller) -> Withdrawal:
    """Return what to write: the caller withdraws every decision that they may take, and that is not above them.

    Raises:
        SessionNotFound: it is another person's.
        StudentsDoNotDecide: a student asks.
        AttendanceChanged: the record is not the one that was shown.
        NotOnRoster: the request names another student than those whom the caller sees in the session.
        NothingToWithdraw: nobody decided on a person on whom the caller may decide.
        AdminDecided: an admin decided on them.
        NotYourDecision: a parent asks about another person's decision.
    """
    session.require_access(caller)
    if caller.role is CallerRole.STUDENT:
        raise StudentsDoNotDecide
    record, enrolment = session.attendance, session.enrolment
    if request.attendance_etag and request.attendance_etag != session.attendance_etag(caller):
        raise AttendanceChanged
    concerned = _concerned(request, session, caller)
    decides_on_tutor = not request.students and (
        caller.role is CallerRole.ADMIN or (caller.role is CallerRole.TUTOR and enrolment.caller_is_tutor)
    )
    tutor = decides_on_tutor and record.tutor_source != AttendanceSource.SYSTEM_DEFAULT
    marked = [enrolled for enrolled in concerned if enrolled.record.is_marked]
    # Of a session without known students, whoever they are.
    unknown = not enrolment.students and record.student_source != AttendanceSource.SYSTEM_DEFAULT
    if not record.is_marked or not (tutor or marked or unknown):
        raise NothingToWithdraw
    if caller.role is not CallerRole.ADMIN:
        tutor = tutor and not is_admins(last.tutor_status, record.tutor_source)
        unknown = unknown and not is_admins(last.student_status, record.student_source)
        marked = [enrolled for enrolled in marked if not is_admins_student(enrolled.record)]
        if not (tutor or marked or unknown):
            raise AdminDecided
    if caller.role is CallerRole.PARENT:
        marked = [it for it in marked if it.record.source == AttendanceSource.PARENT_REPORTED]
        if not marked:
            raise NotYourDecision
    students = tuple(_withdrawn(enrolled, caller) for enrolled in marked)
    remaining = _remaining_students(session, students) if not unknown else []
    source = _remaining_source(record, remaining, session, tutor=tutor, student=unknown or bool(students))
    tutor_remains = not tutor and record.tutor_source != AttendanceSource.SYSTEM_DEFAULT
    newest = remaining[0].record if remaining and students and not tutor_remains else None
    return Withdrawal(
        tutor=tutor,
        student=unknown or bool(students),
        students=students,
        student_status=status_of_class(session, students) if students else None,
        notes=request.notes,
        remaining_source=source,
        marked_by=None if newest is None else newest.marked_by,
        marked_at=None if newest is None else newest.marked_at,
        stored_notes=_stored_notes(record, last, session, caller, source),
    )


def _concerned(request: WithdrawalRequest, session: TutoringSession, caller: Caller) -> list[EnrolledStudent]:
    shown = session.enrolment.shown_to(caller)
    known = {enrolled.student.id for enrolled in shown}
    problems = [
        FieldViolation(f"student_ids[{position}]", "is none of the students whom GetSession returns")
        for position, student in enumerate(request.students)
        if student not in known
    ]
    if problems:
        raise NotOnRoster(*problems)
    return [enrolled for enrolled in shown if not request.students or enrolled.student.id in request.students]


def _withdrawn(enrolled: EnrolledStudent, caller: Caller) -> StudentDecision:
    """Return that nobody has decided on a student; of the note only what is above the caller is left."""
    record = enrolled.record
    note = note_without_parents(record) if caller.role is CallerRole.PARENT else ""
    keeps_note = caller.role is not CallerRole.ADMIN and has_admins_note(record)
    return StudentDecision(
        student=enrolled.student,
        before=record,
        source=AttendanceSource.SYSTEM_DEFAULT,
        note=None if keeps_note or not record.note else note,
        excused=False if record.excused else None,
        withdrawn=True,
    )


def _remaining_students(session: TutoringSession, withdrawn: Collection[StudentDecision]) -> list[EnrolledStudent]:
    """Return the students who are still marked, those decided on last first."""
    gone = {decision.student.id for decision in withdrawn}
    remaining = [it for it in session.enrolment.students if it.record.is_marked and it.student.id not in gone]
    return sorted(remaining, key=lambda it: it.record.last_decision_id or 0, reverse=True)


def _remaining_source(
    record: AttendanceRecord,
    remaining: list[EnrolledStudent],
    session: TutoringSession,
    *,
    tutor: bool,
    student: bool,
) -> str:
    if not tutor and record.tutor_source != AttendanceSource.SYSTEM_DEFAULT:
        return record.tutor_source
    if session.enrolment.students:
        return remaining[0].record.source if remaining else AttendanceSource.SYSTEM_DEFAULT
    return AttendanceSource.SYSTEM_DEFAULT if student else record.student_source


def _stored_notes(
    record: AttendanceRecord, last: LastDeciders, session: TutoringSession, caller: Caller, remaining: str
) -> str | None:
    """Return what is left of the notes: nothing of a parent's own, and only an admin's if nobody is marked."""
    if caller.role is CallerRole.PARENT:
        # In a class a parent's notes are on their child.
        return None if session.enrolment.is_class else notes_without_parents(record, last)
    if caller.role is not CallerRole.ADMIN and has_admins_notes(record, last):
        return None
    return "" if remaining == AttendanceSource.SYSTEM_DEFAULT else None
