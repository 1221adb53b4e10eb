"""Which students may need somebody to ask how they are (docs/reports.md#students-at-risk)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from attendance_service.domain.listing import PageRequest
from servicekit.identifiers import StudentProfileId, TutoringSessionId

_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class RiskLimits:
    """From where on a student is at risk. Excused absences and lessons that nobody has marked count nowhere."""

    #: Two absences happen to most students sooner or later; after three, a fourth is likely.
    absences_in_a_row: int = 3
    #: A month: with one lesson a week, these are four lessons.
    recent_weeks: int = 4
    #: What the recent weeks are compared with is twice as long, so that one bad week does not decide what is usual.
    earlier_weeks: int = 8
    #: In percentage points. One lesson in five: less can't be told from chance in so few lessons.
    drop_points: int = 20
    #: In each of the two times. Of three lessons, one is already 33 points.
    min_lessons: int = 4
    #: In the recent weeks. Of four lessons, a single absence is 25 points, and yet no trend.
    min_recent_absences: int = 2

    def first_day(self, last: date) -> date:
        """Return the first day that is looked at; the calendar may end before."""
        return _before(last, (self.recent_weeks + self.earlier_weeks) * _WEEK)

    def first_recent_day(self, last: date) -> date:
        """Return the first day of the recent weeks, which end with `last`."""
        return _before(last, self.recent_weeks * _WEEK)


RISK_LIMITS = RiskLimits()


@dataclass(frozen=True, kw_only=True, slots=True)
class RiskQuery:
    """Which page of the report is asked for."""

    #: The last day that is looked at; None: today.
    last: date | None
    #: Pages are in the order of student_profiles.id.
    page: PageRequest[int]


@dataclass(frozen=True, kw_only=True, slots=True)
class StudentAtRisk:
    """One student, and why. Lessons are those that were marked, and not as an excused absence."""

    student_id: StudentProfileId
    student_name: str
    #: The latest lessons, up to the last one that the student attended.
    absences_in_a_row: int
    is_absent_in_a_row: bool
    is_falling: bool
    recent_lessons: int
    recent_attended: int
    earlier_lessons: int
    earlier_attended: int
    last_session_id: TutoringSessionId
    last_day: date
    #: Of the last lesson.
    tutor_name: str

    @property
    def recent_rate(self) -> float | None:
        """Attended in the recent weeks, in percent; None without lessons."""
        return _rate(self.recent_attended, self.recent_lessons)

    @property
    def earlier_rate(self) -> float | None:
        """Attended in the weeks before, in percent; None without lessons."""
        return _rate(self.earlier_attended, self.earlier_lessons)

    @property
    def order(self) -> tuple[int, float, int]:
        """The key to sort by: most absences in a row first, then the deepest fall."""
        fall = (self.earlier_rate or 0) - (self.recent_rate or 0)
        return -self.absences_in_a_row, -fall, self.student_id


def _rate(attended: int, lessons: int) -> float | None:
    return round(attended / lessons * 100, 2) if lessons else None


def _before(last: date, length: timedelta) -> date:
    """Return the first of the days that end with `last`."""
    days = length - timedelta(days=1)
    return last - days if last - date.min > days else date.min
