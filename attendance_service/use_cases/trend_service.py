"""How attendance develops: week by week, and of which students it should worry somebody (docs/reports.md)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, tzinfo

from attendance_service.domain.attendance_trend import TrendQuery, TrendWeek, require_trend
from attendance_service.domain.caller import Caller
from attendance_service.domain.listing import Page
from attendance_service.domain.reports import reported_tutor
from attendance_service.domain.students_at_risk import RiskQuery, StudentAtRisk
from attendance_service.store.attendance_trend import AttendanceTrendStore
from attendance_service.store.reports import ReportStore
from attendance_service.store.students_at_risk import StudentsAtRiskStore
from attendance_service.use_cases.all_rows import all_rows
from servicekit.clock import Clock, to_datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class RiskReport:
    """Some students at risk."""

    page: Page[StudentAtRisk, int]
    #: The last day that was looked at.
    last: date


class TrendService:
    """Makes the reports about trends."""

    def __init__(
        self,
        *,
        reports: ReportStore,
        trend: AttendanceTrendStore,
        at_risk: StudentsAtRiskStore,
        clock: Clock,
        zone: tzinfo,
    ) -> None:
        """`zone` is the session time zone."""
        self._reports = reports
        self._trend = trend
        self._at_risk = at_risk
        self._clock = clock
        self._zone = zone

    async def weeks_page(self, query: TrendQuery, caller: Caller) -> Page[TrendWeek, int]:
        """Return attendance in some weeks, newest first.

        Raises:
            NotYourReport: the caller may only see this report about a student.
            StudentNotFound: there is no such student, or the caller may not see their report.
        """
        require_trend(caller, query)
        if query.student_id is not None:
            await self._reports.student(query.student_id, caller)
        return await self._trend.page(query, caller)

    async def weeks(self, query: TrendQuery, caller: Caller) -> tuple[TrendWeek, ...]:
        """Return all weeks from a page on; NotYourReport, StudentNotFound."""
        return await all_rows(lambda page: self.weeks_page(page, caller), query)

    async def at_risk_page(self, query: RiskQuery, caller: Caller) -> RiskReport:
        """Return some students at risk: most absences in a row first, then the deepest fall; NotYourReport."""
        reported_tutor(caller)
        last = query.last or self._today()
        page = await self._at_risk.page(last, query.page, caller)
        return RiskReport(page=Page(tuple(sorted(page.rows, key=lambda row: row.order)), page.next), last=last)

    async def at_risk(self, query: RiskQuery, caller: Caller) -> tuple[StudentAtRisk, ...]:
        """Return all students at risk from a page on, in the same order; NotYourReport."""

        async def read_page(page: RiskQuery) -> Page[StudentAtRisk, int]:
            return (await self.at_risk_page(page, caller)).page

        rows = await all_rows(read_page, replace(query, last=query.last or self._today()))
        return tuple(sorted(rows, key=lambda row: row.order))

    def _today(self) -> date:
        return to_datetime(self._clock.now()).astimezone(self._zone).date()
