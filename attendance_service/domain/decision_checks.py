"""What must hold before a decision is taken: who may decide what, and on what it rests (docs/decisions.md)."""

from __future__ import annotations

from datetime import datetime, tzinfo

from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.decision import MarkRequest
from attendance_service.domain.errors import (
    AdminsExcuseTutors,
    AlreadyMarked,
    AttendanceChanged,
    ClaimWaits,
    NothingToAccept,
    ParentsDoNotExcuse,
    ParentsReportTheirChild,
    SessionCancelled,
    SessionChanged,
    SessionNotBegun,
    StudentsDiffer,
    StudentsDoNotDecide,
    SubstitutesMarkStudents,
    SuggestionChanged,
    SuggestionNotSure,
    SuggestionProvisional,
)
from attendance_service.domain.session import TutoringSession
from attendance_service.domain.student_decisions import named_students
from attendance_service.domain.suggestion import Suggestion


def require_permission(mark: MarkRequest, session: TutoringSession, caller: Caller) -> None:
    """Check that the caller may record this about this session.

    Raises:
        SessionNotFound: it is another person's.
        StudentsDoNotDecide: a student asks.
        ParentsReportTheirChild: a parent asks for more than their children's statuses.
        ParentsDoNotExcuse: a parent asks for an excuse.
        SubstitutesMarkStudents: a substitute asks for more than the students.
        AdminsExcuseTutors: another person than an admin asks to excuse the tutor.
        SessionCancelled: there is no attendance to record.
        NotOnRoster: the request names another student than those whom the caller sees in the session.
    """
    session.require_access(caller)
    if caller.role is CallerRole.STUDENT:
        raise StudentsDoNotDecide
    if caller.role is CallerRole.PARENT:
        _require_children_alone(mark)
    if caller.role is CallerRole.TUTOR and not session.enrolment.caller_is_tutor and not _is_about_students(mark):
        raise SubstitutesMarkStudents
    if mark.tutor_excused is not None and caller.role is not CallerRole.ADMIN:
        raise AdminsExcuseTutors
    if session.is_cancelled:
        raise SessionCancelled
    named_students(mark, session, caller)


def _is_about_students(mark: MarkRequest) -> bool:
    """Return whether it asks for students' statuses, with or without notes, and nothing about the tutor."""
    about_tutor = mark.use_suggestion or mark.tutor_status is not None or mark.tutor_excused is not None
    return not about_tutor and (mark.student_status is not None or bool(mark.students))


def _require_children_alone(mark: MarkRequest) -> None:
    if any(student.excused is not None for student in mark.students):
        raise ParentsDoNotExcuse
    has_statuses = mark.student_status is not None or all(student.status is not None for student in mark.students)
    if mark.accepts or not _is_about_students(mark) or not has_statuses:
        raise ParentsReportTheirChild


def require_begun(session: TutoringSession, *, now: datetime, zone: tzinfo) -> None:
    """Raise SessionNotBegun if the session begins later; `zone` is the session time zone."""
    begins_at = session.schedule.begins_at(zone)
    if begins_at is not None and now < begins_at:
        raise SessionNotBegun


def require_unchanged(mark: MarkRequest, session: TutoringSession, shown: TutoringSession, caller: Caller) -> None:
    """Check that what the decision rests on has not changed.

    Raises:
        AttendanceChanged: the record is not the one that was shown.
        AlreadyMarked: the session was to be marked only if it is unmarked.
        ClaimWaits: the session was to be marked only if it is clear, and somebody objects.
        SessionChanged: the session or its roster was changed after its suggestion was made.
    """
    if mark.attendance_etag and mark.attendance_etag != session.attendance_etag(caller):
        raise AttendanceChanged
    if mark.only_if_clear and session.attendance.is_marked:
        raise AlreadyMarked
    if mark.only_if_clear and session.open_claims:
        raise ClaimWaits
    if mark.accepts and (session.schedule, session.enrolment.roster) != (shown.schedule, shown.enrolment.roster):
        raise SessionChanged


def require_acceptable(mark: MarkRequest, suggestion: Suggestion, session: TutoringSession) -> None:
    """Check that this suggestion can be accepted, and is the one that was shown.

    Raises:
        SuggestionProvisional: the facts may still change.
        NothingToAccept: there are no facts.
        SuggestionChanged: it is not the one that was shown.
        SuggestionNotSure: confidence must be high for both, in a class for the tutor and a student, and is not.
        StudentsDiffer: the same, because students who have no status of their own differ.
    """
    if suggestion.provisional:
        raise SuggestionProvisional
    if not suggestion.has_whiteboard:
        raise NothingToAccept
    if mark.suggestion_etag and mark.suggestion_etag != suggestion.etag:
        raise SuggestionChanged
    if not mark.only_if_clear:
        return
    if session.enrolment.is_class:
        is_clear = suggestion.tutor.is_clear and any(student.is_clear for student in suggestion.students.values())
        if not is_clear:
            raise SuggestionNotSure
    elif not suggestion.is_clear:
        raise StudentsDiffer if suggestion.students_differ else SuggestionNotSure
