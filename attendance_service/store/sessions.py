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
from attendance_service.store.executor import DatabaseExecutor, select
from attendance_service.store.listing import NEWEST_FIRST, matching_enrolments, patterns
from attendance_service.store.roster import IS_WHITEBOARDS, JOIN_ROSTER, ROSTER, STUDENTS_OF_SESSION
from attendance_service.store.session_flags import FLAGS
from attendance_service.store.session_page import page_parameters, session_page
from attendance_service.store.settled import IS_AS_JUDGED
from attendance_service.store.sources import MOVED_SINCE_MARKED, SOURCE, STORED_SOURCE, STUDENT_SOURCE, TUTOR_SOURCE
from attendance_service.store.visibility import (
    NAME_SOURCES,
    NAMELESS_COURSE,
    READABLE_COLUMN,
    TUTOR_IS_CALLER,
    TUTOR_NAME,
)
from servicekit.database import arrays
from servicekit.identifiers import CourseId, StudentProfileId, TutoringSessionId, UserId, WhiteboardSessionId

_SESSION = """
SELECT s.id, s.whiteboard_id, s.session_date, CAST(s.start_time AS time) AS start_time,
       CAST(s.end_time AS time) AS end_time, CAST(s.status AS text) AS status,
       NULLIF(btrim(s.tutor_attendance_status), '') AS tutor_status,
       NULLIF(btrim(s.student_attendance_status), '') AS student_status,
       {source} AS source, {tutor_source} AS tutor_source, {student_source} AS student_source,
       {moved} AS is_moved, {stored_source} AS stored_source,
       s.attendance_notes AS notes, s.attendance_marked_by AS marked_by, s.attendance_marked_at AS marked_at,
       (SELECT max(decision.id) FROM attendance_decisions AS decision WHERE decision.session_id = s.id)
           AS last_decision_id,
       COALESCE({course_names}) AS course_name,
       {tutor_name} AS tutor_name,
       COALESCE({is_tutor}, roster.tutor_id IS NULL AND roster.whiteboard_tutor_id = :caller, FALSE) AS caller_is_tutor,
       COALESCE(roster.tutor_id IS NOT NULL AND roster.whiteboard_tutor_id = :caller AND NOT ({is_tutor}), FALSE)
           AS caller_is_substitute,
       COALESCE(tutor.user_id, settled.tutor_user_id) AS tutor_user_id, roster.tutor_id,
       roster.whiteboard_tutor_id AS whiteboard_tutor, s.enrolled_courses_id AS enrolment_id,
       {settled_etag} AS settled_etag,
       CASE WHEN settled.session_id IS NOT NULL
            THEN ARRAY(SELECT user_id FROM settled_students WHERE session_id = s.id ORDER BY position) END
           AS settled_users,
       ec.course_id AS courses, {flags} AS flags,
       {students} AS students, {is_whiteboards} AS students_are_whiteboards,
       (SELECT count(DISTINCT listed) FROM unnest({roster}) AS listed) AS student_count,
       (SELECT jsonb_build_object('excused', decision.tutor_excused, 'reason', decision.tutor_excuse_reason)
        FROM attendance_decisions AS decision
        WHERE decision.session_id = s.id AND decision.tutor_excused IS NOT NULL
        ORDER BY decision.id DESC LIMIT 1) AS tutor_excuse
FROM sessions AS s
{join_roster}
LEFT JOIN tutor_profiles AS tutor ON tutor.id = roster.tutor_id
LEFT JOIN users AS tutor_user ON tutor_user.id = tutor.user_id
"""

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
        self._known_course_names: tuple[str, ...] | None = None

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
        statement = some_sessions(self._course_names(connection))
        parameters = {"ids": arrays.integers(ids), "caller": caller.user_id, "zone": self._zone.key}
        return [_session(row) for row in connection.execute(statement, parameters).mappings()]

    def get_in(self, connection: Connection, session_id: TutoringSessionId, caller: Caller) -> TutoringSession:
        """Return one session inside a transaction; SessionNotFound."""
        for session in self.many_in(connection, (session_id,), caller):
            return session
        raise SessionNotFound(metadata={"session_id": str(session_id)})

    async def page(self, query: SessionQuery, caller: Caller) -> Page[TutoringSession, SessionPosition]:
        """Return the caller's sessions that match, newest first."""

        def sessions_in(connection: Connection) -> list[TutoringSession]:
            enrolments = self._matching_enrolments(connection, query.search, caller) if query.search.words else None
            statement = page_of_sessions(self._course_names(connection), caller.role, query.attendance_filter)
            parameters = page_parameters(query, enrolments, caller, self._zone)
            rows = connection.execute(statement, parameters).mappings()
            return [_session(row) for row in rows]

        return query.page.page(await self._executor.read(sessions_in), lambda session: session.position)

    async def user_names(self, user_ids: Collection[UserId]) -> dict[UserId, str]:
        """Return the names of users; users that do not exist are left out."""
        names = select(USER_NAMES, {"ids": list(user_ids)}, lambda row: (UserId(row["id"]), row["name"]))
        return dict(await self._executor.read(names))

    def _matching_enrolments(self, connection: Connection, search: Search, caller: Caller) -> Sequence[int]:
        statement = matching_enrolments(self._course_names(connection), caller.role)
        parameters = {"caller": caller.user_id, "patterns": patterns(search)}
        return connection.execute(statement, parameters).scalars().all()

    def _course_names(self, connection: Connection) -> tuple[str, ...]:
        """Return the SQL of every course name that can be read; checked once.

        It uses the connection at hand, because a transaction that waits for a second connection may wait for ever.
        """
        if self._known_course_names is None:
            self._known_course_names = tuple(
                name
                for table, column, name in NAME_SOURCES
                if connection.execute(READABLE_COLUMN, {"table": table, "column": column}).scalar_one()
            )
        return self._known_course_names


def some_sessions(course_names: tuple[str, ...]) -> TextClause:
    """Return the statement that reads the sessions `:ids` as `:caller` sees them."""
    return text(f"{_session_statement(course_names)} WHERE s.id = ANY (CAST(:ids AS integer[]))")


def page_of_sessions(course_names: tuple[str, ...], role: CallerRole, attendance_filter: str) -> TextClause:
    """Return the statement that reads one page of `:caller`'s sessions in this role."""
    page = session_page(role, attendance_filter)
    return text(
        f"WITH page AS ({page}) {_session_statement(course_names)} JOIN page ON page.id = s.id ORDER BY {NEWEST_FIRST}"
    )


def student_of(row: RowMapping | Mapping[str, Any]) -> Student:
    """Return the student in a row."""
    user = row["user_id"]
    return Student(id=StudentProfileId(row["id"]), user_id=None if user is None else UserId(user), name=row["name"])


def _session_statement(course_names: tuple[str, ...]) -> str:
    return _SESSION.format(
        source=SOURCE,
        moved=MOVED_SINCE_MARKED,
        stored_source=STORED_SOURCE,
        tutor_source=TUTOR_SOURCE,
        student_source=STUDENT_SOURCE,
        flags=FLAGS,
        course_names=", ".join((*course_names, NAMELESS_COURSE)),
        tutor_name=TUTOR_NAME,
        join_roster=JOIN_ROSTER,
        settled_etag=f"CASE WHEN {IS_AS_JUDGED} THEN settled.etag END",
        students=STUDENTS_OF_SESSION,
        is_whiteboards=IS_WHITEBOARDS,
        roster=ROSTER,
        is_tutor=TUTOR_IS_CALLER.format(tutor_id="roster.tutor_id"),
    )


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
