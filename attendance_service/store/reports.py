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
    RankingQuery,
    ReportedStudent,
    StudentQuery,
    StudentSession,
    TutorAttendance,
)
from attendance_service.domain.vocabulary import Confidence
from attendance_service.store.paging import position_parameters
from attendance_service.store.report_statements import (
    AGREEMENT,
    STUDENT,
    STUDENT_SESSIONS,
    TUTOR_ATTENDANCE,
    TUTOR_NAMES,
)
from servicekit.database import arrays
from servicekit.database.engine import Database
from servicekit.identifiers import StudentProfileId, TutoringSessionId, UserId, WhiteboardSessionId


class ReportStore:
    """Sessions, decisions and profiles, counted and listed."""

    def __init__(self, database: Database, zone: ZoneInfo) -> None:
        """`zone` is the session time zone."""
        self._database = database
        self._zone = zone

    def tutor_attendance(self, query: RankingQuery, tutor: UserId | None) -> tuple[TutorAttendance, ...]:
        """Return the attendance of one tutor (None: of everybody with a completed session), highest rate first."""
        return tuple(_tutor_attendance(row) for row in self._rows(TUTOR_ATTENDANCE, ranking_parameters(query, tutor)))

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


def ranking_parameters(query: RankingQuery, tutor: UserId | None) -> dict[str, Any]:
    """Return what TUTOR_ATTENDANCE takes."""
    return {
        "tutor": tutor,
        "date_from": query.period.first,
        "date_to": query.period.last,
        "after_rate": query.after and query.after.value,
        "after_id": query.after and query.after.identifier,
        "page_size": query.size,
    }


def student_parameters(query: StudentQuery, tutor: UserId | None) -> dict[str, Any]:
    """Return what STUDENT_SESSIONS takes."""
    return {
        "student_id": query.student_id,
        "tutor": tutor,
        "date_from": query.period.first,
        "date_to": query.period.last,
        "page_size": query.size,
        **position_parameters(query.after),
    }


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
