"""What a request decides about each student of a session (docs/decisions.md#each-student)."""

from __future__ import annotations

from attendance_service.domain.attendance_record import StudentRecord, class_status
from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.decision import SOURCE_BY_ROLE, MarkRequest, StudentDecision, StudentMark
from attendance_service.domain.errors import ExcuseNeedsAbsence, NotesWithoutDecision, NothingToAccept, NotOnRoster
from attendance_service.domain.session import EnrolledStudent, TutoringSession
from attendance_service.domain.suggestion import PersonSuggestion, Suggestion
from attendance_service.domain.vocabulary import AttendanceSource, AttendanceStatus
from servicekit.errors import FieldViolation
from servicekit.identifiers import StudentProfileId

#: Comes before a parent's notes where they stand below other people's.
PARENT_LABEL = "\nParent: "
_NOTHING = StudentMark()


def named_students(mark: MarkRequest, session: TutoringSession, caller: Caller) -> dict[StudentProfileId, StudentMark]:
    """Return what is asked about single students, by their profiles.

    NotOnRoster if one is not a student of the session whom the caller may see, or is named twice.
    """
    shown = session.enrolment.shown_to(caller)
    named: dict[StudentProfileId, StudentMark] = {}
    for position, wanted in enumerate(mark.students):
        target = next((enrolled.student.id for enrolled in shown if wanted.names(enrolled.student)), None)
        if target is None or target in named:
            problem = "is named twice" if target in named else "is none of the students whom GetSession returns"
            raise NotOnRoster(FieldViolation(f"students[{position}]", problem))
        named[target] = wanted
    return named


def decide_on_students(
    mark: MarkRequest, session: TutoringSession, caller: Caller, accepted: Suggestion | None
) -> tuple[StudentDecision, ...]:
    """Return what to write about each student whom the request concerns.

    Raises:
        NotOnRoster: see `named_students`.
        NothingToAccept: nothing is suggested about a student whose suggestion is to be accepted.
        NotesWithoutDecision: a note is asked for, and nobody has decided on the student.
        ExcuseNeedsAbsence: an excuse is asked for, and the student is not absent.
    """
    named = named_students(mark, session, caller)
    decisions = (
        _decide_on(enrolled, named.get(enrolled.student.id, _NOTHING), mark, session, caller=caller, accepted=accepted)
        for enrolled in session.enrolment.shown_to(caller)
    )
    return tuple(decision for decision in decisions if decision is not None)


def status_of_class(session: TutoringSession, decisions: tuple[StudentDecision, ...]) -> AttendanceStatus | None:
    """Return what the documented column becomes; None if nobody is marked any more."""
    changed = {decision.student.id: decision for decision in decisions if decision.changes_status}
    standing = [enrolled for enrolled in session.enrolment.students if enrolled.student.id not in changed]
    return class_status(
        [
            *(decision.status for decision in changed.values() if decision.status is not None),
            *(enrolled.record.status for enrolled in standing if enrolled.record.is_marked),
        ]
    )


def note_without_parents(record: StudentRecord) -> str:
    """Return the student's note without what a parent added last."""
    stored = record.note or ""
    if record.noted_by_role != CallerRole.PARENT:
        return stored
    return stored.rpartition(PARENT_LABEL)[0]


def _decide_on(
    enrolled: EnrolledStudent,
    own: StudentMark,
    mark: MarkRequest,
    session: TutoringSession,
    *,
    caller: Caller,
    accepted: Suggestion | None,
) -> StudentDecision | None:
    record = enrolled.record
    suggested = _accepted(enrolled, own, mark, session, accepted)
    status = mark.student_status if own.status is None else own.status
    if suggested is not None:
        status = suggested.judgement.status
    given = own.note
    if given is None and status is not None and caller.role is CallerRole.PARENT and session.enrolment.is_class:
        given = mark.notes
    if given is not None and status is None and not record.is_marked:
        raise NotesWithoutDecision
    excused = _excused(own, record, status)
    if status is None and given is None and excused is None:
        return None
    return StudentDecision(
        student=enrolled.student,
        before=record,
        source=SOURCE_BY_ROLE[caller.role] if suggested is None else AttendanceSource.WHITEBOARD_AUTO,
        status=status,
        note=None if given is None else _note_beside_others(given, record, caller),
        excused=excused,
        excuse_reason=(own.excuse_reason or None) if excused else None,
    )


def _accepted(
    enrolled: EnrolledStudent,
    own: StudentMark,
    mark: MarkRequest,
    session: TutoringSession,
    accepted: Suggestion | None,
) -> PersonSuggestion | None:
    """Return the suggestion that is accepted for a student; None if none is."""
    if accepted is None or own.status is not None or not (own.use_suggestion or mark.use_suggestion):
        return None
    suggested = accepted.students.get(enrolled.student.user_id) if enrolled.student.user_id is not None else None
    if suggested is None and not session.enrolment.is_class:
        suggested = accepted.student
    if suggested is None and own.use_suggestion:
        raise NothingToAccept
    # Of a class, only those are accepted about whom the suggestion is sure.
    is_unsure = mark.only_if_clear and suggested is not None and not suggested.is_clear
    return None if is_unsure else suggested


def _excused(own: StudentMark, record: StudentRecord, status: AttendanceStatus | None) -> bool | None:
    """Return whether the absence is excused afterwards; None: unchanged."""
    becomes = record.status if status is None and record.is_marked else status
    if own.excused and becomes != AttendanceStatus.ABSENT:
        raise ExcuseNeedsAbsence
    if own.excused is None and record.excused and becomes != AttendanceStatus.ABSENT:
        return False
    return own.excused


def _note_beside_others(given: str, record: StudentRecord, caller: Caller) -> str:
    """Return the note as it is stored: a parent's stands below those of others."""
    kept = note_without_parents(record) if caller.role is CallerRole.PARENT else ""
    if not kept:
        return given
    return f"{kept}{PARENT_LABEL}{given}" if given else kept
