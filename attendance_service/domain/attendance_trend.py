"""How attendance develops, week by week (docs/reports.md#attendance-trend)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.errors import NotYourReport
from attendance_service.domain.listing import DateRange, PageRequest
from servicekit.identifiers import StudentProfileId


@dataclass(frozen=True, kw_only=True, slots=True)
class TrendQuery:
    """Which weeks of whose lessons are asked for."""

    #: tutor_profiles.id; None: of all tutors.
    tutor_id: int | None
    #: None: of all students.
    student_id: StudentProfileId | None
    dates: DateRange
    #: Pages follow the weeks, newest first: the ordinal of the Monday.
    page: PageRequest[int]


@dataclass(frozen=True, kw_only=True, slots=True)
class TrendWeek:
    """The completed lessons of one ISO week; the counts of statuses are of students, each lesson of each by itself."""

    first_day: date
    #: As ISO 8601 writes it: 2026-W10.
    week: str
    lessons: int
    marked: int
    present: int
    late: int
    absent: int
    #: Of the absent ones.
    excused: int
    #: Without a decision.
    unmarked: int
    #: Attended as a share of what is marked, in percent; None if nothing is marked.
    rate: float | None
    overlap_seconds: int
    #: Scheduled duration of the lessons of which it is known how long tutor and student were together.
    scheduled_seconds: int

    @property
    def attended(self) -> int:
        """Who came, on time or late."""
        return self.present + self.late

    @property
    def position(self) -> int:
        """Its place in the report."""
        return self.first_day.toordinal()


def require_trend(caller: Caller, query: TrendQuery) -> None:
    """Raise NotYourReport unless the caller may see some weeks; whether the student is theirs is not checked."""
    if caller.role in {CallerRole.STUDENT, CallerRole.PARENT} and query.student_id is None:
        raise NotYourReport("students and parents see this report with a student_id only")
