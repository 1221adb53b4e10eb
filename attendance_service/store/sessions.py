"""Reading tutoring sessions."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.engine import Connection

from attendance_service.domain.browsing import SessionQuery
from attendance_service.domain.caller import Caller
from attendance_service.domain.errors import SessionNotFound
from attendance_service.domain.session import AttendanceRecord, Enrolment, Schedule, TutoringSession
from attendance_service.domain.vocabulary import normalised_status
from attendance_service.store.paging import position_parameters
from attendance_service.store.session_statements import (
    NAME_SOURCES,
    READABLE_COLUMN,
    USER_NAMES,
    one_session,
    page_of_sessions,
)
from servicekit.database.engine import Database
from servicekit.identifiers import CourseId, TutoringSessionId, UserId, WhiteboardSessionId


class SessionStore:
    """The platform's sessions, as callers meet them."""

    def __init__(self, database: Database) -> None:
        """Nothing is read yet."""
        self._database = database
        self._known_course_names: tuple[str, ...] | None = None

    def get(self, session_id: TutoringSessionId, caller: Caller) -> TutoringSession:
        """Return one session, whether or not it is the caller's; SessionNotFound."""
        with self._database.transaction() as connection:
            return self.read(connection, session_id, caller)

    def read(self, connection: Connection, session_id: TutoringSessionId, caller: Caller) -> TutoringSession:
        """Return one session inside a transaction; SessionNotFound."""
        statement = one_session(self._course_names(connection))
        row = connection.execute(statement, {"session_id": session_id, "caller": caller.user_id}).mappings().first()
        if row is None:
            raise SessionNotFound(metadata={"session_id": str(session_id)})
        return _session(row)

    def page(self, query: SessionQuery, caller: Caller, size: int) -> tuple[TutoringSession, ...]:
        """Return the caller's sessions that fit, newest first, at most `size`."""
        with self._database.transaction() as connection:
            statement = page_of_sessions(self._course_names(connection), caller.role, query.attendance_filter)
            rows = connection.execute(statement, _parameters(query, caller, size)).mappings().all()
        return tuple(_session(row) for row in rows)

    def names(self, user_ids: Collection[UserId]) -> dict[UserId, str]:
        """Return the names of users; who does not exist is left out."""
        with self._database.transaction() as connection:
            rows = connection.execute(USER_NAMES, {"ids": list(user_ids)}).all()
        return {UserId(row.id): row.name for row in rows}

    def _course_names(self, connection: Connection) -> tuple[str, ...]:
        """Return the SQL of every name that can be read; looked up once.

        Over the connection at hand: whoever holds one and waits for another may wait for ever.
        """
        if self._known_course_names is None:
            self._known_course_names = tuple(
                name
                for table, column, name in NAME_SOURCES
                if connection.execute(READABLE_COLUMN, {"table": table, "column": column}).scalar_one()
            )
        return self._known_course_names


def _parameters(query: SessionQuery, caller: Caller, size: int) -> dict[str, Any]:
    return {
        "caller": caller.user_id,
        "statuses": list(query.stored_statuses) or None,
        "word": query.attendance_filter,
        "date_from": query.date_from,
        "date_to": query.date_to,
        "page_size": size,
        **position_parameters(query.after),
    }


def _session(row: RowMapping) -> TutoringSession:
    return TutoringSession(
        id=TutoringSessionId(row["id"]),
        schedule=_schedule(row),
        status=normalised_status(row["status"]),
        course_name=row["course_name"],
        tutor_name=row["tutor_name"],
        student_name=row["student_name"],
        attendance=_attendance(row),
        enrolment=Enrolment(
            caller_is_tutor=row["caller_is_tutor"],
            caller_is_student=row["caller_is_student"],
            children=frozenset(UserId(child) for child in row["children"]),
            student_count=row["student_count"],
        ),
        # An array of the platform's may be missing, and may hold NULL.
        courses=frozenset(CourseId(course) for course in row["courses"] or () if course is not None),
    )


def _schedule(row: RowMapping) -> Schedule:
    whiteboard = row["whiteboard_id"]
    return Schedule(
        day=row["session_date"],
        start=row["start_time"],
        end=row["end_time"],
        whiteboard_id=None if whiteboard is None else WhiteboardSessionId(whiteboard),
    )


def _attendance(row: RowMapping) -> AttendanceRecord:
    marked_by = row["marked_by"]
    return AttendanceRecord(
        tutor_status=row["tutor_status"],
        student_status=row["student_status"],
        source=row["source"],
        tutor_source=row["tutor_source"],
        student_source=row["student_source"],
        notes=row["notes"] or None,
        marked_by=None if marked_by is None else UserId(marked_by),
        marked_at=row["marked_at"],
        last_decision_id=row["last_decision_id"],
    )
