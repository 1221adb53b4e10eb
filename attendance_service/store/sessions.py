"""Reading tutoring sessions; every statement is put together from constants alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, TextClause, text
from sqlalchemy.engine import Connection

from attendance_service.domain.attendance_record import AttendanceRecord, StudentRecord
from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.errors import SessionNotFound
from attendance_service.domain.listing import Page, Search, SessionPosition, SessionQuery
from attendance_service.domain.session import (
    AnnouncedAbsences,
    EnrolledStudent,
    Enrolment,
    Schedule,
    Student,
    TutoringSession,
    normalised_status,
)
from attendance_service.domain.vocabulary import AttendanceSource, AttendanceStatus
from attendance_service.store.course_names import CourseNames, course_name
from attendance_service.store.executor import DatabaseExecutor, select
from attendance_service.store.listing import NEWEST_FIRST, matching_enrolments, patterns
from attendance_service.store.session_page import page_parameters, session_count, session_page
from attendance_service.store.session_sql import SESSIONS
from servicekit.database import arrays
from servicekit.identifiers import CourseId, StudentProfileId, TutoringSessionId, UserId, WhiteboardSessionId

#: Names of users, for the students that the tracking service names.
USER_NAMES = text("""
SELECT id, btrim(concat_ws(' ', first_name, father_name)) AS name FROM users WHERE id = ANY (:ids)
""")


class SessionStore:
    """The platform's sessions, as callers see them."""

    def __init__(self, executor: DatabaseExecutor, zone: ZoneInfo) -> None:
        """Nothing is read yet; `zone` is the session time zone."""
        self._executor = executor
        self._zone = zone
        self._course_names = CourseNames()

    async def get(self, session_id: TutoringSessionId, caller: Caller) -> TutoringSession:
        """Return one session, whether or not it is the caller's; SessionNotFound."""
        return await self._executor.read(lambda connection: self.get_in(connection, session_id, caller))

    async def get_many(self, session_ids: Collection[TutoringSessionId], caller: Caller) -> list[TutoringSession]:
        """Return some sessions, whether or not they are the caller's; those that do not exist are left out."""
        return await self._executor.read(lambda connection: self.many_in(connection, session_ids, caller))

    def many_in(
        self, connection: Connection, ids: Collection[TutoringSessionId], caller: Caller
    ) -> list[TutoringSession]:
        """Return the same inside a transaction."""
        statement = some_sessions(self._course_names.sources(connection))
        parameters = {"ids": arrays.integers(ids), "caller": caller.user_id, "zone": self._zone.key}
        return [_session(row) for row in connection.execute(statement, parameters).mappings()]

    def get_in(self, connection: Connection, session_id: TutoringSessionId, caller: Caller) -> TutoringSession:
        """Return one session inside a transaction; SessionNotFound."""
        for session in self.many_in(connection, (session_id,), caller):
            return session
        raise session_not_found(session_id)

    async def page(self, query: SessionQuery, caller: Caller) -> Page[TutoringSession, SessionPosition]:
        """Return the caller's sessions that match, newest first."""

        def sessions_in(connection: Connection) -> list[TutoringSession]:
            enrolments = self._matching_enrolments(connection, query.search, caller) if query.search.words else None
            statement = page_of_sessions(self._course_names.sources(connection), caller.role, query.attendance_filter)
            parameters = page_parameters(query, enrolments, caller, self._zone)
            rows = connection.execute(statement, parameters).mappings()
            return [_session(row) for row in rows]

        return query.page.page(await self._executor.read(sessions_in), lambda session: session.position)

    async def count(self, query: SessionQuery, caller: Caller) -> int:
        """Return how many of the caller's sessions match, up to MAX_TOTAL_SIZE."""

        def count_in(connection: Connection) -> int:
            enrolments = self._matching_enrolments(connection, query.search, caller) if query.search.words else None
            parameters = page_parameters(query, enrolments, caller, self._zone)
            counted: int = connection.execute(
                count_of_sessions(caller.role, query.attendance_filter), parameters
            ).scalar_one()
            return counted

        return await self._executor.read(count_in)

    async def user_names(self, user_ids: Collection[UserId]) -> dict[UserId, str]:
        """Return the names of users; users that do not exist are left out."""
        names = select(USER_NAMES, {"ids": list(user_ids)}, lambda row: (UserId(row["id"]), row["name"]))
        return dict(await self._executor.read(names))

    def _matching_enrolments(self, connection: Connection, search: Search, caller: Caller) -> Sequence[int]:
        statement = matching_enrolments(self._course_names.sources(connection), caller.role)
        parameters = {"caller": caller.user_id, "patterns": patterns(search)}
        return connection.execute(statement, parameters).scalars().all()


def session_not_found(session_id: TutoringSessionId) -> SessionNotFound:
    """Return the error for a session that does not exist."""
    return SessionNotFound(metadata={"session_id": str(session_id)})


def some_sessions(course_names: tuple[str, ...]) -> TextClause:
    """Return the statement that reads the sessions `:ids` as `:caller` sees them."""
    return text(f"{_sessions(course_names)} WHERE s.id = ANY (CAST(:ids AS integer[]))")


def page_of_sessions(course_names: tuple[str, ...], role: CallerRole, attendance_filter: str) -> TextClause:
    """Return the statement that reads one page of `:caller`'s sessions in this role."""
    page = session_page(role, attendance_filter)
    return text(f"WITH page AS ({page}) {_sessions(course_names)} JOIN page ON page.id = s.id ORDER BY {NEWEST_FIRST}")


def count_of_sessions(role: CallerRole, attendance_filter: str) -> TextClause:
    """Return the statement that counts `:caller`'s sessions in this role."""
    return text(session_count(role, attendance_filter))


def student_of(row: RowMapping | Mapping[str, Any]) -> Student:
    """Return the student in a row."""
    user = row["user_id"]
    return Student(id=StudentProfileId(row["id"]), user_id=None if user is None else UserId(user), name=row["name"])


def _sessions(course_names: tuple[str, ...]) -> str:
    return SESSIONS.replace("{course_name}", course_name(course_names))


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
            # Without students there is no list of them.
            students=tuple(_enrolled_student(listed, row) for listed in row["students"] or ()),
            student_count=row["student_count"],
            tutor_user_id=None if row["tutor_user_id"] is None else UserId(row["tutor_user_id"]),
            caller_is_substitute=row["caller_is_substitute"],
            settled_users=None if row["settled_users"] is None else tuple(row["settled_users"]),
            students_are_whiteboards=row["students_are_whiteboards"],
            id=row["enrolment_id"],
            tutor_id=row["tutor_id"],
            whiteboard_tutor=None if row["whiteboard_tutor"] is None else UserId(row["whiteboard_tutor"]),
            whiteboard_students=frozenset(map(UserId, row["whiteboard_students"])),
            has_settled_list=row["has_settled_list"],
        ),
        settled_etag=row["settled_etag"],
        # An array of the platform's may be missing, and may hold NULL.
        courses=frozenset(CourseId(course) for course in row["courses"] or () if course is not None),
        **_flags(row["flags"]),
    )


def _flags(flags: Mapping[str, Any]) -> dict[str, Any]:
    absences = {notice["student_id"]: notice["reason"] for notice in flags["absences"] or ()}
    return {
        "absences": AnnouncedAbsences(tutor=absences.pop(None, None), students=absences),
        "open_claims": tuple(flags["open_claims"] or ()),
        "parent_changed": frozenset(flags["parent_changed"] or ()),
    }


def _enrolled_student(listed: Mapping[str, Any], session: RowMapping) -> EnrolledStudent:
    """Return one object of STUDENTS_OF_SESSION; `session` is the row in which it is."""
    return EnrolledStudent(
        student=student_of(listed),
        is_caller=listed["is_caller"],
        is_child_of_caller=listed["is_child_of_caller"],
        record=_student_record(listed, session),
    )


def _student_record(listed: Mapping[str, Any], session: RowMapping) -> StudentRecord:
    status, source = listed["status"], listed["source"]
    is_marked = source != AttendanceSource.SYSTEM_DEFAULT and status is not None
    decided_at, decided_by = listed["marked_at"], listed["marked_by"]
    if decided_by is None:
        # Marked before there was a ledger.
        marked_by, marked_at = session["marked_by"], session["marked_at"]
    else:
        marked_by, marked_at = decided_by, datetime.fromisoformat(decided_at)
    is_excused = is_marked and bool(listed["excused"]) and status == AttendanceStatus.ABSENT
    return StudentRecord(
        status=status,
        source=source if is_marked else AttendanceSource.SYSTEM_DEFAULT,
        marked_by=UserId(marked_by) if is_marked and marked_by is not None else None,
        marked_at=marked_at if is_marked else None,
        decided_by_role=listed["role"] if is_marked else None,
        note=listed["note"] or None,
        noted_by_role=listed["noted_by_role"],
        excused=is_excused,
        excuse_reason=listed["excuse_reason"] or None if is_excused else None,
        last_decision_id=listed["last_decision_id"],
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
    marked_by, excuse = row["marked_by"], row["tutor_excuse"]
    is_excused = (
        excuse is not None
        and excuse["excused"]
        and row["tutor_status"] == AttendanceStatus.ABSENT
        and row["tutor_source"] != AttendanceSource.SYSTEM_DEFAULT
    )
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
        tutor_excused=is_excused,
        tutor_excuse_reason=excuse["reason"] or None if is_excused else None,
        source_before_move=row["stored_source"]
        if row["is_moved"] and row["stored_source"] != AttendanceSource.SYSTEM_DEFAULT
        else None,
    )
