"""Report: attendance and engagement over many sessions, and how good the suggestions were."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Generic, TypeVar

from attendance_service.domain.browsing import PagePosition
from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.period import Period
from attendance_service.domain.ranking import RankPosition
from attendance_service.domain.reports import (
    Agreement,
    StudentQuery,
    StudentSession,
    TutorAttendance,
    TutorQuery,
    WhiteboardEngagement,
    reported_tutor,
    require_admin,
)
from attendance_service.store.reports import ReportStore
from attendance_service.store.threads import DatabaseThreads
from attendance_service.tracking.client import TrackingClient
from attendance_service.tracking.totals import EngagementQuestion
from servicekit.identifiers import UserId, WhiteboardSessionId

_RowT = TypeVar("_RowT")
_PositionT = TypeVar("_PositionT")
_RankedT = TypeVar("_RankedT", TutorAttendance, "EngagementRow")


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportPage(Generic[_RowT, _PositionT]):
    """Some rows of a report."""

    rows: tuple[_RowT, ...]
    #: After which row the next page begins; None: this was the last one.
    next: _PositionT | None


@dataclass(frozen=True, kw_only=True, slots=True)
class StudentReportRow:
    """One completed session of a student, and how long they were there."""

    session: StudentSession
    #: In whole seconds; None without a whiteboard.
    active_seconds: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class StudentReport:
    """Some completed sessions of a student."""

    student_name: str
    page: ReportPage[StudentReportRow, PagePosition]


@dataclass(frozen=True, kw_only=True, slots=True)
class EngagementRow:
    """The whiteboard engagement of one tutor."""

    tutor_name: str
    engagement: WhiteboardEngagement

    @property
    def position(self) -> RankPosition:
        """Its place in the report."""
        return self.engagement.position


class Reporting:
    """Makes reports."""

    def __init__(
        self,
        *,
        reports: ReportStore,
        threads: DatabaseThreads,
        tracking: TrackingClient,
        zone: tzinfo,
        deadline_seconds: float,
    ) -> None:
        """`zone` is the session time zone; `deadline_seconds` is how long the tracking service may take."""
        self._reports = reports
        self._threads = threads
        self._tracking = tracking
        self._zone = zone
        self._deadline_seconds = deadline_seconds

    async def tutor_attendance(self, query: TutorQuery, caller: Caller) -> tuple[TutorAttendance, ...]:
        """Return attendance per tutor from a page on, highest rate first; NotYourReport."""
        rows = await _all_pages(lambda page: self.tutor_attendance_page(page, caller), query)
        return _ranked(rows)

    async def tutor_attendance_page(self, query: TutorQuery, caller: Caller) -> ReportPage[TutorAttendance, int]:
        """Return attendance of some tutors, as their profiles follow each other, highest rate first; NotYourReport."""
        tutor = reported_tutor(caller)
        found = await self._threads.look(self._reports.tutor_attendance_page, query.with_one_more(), tutor)
        rows = found[: query.size]
        return ReportPage(rows=_ranked(rows), next=rows[-1].profile_id if len(found) > len(rows) else None)

    async def student(self, query: StudentQuery, caller: Caller) -> StudentReport:
        """Return a student's completed sessions, newest first; StudentNotFound, NotYourReport, TrackingUnavailable."""
        student = await self._threads.look(self._reports.student, query.student_id, caller)
        student.require_access(caller)
        tutor = caller.user_id if caller.role is CallerRole.TUTOR else None
        found = await self._threads.run(self._reports.student_sessions, query.with_one_more(), tutor)
        sessions = found[: query.size]
        active = await self._active_seconds(sessions, student.user_id)
        rows = tuple(_with_presence(session, active) for session in sessions)
        following = sessions[-1].position if len(found) > len(sessions) else None
        return StudentReport(student_name=student.name, page=ReportPage(rows=rows, next=following))

    async def engagement(self, query: TutorQuery, caller: Caller) -> tuple[EngagementRow, ...]:
        """Return whiteboard engagement per tutor from a page on, highest first; NotYourReport, TrackingUnavailable."""
        return _ranked(await _all_pages(lambda page: self.engagement_page(page, caller), query))

    async def engagement_page(self, query: TutorQuery, caller: Caller) -> ReportPage[EngagementRow, int]:
        """Return whiteboard engagement of some tutors, as their users.id follow each other, highest first.

        Who has no profile is left out. NotYourReport, TrackingUnavailable.
        """
        question = EngagementQuestion(
            tutor=reported_tutor(caller),
            scheduled=query.period.moments(self._zone),
            after=query.after,
            size=query.with_one_more().size,
        )
        found = await self._tracking.engagement(question, deadline_seconds=self._deadline_seconds)
        shown = found[: query.size]
        names = await self._threads.look(self._reports.tutor_names, [engagement.tutor_id for engagement in shown])
        rows = (
            EngagementRow(tutor_name=names[engagement.tutor_id], engagement=engagement)
            for engagement in shown
            if engagement.tutor_id in names
        )
        return ReportPage(rows=_ranked(rows), next=shown[-1].tutor_id if len(found) > len(shown) else None)

    async def agreement(self, period: Period, caller: Caller) -> tuple[Agreement, ...]:
        """Return how often people agreed with the suggestions they were shown; NotYourReport."""
        require_admin(caller)
        return await self._threads.run(self._reports.agreement, period)

    async def _active_seconds(
        self, sessions: Sequence[StudentSession], student: UserId | None
    ) -> dict[WhiteboardSessionId, int]:
        whiteboards = tuple({session.whiteboard_id for session in sessions if session.whiteboard_id is not None})
        if student is None or not whiteboards:
            return {}
        return await self._tracking.student_active_seconds(
            whiteboards, student, deadline_seconds=self._deadline_seconds
        )


def _with_presence(session: StudentSession, active: Mapping[WhiteboardSessionId, int]) -> StudentReportRow:
    whiteboard = session.whiteboard_id
    return StudentReportRow(session=session, active_seconds=None if whiteboard is None else active.get(whiteboard))


async def _all_pages(
    page: Callable[[TutorQuery], Awaitable[ReportPage[_RowT, int]]], query: TutorQuery
) -> tuple[_RowT, ...]:
    """Return the rows of a page and of all that follow it: however many there are, each question stays small."""
    rows: list[_RowT] = []
    while True:
        found = await page(query)
        rows += found.rows
        if found.next is None:
            return tuple(rows)
        query = replace(query, after=found.next)


def _ranked(rows: Iterable[_RankedT]) -> tuple[_RankedT, ...]:
    return tuple(sorted(rows, key=lambda row: row.position.order))
