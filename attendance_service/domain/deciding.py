"""What a decision changes (docs/decisions.md#what-a-decision-changes)."""

from __future__ import annotations

from attendance_service.domain.attendance_record import AttendanceRecord
from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.decision import SOURCE_BY_ROLE, Decision, MarkRequest, StudentDecision
from attendance_service.domain.errors import ExcuseNeedsAbsence, NotesWithoutDecision
from attendance_service.domain.session import TutoringSession
from attendance_service.domain.student_decisions import decide_on_students, status_of_class
from attendance_service.domain.suggestion import Suggestion
from attendance_service.domain.vocabulary import AttendanceSource, AttendanceStatus


def decide(mark: MarkRequest, session: TutoringSession, caller: Caller, accepted: Suggestion | None) -> Decision:
    """Return what to write; `accepted` is the suggestion if the mark accepts it for somebody.

    Raises:
        NotesWithoutDecision: notes are asked for, and nobody has decided on the session, or on the student.
        ExcuseNeedsAbsence: an excuse is asked for, and the person is not absent.
        NotOnRoster, NothingToAccept: see `decide_on_students`.
    """
    tutor_status, student_status = mark.tutor_status, mark.student_status
    if accepted is not None and mark.use_suggestion:
        tutor_status, student_status = accepted.tutor.judgement.status, accepted.student.judgement.status
    students = decide_on_students(mark, session, caller, accepted)
    if session.enrolment.students:
        decides_on_students = any(student.changes_status for student in students)
        student_status = status_of_class(session, students) if decides_on_students else None
    # In a class a parent's notes are about their child alone.
    notes = None if caller.role is CallerRole.PARENT and session.enrolment.is_class else mark.notes
    is_decided = tutor_status is not None or student_status is not None
    if notes is not None and not is_decided and not session.attendance.is_marked:
        raise NotesWithoutDecision
    tutor_excused = _tutor_excused(mark, session.attendance, tutor_status)
    return Decision(
        source=_source(mark, caller, students),
        tutor_status=tutor_status,
        student_status=student_status,
        notes=notes,
        students=students,
        tutor_excused=tutor_excused,
        tutor_excuse_reason=(mark.tutor_excuse_reason or None) if tutor_excused else None,
    )


def _source(mark: MarkRequest, caller: Caller, students: tuple[StudentDecision, ...]) -> AttendanceSource:
    """Return the source of the whole decision; each student has one of their own."""
    if mark.use_suggestion:
        return AttendanceSource.WHITEBOARD_AUTO
    sources = {student.source for student in students if student.changes_status}
    if mark.tutor_status is None and sources == {AttendanceSource.WHITEBOARD_AUTO}:
        return AttendanceSource.WHITEBOARD_AUTO
    return SOURCE_BY_ROLE[caller.role]


def _tutor_excused(mark: MarkRequest, record: AttendanceRecord, status: AttendanceStatus | None) -> bool | None:
    """Return whether the tutor's absence is excused afterwards; None: unchanged."""
    is_marked = record.tutor_source != AttendanceSource.SYSTEM_DEFAULT
    becomes = record.tutor_status if status is None and is_marked else status
    if mark.tutor_excused and becomes != AttendanceStatus.ABSENT:
        raise ExcuseNeedsAbsence
    if mark.tutor_excused is None and record.tutor_excused and becomes != AttendanceStatus.ABSENT:
        return False
    return mark.tutor_excused
