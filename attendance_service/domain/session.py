"""A tutoring session with what is recorded about it, as one caller meets it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo

from attendance_service.domain.browsing import PagePosition
from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.errors import NotYourSession
from attendance_service.domain.fingerprint import fingerprint
from attendance_service.domain.stretches import Stretch
from attendance_service.domain.students import Student
from attendance_service.domain.vocabulary import AttendanceSource
from attendance_service.domain.window import scheduled_window
from servicekit.identifiers import CourseId, TutoringSessionId, UserId, WhiteboardSessionId


@dataclass(frozen=True, kw_only=True, slots=True)
class AttendanceRecord:
    """What is recorded about one session; statuses of old rows may be any word."""

    tutor_status: str | None
    student_status: str | None
    #: `system_default`: not marked yet.
    source: str
    #: Source of what is known about each person alone.
    tutor_source: str
    student_source: str
    notes: str | None
    marked_by: UserId | None
    marked_at: datetime | None
    last_decision_id: int | None

    @property
    def is_marked(self) -> bool:
        """Whether somebody decided; a default is never a confirmed status."""
        return self.source != AttendanceSource.SYSTEM_DEFAULT

    @property
    def etag(self) -> str:
        """Changes with every decision, and with every change made past us."""
        marked_at = None if self.marked_at is None else self.marked_at.isoformat()
        stored = (self.tutor_status, self.student_status, self.source, self.notes, self.marked_by, marked_at)
        return fingerprint(self.last_decision_id, *stored)


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """When a session takes place, in the session time zone, and at which whiteboard."""

    day: date | None
    start: time | None
    end: time | None
    whiteboard_id: WhiteboardSessionId | None

    def window(self, zone: tzinfo) -> Stretch | None:
        """Return the session's own window; None if its times tell none."""
        return scheduled_window(self.day, self.start, self.end, zone)


@dataclass(frozen=True, kw_only=True, slots=True)
class EnrolledStudent:
    """One student of a session, seen from the caller."""

    student: Student
    is_caller: bool
    is_child_of_caller: bool

    def is_shown_to(self, caller: Caller) -> bool:
        """Whether the caller may know who this is: classmates are nobody's business."""
        return {
            CallerRole.TUTOR: True,
            CallerRole.STUDENT: self.is_caller,
            CallerRole.PARENT: self.is_child_of_caller,
            CallerRole.ADMIN: True,
        }[caller.role]


@dataclass(frozen=True, kw_only=True, slots=True)
class Enrolment:
    """Who takes part, seen from the caller."""

    caller_is_tutor: bool
    #: In the order of their enrolment.
    students: tuple[EnrolledStudent, ...]
    #: How many are enrolled, also such as have no profile any more.
    student_count: int

    def includes(self, caller: Caller) -> bool:
        """Whether the session is the caller's, in the role they act in."""
        return {
            CallerRole.TUTOR: self.caller_is_tutor,
            CallerRole.STUDENT: any(enrolled.is_caller for enrolled in self.students),
            CallerRole.PARENT: any(enrolled.is_child_of_caller for enrolled in self.students),
            CallerRole.ADMIN: True,
        }[caller.role]

    def students_shown_to(self, caller: Caller) -> tuple[Student, ...]:
        """Return whom the caller may know to take part."""
        return tuple(enrolled.student for enrolled in self.students if enrolled.is_shown_to(caller))


@dataclass(frozen=True, kw_only=True, slots=True)
class TutoringSession:
    """One row of sessions with the names around it."""

    id: TutoringSessionId
    schedule: Schedule
    status: str
    course_name: str
    tutor_name: str
    attendance: AttendanceRecord
    enrolment: Enrolment
    #: What is taught: which policy counts depends on it.
    courses: frozenset[CourseId] = frozenset()

    @property
    def position(self) -> PagePosition:
        """Its place in a list."""
        return PagePosition(day=self.schedule.day, start=self.schedule.start, session_id=self.id)

    def require_access(self, caller: Caller) -> None:
        """Raise NotYourSession unless the caller may see it."""
        if not self.enrolment.includes(caller):
            raise NotYourSession

    def visible_students(self, caller: Caller) -> frozenset[UserId] | None:
        """Return whose own facts the caller may see; None: everybody's."""
        if caller.role not in {CallerRole.STUDENT, CallerRole.PARENT}:
            return None
        shown = self.enrolment.students_shown_to(caller)
        return frozenset(student.user_id for student in shown if student.user_id is not None)
