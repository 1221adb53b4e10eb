"""What the reports contain, and who may see which (docs/reports.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.errors import NotYourReport
from attendance_service.domain.listing import DateRange, PageRequest, RankPosition, SessionPosition
from attendance_service.domain.session import Schedule
from attendance_service.domain.vocabulary import Confidence
from servicekit.identifiers import StudentProfileId, TutoringSessionId, UserId


@dataclass(frozen=True, kw_only=True, slots=True)
class TutorQuery:
    """Which page of a report about tutors is asked for."""

    dates: DateRange
    #: Pages are in the order of tutor_profiles.id (attendance) or users.id (engagement).
    page: PageRequest[int]


@dataclass(frozen=True, kw_only=True, slots=True)
class TutorName:
    """A tutor's profile with its names."""

    #: tutor_profiles.id
    profile_id: int
    #: First name and father's name, or else the username.
    name: str
    username: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TutorAttendance:
    """Attendance of one tutor over completed sessions."""

    #: tutor_profiles.id
    profile_id: int
    tutor_name: str
    tutor_username: str
    total: int
    present: int
    late: int
    absent: int
    #: Of the absent ones.
    excused: int
    #: Without a decision: neither present nor anything else.
    unmarked: int
    #: Present as a share of the marked sessions, in percent; None if none is marked.
    rate: float | None

    @property
    def position(self) -> RankPosition:
        """Its place in the report."""
        return RankPosition(value=self.rate, identifier=self.profile_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class WhiteboardEngagement:
    """Averages over one tutor's completed whiteboard sessions."""

    tutor_id: UserId
    session_count: int
    tutor_active_minutes: float
    student_active_minutes: float
    #: Of the scheduled duration, in percent; None where no session has one.
    student_percentage: float | None

    @property
    def position(self) -> RankPosition:
        """Its place in the report."""
        return RankPosition(value=self.student_percentage, identifier=self.tutor_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class StudentQuery:
    """Which sessions of which student are asked for."""

    student_id: StudentProfileId
    dates: DateRange
    page: PageRequest[SessionPosition]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportedStudent:
    """A student, and what the caller is to them."""

    #: None: the profile has no user.
    user_id: UserId | None
    name: str
    is_caller: bool
    is_child_of_caller: bool
    is_taught_by_caller: bool

    def is_visible_to(self, caller: Caller) -> bool:
        """Return whether the caller may see the report, in the role they act in."""
        allowed = {
            CallerRole.STUDENT: self.is_caller,
            CallerRole.PARENT: self.is_child_of_caller,
            CallerRole.TUTOR: self.is_taught_by_caller,
            CallerRole.ADMIN: True,
        }
        return allowed[caller.role]


@dataclass(frozen=True, kw_only=True, slots=True)
class StudentSession:
    """One completed session of a student."""

    session_id: TutoringSessionId
    schedule: Schedule
    #: Of this student alone. None: not marked yet. Old rows may hold any word.
    status: str | None
    source: str
    #: On the session.
    notes: str | None
    #: On the student.
    note: str | None = None
    excused: bool = False
    excuse_reason: str | None = None
    course_name: str = ""
    tutor_name: str = ""
    #: Their presence as it was written down when the session settled; None: it was not.
    settled_active_seconds: int | None = None

    @property
    def position(self) -> SessionPosition:
        """Its place in the report."""
        return SessionPosition(day=self.schedule.day, start=self.schedule.start, session_id=self.session_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreement:
    """How often people agreed with suggestions of one kind in one month."""

    #: YYYY-MM
    month: str
    confidence: Confidence
    #: The first reason code.
    reason: str
    decided: int
    agreed: int


class OutcomeGrouping(StrEnum):
    """What the rows of the report on lesson outcomes are about."""

    DAY = "day"
    TUTOR = "tutor"
    STUDENT = "student"


@dataclass(frozen=True, kw_only=True, slots=True)
class OutcomeQuery:
    """Which page of the report on lesson outcomes is asked for."""

    grouping: OutcomeGrouping
    dates: DateRange
    #: Pages are in the order of days (as ordinals, newest first), or of profiles.
    page: PageRequest[int]


@dataclass(frozen=True, kw_only=True, slots=True)
class LessonOutcomeTotals:
    """What became of the lessons of one day, tutor or student."""

    #: None if it is about a person.
    day: date | None
    #: tutor_profiles.id or student_profiles.id; None if it is about a day.
    id: int | None
    name: str
    lessons: int
    held: int
    student_no_shows: int
    tutor_no_shows: int
    nobody_came: int
    cancelled: int
    cannot_know: int
    overlap_seconds: int
    billable_seconds: int
    tutor_waited_seconds: int
    student_waited_seconds: int

    @property
    def position(self) -> int:
        """Its place in the report."""
        return self.id or (self.day.toordinal() if self.day else 0)


def require_outcomes(caller: Caller, grouping: OutcomeGrouping) -> None:
    """Raise NotYourReport unless the caller may see some rows of the report on lesson outcomes."""
    if caller.role in {CallerRole.STUDENT, CallerRole.PARENT} and grouping is not OutcomeGrouping.STUDENT:
        raise NotYourReport("students and parents see this report with group_by=student only")


def reported_tutor(caller: Caller) -> UserId | None:
    """Return which tutor a report about tutors shows to this caller, None: all of them; NotYourReport."""
    if caller.role is CallerRole.ADMIN:
        return None
    if caller.role is CallerRole.TUTOR:
        return caller.user_id
    raise NotYourReport("this report is for tutors, about themselves, and for admins")


def require_admin(caller: Caller) -> None:
    """Raise NotYourReport unless the caller is an admin."""
    if caller.role is not CallerRole.ADMIN:
        raise NotYourReport("this report is for admins")
