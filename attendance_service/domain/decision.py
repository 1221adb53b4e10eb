"""Who may decide what, and what a decision changes (docs/decisions.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.errors import (
    AlreadyMarked,
    AttendanceChanged,
    GroupClassOfParent,
    NotesWithoutDecision,
    NothingToAccept,
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
from attendance_service.domain.policy import Policy
from attendance_service.domain.session import TutoringSession
from attendance_service.domain.suggestion import Suggestion
from attendance_service.domain.vocabulary import AttendanceSource, AttendanceStatus
from servicekit.identifiers import TutoringSessionId, UserId

SOURCE_BY_ROLE = {
    CallerRole.TUTOR: AttendanceSource.MANUAL,
    CallerRole.PARENT: AttendanceSource.PARENT_REPORTED,
    CallerRole.ADMIN: AttendanceSource.ADMIN_OVERRIDE,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class MarkRequest:
    """What a caller asks to record."""

    session_id: TutoringSessionId
    use_suggestion: bool = False
    tutor_status: AttendanceStatus | None = None
    student_status: AttendanceStatus | None = None
    #: None: unchanged; empty: cleared.
    notes: str | None = None
    #: Of the suggestion that was shown; empty: the present one.
    suggestion_etag: str = ""
    #: Of the record that was shown; empty: the present one.
    attendance_etag: str = ""
    #: Only on an unmarked session, and only if confidence is high for both: bulk acceptance does not show it first.
    only_if_clear: bool = False

    @property
    def is_notes_alone(self) -> bool:
        """Whether no status is decided."""
        return not self.use_suggestion and self.tutor_status is None and self.student_status is None


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """The suggestion at the time of a decision."""

    #: As it was shown, in plain JSON values.
    document: Mapping[str, Any]
    etag: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What is written: None leaves a value as it is."""

    source: AttendanceSource
    tutor_status: AttendanceStatus | None
    student_status: AttendanceStatus | None
    #: As they were given.
    notes: str | None
    #: What the session's notes become; None: the same.
    stored_notes: str | None = None

    @property
    def decides_a_status(self) -> bool:
        """Whether it changes more than the notes."""
        return self.tutor_status is not None or self.student_status is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedSuggestion:
    """The suggestion that is kept with a decision, and the policy by which it was judged."""

    #: The suggestion as it was shown.
    evidence: Mapping[str, Any]
    policy: Policy


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedDecision:
    """A decision as it is kept for ever."""

    id: int
    decided_at: datetime
    decided_by: UserId
    decided_by_name: str
    decided_by_role: str
    source: str
    #: Before and after are None if the decision is not about this person.
    tutor_status_before: str | None
    tutor_status_after: str | None
    student_status_before: str | None
    student_status_after: str | None
    #: None: unchanged; empty: cleared.
    notes: str | None
    #: The suggestion as it was shown; None if there was none.
    evidence: Mapping[str, Any] | None
    limits: Mapping[str, Any]
    policy_version: int
    #: Source of the session's attendance before the decision.
    source_before: str
    #: Whether it withdraws what was decided about the person.
    tutor_withdrawn: bool
    student_withdrawn: bool


def require_permission(mark: MarkRequest, session: TutoringSession, caller: Caller) -> None:
    """Check that the caller may record this about this session.

    Raises:
        NotYourSession: it is another person's.
        StudentsDoNotDecide: a student asks.
        ParentsReportTheirChild: a parent asks for more than their child's status.
        GroupClassOfParent: a parent asks about a class.
        SubstitutesMarkStudents: a substitute asks for more than the students' status.
        SessionCancelled: there is no attendance to record.
    """
    session.require_access(caller)
    if caller.role is CallerRole.STUDENT:
        raise StudentsDoNotDecide
    if caller.role is CallerRole.PARENT:
        _require_childs_status_alone(mark, session)
    if caller.role is CallerRole.TUTOR and not session.enrolment.caller_is_tutor and not _is_student_status(mark):
        raise SubstitutesMarkStudents
    if session.is_cancelled:
        raise SessionCancelled


def require_begun(session: TutoringSession, *, now: datetime, zone: tzinfo) -> None:
    """Raise SessionNotBegun if the session begins later; `zone` is the session time zone."""
    begins_at = session.schedule.begins_at(zone)
    if begins_at is not None and now < begins_at:
        raise SessionNotBegun


def require_unchanged(mark: MarkRequest, session: TutoringSession, shown: TutoringSession) -> None:
    """Check that what the decision rests on has not changed.

    Raises:
        AttendanceChanged: the record is not the one that was shown.
        AlreadyMarked: the session was to be marked only if it is unmarked.
        SessionChanged: the session or its roster was changed after its suggestion was made.
    """
    if mark.attendance_etag and mark.attendance_etag != session.attendance.etag:
        raise AttendanceChanged
    if mark.only_if_clear and session.attendance.is_marked:
        raise AlreadyMarked
    if mark.use_suggestion and (session.schedule, session.enrolment.roster) != (shown.schedule, shown.enrolment.roster):
        raise SessionChanged


def require_acceptable(mark: MarkRequest, suggestion: Suggestion) -> None:
    """Check that this suggestion can be accepted, and is the one that was shown.

    Raises:
        SuggestionProvisional: the facts may still change.
        NothingToAccept: there are no facts.
        SuggestionChanged: it is not the one that was shown.
        SuggestionNotSure: confidence must be high for both, and is not.
        StudentsDiffer: the same, because the students of the class differ.
    """
    if suggestion.provisional:
        raise SuggestionProvisional
    if not suggestion.has_whiteboard:
        raise NothingToAccept
    if mark.suggestion_etag and mark.suggestion_etag != suggestion.etag:
        raise SuggestionChanged
    if mark.only_if_clear and not suggestion.is_clear:
        raise StudentsDiffer if suggestion.students_differ else SuggestionNotSure


def decide(mark: MarkRequest, session: TutoringSession, caller: Caller, accepted: Suggestion | None) -> Decision:
    """Return what to write; `accepted` is the suggestion if the mark accepts it. NotesWithoutDecision."""
    if accepted is not None:
        return Decision(
            source=AttendanceSource.WHITEBOARD_AUTO,
            tutor_status=accepted.tutor.judgement.status,
            student_status=accepted.student.judgement.status,
            notes=mark.notes,
        )
    if mark.is_notes_alone and not session.attendance.is_marked:
        raise NotesWithoutDecision
    return Decision(
        source=SOURCE_BY_ROLE[caller.role],
        tutor_status=mark.tutor_status,
        student_status=mark.student_status,
        notes=mark.notes,
    )


def _is_student_status(mark: MarkRequest) -> bool:
    """Return whether it asks for the students' status, with or without notes, and nothing else."""
    return not mark.use_suggestion and mark.tutor_status is None and mark.student_status is not None


def _require_childs_status_alone(mark: MarkRequest, session: TutoringSession) -> None:
    if not _is_student_status(mark):
        raise ParentsReportTheirChild
    if session.enrolment.student_count > 1:
        raise GroupClassOfParent
