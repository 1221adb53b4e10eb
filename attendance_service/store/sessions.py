"""Reading tutoring sessions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.engine import Connection

from attendance_service.domain.browsing import SessionQuery
from attendance_service.domain.caller import Caller
from attendance_service.domain.errors import SessionNotFound
from attendance_service.domain.search import Search
from attendance_service.domain.session import (
    AttendanceRecord,
    EnrolledStudent,
    Enrolment,
    Schedule,
    TutoringSession,
)
from attendance_service.domain.vocabulary import normalised_status
from attendance_service.store.names import NAME_SOURCES, READABLE_COLUMN
from attendance_service.store.paging import position_parameters
from attendance_service.store.search_statements import matching_enrolments, patterns
from attendance_service.store.session_statements import USER_NAMES, one_session, page_of_sessions
from attendance_service.store.students import student
from servicekit.database import arrays
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
            found = self._matching_enrolments(connection, query.search, caller) if query.search.words else None
            statement = page_of_sessions(self._course_names(connection), caller.role, query.attendance_filter)
            rows = connection.execute(statement, page_parameters(query, found, caller, size)).mappings().all()
        return tuple(_session(row) for row in rows)

    def names(self, user_ids: Collection[UserId]) -> dict[UserId, str]:
        """Return the names of users; who does not exist is left out."""
        with self._database.transaction() as connection:
            rows = connection.execute(USER_NAMES, {"ids": list(user_ids)}).all()
        return {UserId(row.id): row.name for row in rows}

    def _matching_enrolments(self, connection: Connection, search: Search, caller: Caller) -> Sequence[int]:
        statement = matching_enrolments(self._course_names(connection), caller.role)
        parameters = {"caller": caller.user_id, "patterns": patterns(search)}
        return connection.execute(statement, parameters).scalars().all()

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


def page_parameters(
    query: SessionQuery, enrolments: Collection[int] | None, caller: Caller, size: int
) -> dict[str, Any]:
    """Return what `page_of_sessions` takes; `enrolments` are those that the search found, None: there was none."""
    return {
        "caller": caller.user_id,
        "enrolments": None if enrolments is None else arrays.integers(enrolments),
        "session_id": query.search.session_id,
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
        attendance=_attendance(row),
        enrolment=Enrolment(
            caller_is_tutor=row["caller_is_tutor"],
            # An enrolment without students has no list of them.
            students=tuple(_enrolled_student(listed) for listed in row["students"] or ()),
            student_count=row["student_count"],
        ),
        # An array of the platform's may be missing, and may hold NULL.
        courses=frozenset(CourseId(course) for course in row["courses"] or () if course is not None),
    )


def _enrolled_student(listed: Mapping[str, Any]) -> EnrolledStudent:
    return EnrolledStudent(
        student=student(listed), is_caller=listed["is_caller"], is_child_of_caller=listed["is_child_of_caller"]
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
