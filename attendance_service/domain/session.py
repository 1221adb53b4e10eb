"""A tutoring session with what is recorded about it, as one caller sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import product

from attendance_service.domain.attendance_record import UNDECIDED, AttendanceRecord, StudentRecord, etag_of_students
from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.errors import SessionNotFound
from attendance_service.domain.listing import SessionPosition
from attendance_service.domain.personal_data import ERASED_TEXT
from attendance_service.domain.vocabulary import SessionStatus
from servicekit.identifiers import CourseId, StudentProfileId, TutoringSessionId, UserId, WhiteboardSessionId
from servicekit.time_ranges import TimeRange

#: A clock time that occurs twice, or never, has two readings (PEP 495).
_FOLDS = (0, 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """When a session takes place, in the session time zone, and at which whiteboard."""

    day: date | None
    start: time | None
    end: time | None
    whiteboard_id: WhiteboardSessionId | None

    def window(self, zone: tzinfo) -> TimeRange[datetime] | None:
        """Return the session's own window; None if it has no times, or ends when it starts.

        An end before the start is the next day's. On a night when clocks change, a time that occurs twice or never is
        read so that the session has the length that its two times say (docs/suggestions.md#window).
        """
        if self.day is None or self.start is None or self.end is None or self.start == self.end:
            return None
        starts, ends = datetime.combine(self.day, self.start), datetime.combine(self.day, self.end)
        if ends < starts:
            ends += timedelta(days=1)
        readings = [
            TimeRange(_in_utc(starts, first, zone), _in_utc(ends, second, zone))
            for first, second in product(_FOLDS, _FOLDS)
        ]
        return next((reading for reading in readings if reading.end - reading.start == ends - starts), readings[0])

    def begins_at(self, zone: tzinfo) -> datetime | None:
        """Return when the session begins at the earliest; None if it has no day.

        Without times of its own it begins on its day.
        """
        window = self.window(zone)
        if window is not None:
            return window.start
        return None if self.day is None else _in_utc(datetime.combine(self.day, time()), 0, zone)


@dataclass(frozen=True, kw_only=True, slots=True)
class Student:
    """A student with their display name."""

    id: StudentProfileId
    #: None: the profile has no user.
    user_id: UserId | None
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class EnrolledStudent:
    """One student of a session, what the caller is to them, and what is recorded about them."""

    student: Student
    is_caller: bool
    is_child_of_caller: bool
    record: StudentRecord = UNDECIDED

    def is_shown_to(self, caller: Caller) -> bool:
        """Whether the caller may know who this is: classmates are private (docs/adr/0011-classmates.md)."""
        return {
            CallerRole.TUTOR: True,
            CallerRole.STUDENT: self.is_caller,
            CallerRole.PARENT: self.is_child_of_caller,
            CallerRole.ADMIN: True,
        }[caller.role]


@dataclass(frozen=True, kw_only=True, slots=True)
class Roster:
    """Whose attendance a session decides (docs/suggestions.md#who-is-judged).

    Of a role that the enrolment does not name, the people of the whiteboard are judged.
    """

    tutor: UserId | None = None
    students: tuple[UserId, ...] = ()
    #: They can't be at the whiteboard.
    has_students_without_user: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Enrolment:
    """Who takes part, and what the caller is to them; of a settled session, those who took part then."""

    caller_is_tutor: bool
    #: In the order of their enrolment.
    students: tuple[EnrolledStudent, ...]
    #: How many are enrolled, including those whose profile no longer exists.
    student_count: int
    #: users.id of the enrolled tutor; None: there is none, or their profile has no user.
    tutor_user_id: UserId | None = None
    #: The whiteboard names the caller as its tutor, but the course does not.
    caller_is_substitute: bool = False
    #: There are no students in the enrolment: these are the whiteboard's, as it is now.
    students_are_whiteboards: bool = False
    #: users.id of the students who were judged when the session settled; None for a profile without a user. None: it is
    #: not settled.
    settled_users: tuple[UserId | None, ...] | None = None
    #: enrolled_courses.id; None: the session has no enrolment.
    id: int | None = None
    #: tutor_profiles.id of the enrolled tutor.
    tutor_id: int | None = None
    #: users.id of the tutor whom the whiteboard names.
    whiteboard_tutor: UserId | None = None
    #: users.id of the students whom the whiteboard names.
    whiteboard_students: frozenset[UserId] = frozenset()
    #: The session is settled, and both are whom the whiteboard named then.
    has_settled_list: bool = False

    def includes(self, caller: Caller) -> bool:
        """Whether the session is the caller's, in the role they act in."""
        return {
            CallerRole.TUTOR: self.caller_is_tutor or self.caller_is_substitute,
            CallerRole.STUDENT: any(enrolled.is_caller for enrolled in self.students),
            CallerRole.PARENT: any(enrolled.is_child_of_caller for enrolled in self.students),
            CallerRole.ADMIN: True,
        }[caller.role]

    @property
    def roster(self) -> Roster:
        """Whose attendance the session decides."""
        users = self.settled_users
        if users is None and not self.students_are_whiteboards:
            users = tuple(enrolled.student.user_id for enrolled in self.students)
        users = users or ()
        return Roster(
            tutor=self.tutor_user_id,
            students=tuple(user for user in users if user is not None),
            has_students_without_user=None in users,
        )

    @property
    def profiles(self) -> dict[UserId, StudentProfileId]:
        """The students by users.id."""
        students = (enrolled.student for enrolled in self.students)
        return {student.user_id: student.id for student in students if student.user_id is not None}

    @property
    def is_class(self) -> bool:
        """Whether each student has a status of their own, apart from the documented column."""
        return self.student_count > 1

    def shown_to(self, caller: Caller) -> tuple[EnrolledStudent, ...]:
        """Return the students whom the caller may see, with what is recorded about them."""
        return tuple(enrolled for enrolled in self.students if enrolled.is_shown_to(caller))

    def students_shown_to(self, caller: Caller) -> tuple[Student, ...]:
        """Return the students whom the caller may see."""
        return tuple(enrolled.student for enrolled in self.shown_to(caller))


@dataclass(frozen=True, kw_only=True, slots=True)
class AnnouncedAbsences:
    """Whose absence is announced for the present time of a session, with the reasons that were given."""

    #: None: not announced.
    tutor: str | None = None
    students: Mapping[StudentProfileId, str] = field(default_factory=dict)

    def reason_for(self, student: Student | None) -> str | None:
        """Return why this student (None: the tutor) will be absent; None: not announced."""
        return self.tutor if student is None else self.students.get(student.id)


@dataclass(frozen=True, kw_only=True, slots=True)
class TutoringSession:
    """One row of sessions with the names of its people and course."""

    id: TutoringSessionId
    schedule: Schedule
    status: str
    course_name: str
    tutor_name: str
    attendance: AttendanceRecord
    enrolment: Enrolment
    #: Of the suggestion that was written down when it settled; None: there is none about its present time and place.
    settled_etag: str | None = None
    #: They decide which policy applies.
    courses: frozenset[CourseId] = frozenset()
    absences: AnnouncedAbsences = AnnouncedAbsences()
    #: The student of each claim that waits for its answer.
    open_claims: tuple[StudentProfileId, ...] = ()
    #: On whom a parent's word stands in the place of what a tutor or admin decided.
    parent_changed: frozenset[StudentProfileId] = frozenset()

    @property
    def position(self) -> SessionPosition:
        """Its place in a list."""
        return SessionPosition(day=self.schedule.day, start=self.schedule.start, session_id=self.id)

    @property
    def has_erased_people(self) -> bool:
        """Whether somebody was erased from it: then the facts are about others than its roster names."""
        return self.settled_etag == ERASED_TEXT

    @property
    def is_cancelled(self) -> bool:
        """Whether it does not take place, so that there is no attendance to record."""
        return self.status == SessionStatus.CANCELLED

    def attendance_etag(self, caller: Caller) -> str:
        """Return the etag of what the caller sees of the record (docs/decisions.md#who-may-decide)."""
        shown = self.enrolment.shown_to(caller)
        if len(shown) == len(self.enrolment.students):
            return self.attendance.etag
        return etag_of_students(enrolled.record for enrolled in shown)

    def undecided_students(self, caller: Caller) -> int | None:
        """Return how many students of a class are not marked, as far as the caller sees them; None: not a class."""
        if not self.enrolment.is_class:
            return None
        return sum(not enrolled.record.is_marked for enrolled in self.enrolment.shown_to(caller))

    def require_access(self, caller: Caller) -> None:
        """Raise SessionNotFound unless the caller may see it: strangers do not learn which ids exist."""
        if not self.enrolment.includes(caller):
            raise SessionNotFound(metadata={"session_id": str(self.id)})

    def count_open_claims(self, caller: Caller) -> int:
        """Return how many claims wait for an answer, about students whom the caller may see."""
        if caller.role in {CallerRole.TUTOR, CallerRole.ADMIN}:
            return len(self.open_claims)
        shown = {student.id for student in self.enrolment.students_shown_to(caller)}
        return sum(student_id in shown for student_id in self.open_claims)

    def has_parents_word(self, caller: Caller) -> bool:
        """Return whether a parent's word stands in another's place, on a student whom the caller may see."""
        return any(enrolled.student.id in self.parent_changed for enrolled in self.enrolment.shown_to(caller))

    def visible_students(self, caller: Caller) -> frozenset[UserId] | None:
        """Return whose individual facts the caller may see; None: everyone's."""
        if caller.role not in {CallerRole.STUDENT, CallerRole.PARENT}:
            return None
        shown = self.enrolment.students_shown_to(caller)
        return frozenset(student.user_id for student in shown if student.user_id is not None)


def normalised_status(stored: str | None) -> str:
    """Return a stored session status with one spelling per state; any other word of an old row is kept."""
    word = (stored or "").strip().lower()
    return SessionStatus.IN_PROGRESS if word == "in_progress" else word


def _in_utc(wall_clock: datetime, fold: int, zone: tzinfo) -> datetime:
    return wall_clock.replace(tzinfo=zone, fold=fold).astimezone(UTC)
