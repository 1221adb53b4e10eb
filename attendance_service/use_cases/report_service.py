"""Reports: attendance and engagement over many sessions, and how good the suggestions were (docs/reports.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import TypeVar

from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.listing import (
    DateRange,
    Page,
    RankPosition,
    SessionPosition,
    StudentListQuery,
)
from attendance_service.domain.reports import (
    Agreement,
    LessonOutcomeTotals,
    OutcomeQuery,
    StudentQuery,
    StudentSession,
    TutorAttendance,
    TutorName,
    TutorQuery,
    WhiteboardEngagement,
    reported_tutor,
    require_admin,
    require_outcomes,
)
from attendance_service.domain.session import Student
from attendance_service.store.lesson_outcomes import LessonOutcomeStore
from attendance_service.store.reports import ReportStore
from attendance_service.store.students import StudentStore
from attendance_service.tracking.client import WhiteboardWindow
from attendance_service.tracking.totals import TrackingTotals
from attendance_service.use_cases.all_rows import all_rows
from servicekit.identifiers import StudentProfileId, TutoringSessionId, UserId

_RankedT = TypeVar("_RankedT", TutorAttendance, "EngagementRow")


@dataclass(frozen=True, kw_only=True, slots=True)
class StudentReportRow:
    """One completed session of a student, and how long they were present."""

    session: StudentSession
    #: Inside the session's window, in whole seconds; None without a whiteboard, or if it is not known any more.
    active_seconds: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class StudentReport:
    """Some completed sessions of a student."""

    student_name: str
    page: Page[StudentReportRow, SessionPosition]


@dataclass(frozen=True, kw_only=True, slots=True)
class EngagementRow:
    """The whiteboard engagement of one tutor."""

    tutor: TutorName
    engagement: WhiteboardEngagement

    @property
    def position(self) -> RankPosition:
        """Its place in the report."""
        return self.engagement.position


class ReportService:
    """Makes reports, and lists the students who have one."""

    def __init__(
        self,
        *,
        reports: ReportStore,
        outcomes: LessonOutcomeStore,
        students: StudentStore,
        totals: TrackingTotals,
        zone: tzinfo,
    ) -> None:
        """`zone` is the session time zone."""
        self._reports = reports
        self._outcomes = outcomes
        self._students = students
        self._totals = totals
        self._zone = zone

    async def students(self, query: StudentListQuery, caller: Caller) -> Page[Student, StudentProfileId]:
        """Return the students whose reports the caller may see, by name; StudentsChanged."""
        return await self._students.page(query, caller)

    async def tutor_attendance(self, query: TutorQuery, caller: Caller) -> tuple[TutorAttendance, ...]:
        """Return the attendance of all tutors from a page on, highest rate first; NotYourReport."""
        return _ranked(await all_rows(lambda page: self.tutor_attendance_page(page, caller), query))

    async def tutor_attendance_page(self, query: TutorQuery, caller: Caller) -> Page[TutorAttendance, int]:
        """Return the attendance of some tutors, highest rate first; NotYourReport.

        Pages follow tutor_profiles.id: a ranking over all pages would have to count every session first.
        """
        page = await self._reports.tutor_attendance(query, reported_tutor(caller))
        return Page(_ranked(page.rows), page.next)

    async def student(self, query: StudentQuery, caller: Caller) -> StudentReport:
        """Return a student's completed sessions, newest first.

        Raises:
            StudentNotFound: there is no such student, or the caller may not see their report.
            TrackingUnavailable: the tracking service does not answer.
        """
        student = await self._reports.student(query.student_id, caller)
        tutor = caller.user_id if caller.role is CallerRole.TUTOR else None
        page = await self._reports.student_sessions(query, tutor)
        active = await self._active_seconds(page.rows, student.user_id)
        rows = tuple(
            StudentReportRow(session=session, active_seconds=active.get(session.session_id)) for session in page.rows
        )
        return StudentReport(student_name=student.name, page=Page(rows, page.next))

    async def engagement(self, query: TutorQuery, caller: Caller) -> tuple[EngagementRow, ...]:
        """Return the engagement of all tutors from a page on, highest first; NotYourReport, TrackingUnavailable."""
        return _ranked(await all_rows(lambda page: self.engagement_page(page, caller), query))

    async def engagement_page(self, query: TutorQuery, caller: Caller) -> Page[EngagementRow, int]:
        """Return the engagement of some tutors, highest first; NotYourReport, TrackingUnavailable.

        Pages follow users.id. Tutors without a profile are left out.
        """
        scheduled = query.dates.time_bounds(self._zone)
        page = await self._totals.engagement(reported_tutor(caller), scheduled, query.page)
        names = await self._reports.tutor_names([engagement.tutor_id for engagement in page.rows])
        rows = (
            EngagementRow(tutor=names[engagement.tutor_id], engagement=engagement)
            for engagement in page.rows
            if engagement.tutor_id in names
        )
        return Page(_ranked(rows), page.next)

    async def lesson_outcomes(self, query: OutcomeQuery, caller: Caller) -> tuple[LessonOutcomeTotals, ...]:
        """Return what became of lessons from a page on: newest day first, or by name; NotYourReport."""
        return _by_name(await all_rows(lambda page: self.lesson_outcomes_page(page, caller), query))

    async def lesson_outcomes_page(self, query: OutcomeQuery, caller: Caller) -> Page[LessonOutcomeTotals, int]:
        """Return what became of the lessons of some days, newest first, or of some people, by name; NotYourReport.

        Pages follow the days, or the ids of profiles.
        """
        require_outcomes(caller, query.grouping)
        page = await self._outcomes.page(query, caller)
        return Page(_by_name(page.rows), page.next)

    async def suggestion_accuracy(self, dates: DateRange, caller: Caller) -> tuple[Agreement, ...]:
        """Return how often people agreed with the suggestions that they were shown; NotYourReport."""
        require_admin(caller)
        return await self._reports.suggestion_accuracy(dates)

    async def _active_seconds(
        self, sessions: Sequence[StudentSession], student: UserId | None
    ) -> dict[TutoringSessionId, int | None]:
        windows = {
            session.session_id: WhiteboardWindow(whiteboard, session.schedule.window(self._zone))
            for session in sessions
            if (whiteboard := session.schedule.whiteboard_id) is not None
        }
        if student is None or not windows:
            return {}
        seconds = await self._totals.student_active_seconds(tuple(windows.values()), student)
        settled = {session.session_id: session.settled_active_seconds for session in sessions}
        # What was written down counts where the facts are deleted.
        return {
            session: settled[session] if active is None else active
            for session, active in zip(windows, seconds, strict=True)
        }


def _ranked(rows: Iterable[_RankedT]) -> tuple[_RankedT, ...]:
    return tuple(sorted(rows, key=lambda row: row.position.order))


def _by_name(rows: Iterable[LessonOutcomeTotals]) -> tuple[LessonOutcomeTotals, ...]:
    """Return people by their names; days, which have none, keep their order."""
    return tuple(sorted(rows, key=lambda row: (row.name.casefold(), row.id or 0)))
