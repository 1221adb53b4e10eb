"""Reading what the reports tell."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, TextClause

from attendance_service.domain.caller import Caller
from attendance_service.domain.errors import StudentNotFound
from attendance_service.domain.period import Period
from attendance_service.domain.reports import (
    Agreement,
    ReportedStudent,
    StudentQuery,
    StudentSession,
    TutorAttendance,
    TutorQuery,
)
from attendance_service.domain.vocabulary import Confidence
from attendance_service.store.paging import position_parameters
from attendance_service.store.report_statements import (
    AGREEMENT,
    STUDENT,
    STUDENT_SESSIONS,
    TUTOR_NAMES,
)
from attendance_service.store.tutor_attendance_statements import TUTOR_ATTENDANCE_PAGE
from servicekit.database import arrays
from servicekit.database.engine import Database
from servicekit.identifiers import StudentProfileId, TutoringSessionId, UserId, WhiteboardSessionId


class ReportStore:
    """Sessions, decisions and profiles, counted and listed."""

    def __init__(self, database: Database, zone: ZoneInfo) -> None:
        """`zone` is the session time zone."""
        self._database = database
        self._zone = zone

    def tutor_attendance_page(self, query: TutorQuery, tutor: UserId | None) -> tuple[TutorAttendance, ...]:
        """Return the attendance of one tutor (None: of some with a completed session), in the order of profiles."""
        rows = self._rows(TUTOR_ATTENDANCE_PAGE, tutor_parameters(query, tutor))
        return tuple(_tutor_attendance(row) for row in rows)

    def student(self, student_id: StudentProfileId, caller: Caller) -> ReportedStudent:
        """Return one student as the caller meets them; StudentNotFound."""
        rows = self._rows(STUDENT, {"student_id": student_id, "caller": caller.user_id})
        if not rows:
            raise StudentNotFound(metadata={"student_id": str(student_id)})
        return ReportedStudent(**rows[0])

    def student_sessions(self, query: StudentQuery, tutor: UserId | None) -> tuple[StudentSession, ...]:
        """Return a student's completed sessions (with a tutor: those that they gave), newest first."""
        return tuple(_student_session(row) for row in self._rows(STUDENT_SESSIONS, student_parameters(query, tutor)))

    def tutor_names(self, tutors: Collection[UserId]) -> dict[UserId, str]:
        """Return the user names of tutors; who has no profile is left out."""
        rows = self._rows(TUTOR_NAMES, {"user_ids": arrays.integers(tutors)})
        return {UserId(row["user_id"]): row["tutor_name"] for row in rows}

    def agreement(self, period: Period) -> tuple[Agreement, ...]:
        """Return how often people agreed with suggestions, by month, confidence and reason."""
        moments = period.moments(self._zone)
        parameters = {"since": moments.since, "before": moments.before, "zone": self._zone.key}
        return tuple(
            Agreement(**{**row, "confidence": Confidence(row["confidence"])})
            for row in self._rows(AGREEMENT, parameters)
        )

    def _rows(self, statement: TextClause, parameters: dict[str, Any]) -> tuple[RowMapping, ...]:
        with self._database.transaction() as connection:
            return tuple(connection.execute(statement, parameters).mappings())


def tutor_parameters(query: TutorQuery, tutor: UserId | None) -> dict[str, Any]:
    """Return what TUTOR_ATTENDANCE_PAGE takes."""
    page = {"tutor": tutor, "after_id": query.after, "page_size": query.size}
    return page | period_parameters(query.period)


def student_parameters(query: StudentQuery, tutor: UserId | None) -> dict[str, Any]:
    """Return what STUDENT_SESSIONS takes."""
    return {
        "student_id": query.student_id,
        "tutor": tutor,
        "page_size": query.size,
        **period_parameters(query.period),
        **position_parameters(query.after),
    }


def period_parameters(period: Period) -> dict[str, Any]:
    """Return what COMPLETED_IN_PERIOD takes."""
    return {"date_from": period.first, "date_to": period.last}


def _tutor_attendance(row: RowMapping) -> TutorAttendance:
    return TutorAttendance(**{**row, "rate": None if row["rate"] is None else float(row["rate"])})


def _student_session(row: RowMapping) -> StudentSession:
    whiteboard = row["whiteboard_id"]
    return StudentSession(
        **{
            **row,
            "session_id": TutoringSessionId(row["session_id"]),
            "whiteboard_id": None if whiteboard is None else WhiteboardSessionId(whiteboard),
        }
    )
