"""What is decided about a session and its students, and what of it is kept (docs/decisions.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from attendance_service.domain.attendance_record import StudentRecord
from attendance_service.domain.caller import CallerRole
from attendance_service.domain.policy import Policy
from attendance_service.domain.session import Student
from attendance_service.domain.vocabulary import AttendanceSource, AttendanceStatus
from servicekit.identifiers import StudentProfileId, TutoringSessionId, UserId

SOURCE_BY_ROLE = {
    CallerRole.TUTOR: AttendanceSource.MANUAL,
    CallerRole.PARENT: AttendanceSource.PARENT_REPORTED,
    CallerRole.ADMIN: AttendanceSource.ADMIN_OVERRIDE,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class StudentMark:
    """What a caller asks to record about one student, who is named by one of two ids, or by both."""

    student_id: StudentProfileId | None = None
    user_id: UserId | None = None
    status: AttendanceStatus | None = None
    use_suggestion: bool = False
    #: None: unchanged; empty: cleared.
    note: str | None = None
    #: None: unchanged.
    excused: bool | None = None
    excuse_reason: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to record."""
        return self.status is None and not self.use_suggestion and self.note is None and self.excused is None

    def names(self, student: Student) -> bool:
        """Whether this is the student who is meant."""
        if self.student_id is not None and self.student_id != student.id:
            return False
        return self.user_id is None or self.user_id == student.user_id


@dataclass(frozen=True, kw_only=True, slots=True)
class MarkRequest:
    """What a caller asks to record."""

    session_id: TutoringSessionId
    use_suggestion: bool = False
    tutor_status: AttendanceStatus | None = None
    #: Of all students of whom `students` does not say otherwise.
    student_status: AttendanceStatus | None = None
    #: None: unchanged; empty: cleared.
    notes: str | None = None
    students: tuple[StudentMark, ...] = ()
    #: None: unchanged.
    tutor_excused: bool | None = None
    tutor_excuse_reason: str | None = None
    #: Of the suggestion that was shown; empty: the present one.
    suggestion_etag: str = ""
    #: Of the record that was shown; empty: the present one.
    attendance_etag: str = ""
    #: Only on an unmarked session, and only if confidence is high for both: bulk acceptance does not show it first.
    only_if_clear: bool = False

    @property
    def accepts(self) -> bool:
        """Whether it accepts what is suggested about somebody."""
        return self.use_suggestion or any(student.use_suggestion for student in self.students)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to record."""
        return (
            not self.use_suggestion
            and not self.students
            and self.notes is None
            and self.tutor_excused is None
            and self.tutor_status is None
            and self.student_status is None
        )


class ShownSuggestion(NamedTuple):
    """What was suggested about one student when a person decided."""

    status: str | None = None
    confidence: str | None = None
    #: The first reason code.
    reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """The suggestion at the time of a decision."""

    #: As it was shown, in plain JSON values.
    document: Mapping[str, Any]
    etag: str

    def about(self, student: Student) -> ShownSuggestion:
        """Return what it says about one student; nothing if it does not name them."""
        for entry in self.document.get("students", ()):
            if student.user_id is not None and entry.get("user_id") == student.user_id:
                reason = next(iter(entry.get("reasons", ())), None)
                return ShownSuggestion(entry.get("status_suggestion"), entry.get("confidence"), reason)
        return ShownSuggestion()


@dataclass(frozen=True, kw_only=True, slots=True)
class StudentDecision:
    """What is written about one student: None leaves a value as it is."""

    student: Student
    before: StudentRecord
    source: AttendanceSource
    status: AttendanceStatus | None = None
    #: What the note becomes; empty: cleared.
    note: str | None = None
    excused: bool | None = None
    excuse_reason: str | None = None
    #: Nobody has decided on the student any more.
    withdrawn: bool = False

    @property
    def changes_status(self) -> bool:
        """Whether it changes more than the note and the excuse."""
        return self.status is not None or self.withdrawn


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What is written: None leaves a value as it is."""

    source: AttendanceSource
    tutor_status: AttendanceStatus | None
    #: What the documented column becomes; in a class it says whether somebody was there.
    student_status: AttendanceStatus | None
    #: As they were given.
    notes: str | None
    #: What the session's notes become; None: the same.
    stored_notes: str | None = None
    students: tuple[StudentDecision, ...] = ()
    tutor_excused: bool | None = None
    tutor_excuse_reason: str | None = None

    @property
    def decides_a_status(self) -> bool:
        """Whether it changes more than notes and excuses."""
        return self.tutor_status is not None or self.student_status is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedSuggestion:
    """The suggestion that is kept with a decision, and the policy by which it was judged."""

    #: The suggestion as it was shown.
    evidence: Mapping[str, Any]
    policy: Policy


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedStudentSuggestion:
    """What was suggested about one student when a person decided on them last, and the policy by which."""

    student: StudentProfileId
    status: str
    policy: Policy


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedStudentDecision:
    """What a decision says about one student, as it is kept for ever."""

    student: Student
    #: Both are None if the decision is not about the status.
    status_before: str | None
    status_after: str | None
    source: str
    source_before: str
    withdrawn: bool
    #: What the note became; None: unchanged; empty: cleared.
    note: str | None
    excused: bool | None
    excuse_reason: str | None


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
    tutor_excused: bool | None = None
    tutor_excuse_reason: str | None = None
    #: What it says about each student.
    students: tuple[RecordedStudentDecision, ...] = ()
    #: The claim that it accepted; None: none.
    claim_id: int | None = None
