"""Reading what the reports contain; every statement is put together from constants alone."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, TextClause, text
from sqlalchemy.engine import Connection

from attendance_service.domain.caller import Caller
from attendance_service.domain.errors import StudentNotFound
from attendance_service.domain.listing import DateRange, Page, SessionPosition
from attendance_service.domain.reports import (
    Agreement,
    ReportedStudent,
    StudentQuery,
    StudentSession,
    TutorAttendance,
    TutorName,
    TutorQuery,
)
from attendance_service.domain.session import Schedule
from attendance_service.domain.vocabulary import AttendanceSource, AttendanceStatus, Confidence
from attendance_service.store.course_names import CourseNames, course_name
from attendance_service.store.executor import DatabaseExecutor, select
from attendance_service.store.listing import (
    AFTER_POSITION,
    COMPLETED_IN_DATES,
    NEWEST_FIRST,
    date_parameters,
    position_parameters,
)
from attendance_service.store.roster import JOIN_ROSTER, ROSTER, is_class
from attendance_service.store.settled import HAS_SETTLED_ROSTER
from attendance_service.store.sources import TUTOR_MARKED, student_source, student_status
from attendance_service.store.visibility import STUDENT_NAME, TUTOR_NAME, sessions_of_students
from servicekit.database import arrays
from servicekit.identifiers import StudentProfileId, TutoringSessionId, UserId, WhiteboardSessionId

_COUNTED = """count(*) AS total, count(*) FILTER (WHERE marked) AS marked,
           count(*) FILTER (WHERE marked AND status = 'present') AS present,
           count(*) FILTER (WHERE marked AND status = 'late') AS late,
           count(*) FILTER (WHERE marked AND status = 'absent') AS absent,
           count(*) FILTER (WHERE marked AND status = 'absent' AND excused) AS excused"""
_RATED = """total, present, late, absent, excused, total - marked AS unmarked,
       ROUND(CAST(present AS numeric) / NULLIF(marked, 0) * 100, 2) AS rate"""
#: The last word on whether an absence is excused; it counts only while the status is `absent`.
_TUTOR_EXCUSED = """(SELECT decision.tutor_excused FROM attendance_decisions AS decision
     WHERE decision.session_id = s.id AND decision.tutor_excused IS NOT NULL ORDER BY decision.id DESC LIMIT 1)"""
_STATUS_AND_MARKED = f"""lower(btrim(s.tutor_attendance_status)) AS status, {TUTOR_MARKED} AS marked,
           {_TUTOR_EXCUSED} AS excused"""

#: Completed sessions `s` of the tutor `{tutor}`: those of the tutor's courses, and once settled, those that were the
#: tutor's then. ARRAY, LATERAL and OFFSET 0 make PostgreSQL find both by index, whatever it estimates.
_OF_COURSES = f"""FROM unnest(ARRAY(SELECT id FROM enrolled_courses WHERE tutor_id = {{tutor}})) AS ec (id)
          CROSS JOIN LATERAL (
            SELECT s.* FROM sessions AS s LEFT JOIN settled_sessions AS settled ON settled.session_id = s.id
            WHERE s.enrolled_courses_id = ec.id AND {COMPLETED_IN_DATES} AND NOT {HAS_SETTLED_ROSTER} OFFSET 0) AS s
"""  # noqa: S608 - constants
_OF_SETTLED = f"""FROM settled_sessions AS settled CROSS JOIN LATERAL (
            SELECT s.* FROM sessions AS s
            WHERE s.id = settled.session_id AND {COMPLETED_IN_DATES} AND {HAS_SETTLED_ROSTER} OFFSET 0) AS s
          WHERE settled.tutor_id = {{tutor}}"""  # noqa: S608 - constants
_TUTOR_ASKED_FOR = "(CAST(:tutor AS integer) IS NULL OR tutor.user_id = CAST(:tutor AS integer))"

#: Some tutors with a completed session, in the order of their profiles, and how their sessions count. Only the sessions
#: of these tutors are read. ORDER BY makes PostgreSQL look for settled sessions by index, one tutor after the other.
#:
#: A status without a decision counts as unmarked only. The rate is the share of present in what is marked.
TUTOR_ATTENDANCE_PAGE = text(f"""
WITH page AS MATERIALIZED (
    SELECT tutor.id AS profile_id, {TUTOR_NAME} AS tutor_name, COALESCE(tutor.username, '') AS tutor_username
    FROM tutor_profiles AS tutor
    LEFT JOIN users AS tutor_user ON tutor_user.id = tutor.user_id
    WHERE {_TUTOR_ASKED_FOR} AND (CAST(:after_id AS integer) IS NULL OR tutor.id > CAST(:after_id AS integer))
      AND (EXISTS (SELECT {_OF_SETTLED.format(tutor="tutor.id")} ORDER BY settled.session_date LIMIT 1 OFFSET 0)
           OR EXISTS (SELECT {_OF_COURSES.format(tutor="tutor.id")} OFFSET 0))
    ORDER BY tutor.id
    LIMIT :page_size
)
SELECT profile_id, tutor_name, tutor_username, {_RATED}
FROM page
CROSS JOIN LATERAL (
    SELECT {_COUNTED}
    FROM (SELECT {_STATUS_AND_MARKED} {_OF_COURSES.format(tutor="page.profile_id")}
          UNION ALL
          SELECT {_STATUS_AND_MARKED} {_OF_SETTLED.format(tutor="page.profile_id")}) AS completed
) AS counted
ORDER BY profile_id
""")  # noqa: S608 - constants

#: One student, and what the caller is to them.
STUDENT = text(f"""
SELECT student.user_id, {STUDENT_NAME} AS name, COALESCE(student.user_id = :caller, FALSE) AS is_caller,
       EXISTS (SELECT FROM parent_profiles AS parent
               WHERE parent.user_id = :caller
                 AND (parent.id = ANY (student.parent_id) OR student.id = ANY (parent.children_ids)))
           AS is_child_of_caller,
       EXISTS (SELECT FROM enrolled_courses AS ec
               JOIN tutor_profiles AS tutor ON tutor.id = ec.tutor_id
               WHERE ec.students_id @> ARRAY[student.id] AND tutor.user_id = :caller)
           OR EXISTS (SELECT FROM settled_students AS taught
                      JOIN settled_sessions AS settled ON settled.session_id = taught.session_id
                      JOIN tutor_profiles AS tutor ON tutor.id = settled.tutor_id
                      WHERE taught.student_id = student.id AND tutor.user_id = :caller) AS is_taught_by_caller
FROM student_profiles AS student
LEFT JOIN users AS student_user ON student_user.id = student.user_id
WHERE student.id = :student_id
""")  # noqa: S608 - constants

_STUDENT_STATUS = student_status("CAST(:student_id AS integer)", is_class=is_class("page.students"))
_ROWS_OF_STUDENT = """attendance_student_decisions AS about
    WHERE about.session_id = s.id AND about.student_id = CAST(:student_id AS integer)"""

#: Completed sessions of one student (with `:tutor`: those taught by this user), newest first, with what is recorded
#: about this student.
_STUDENT_SESSIONS = f"""
WITH page AS MATERIALIZED (
    SELECT s.id, {ROSTER} AS students, roster.tutor_id
    FROM sessions AS s
    {JOIN_ROSTER}
    WHERE {sessions_of_students("ARRAY[CAST(:student_id AS integer)]")} AND s.enrolled_courses_id IS NOT NULL
      AND (CAST(:tutor AS integer) IS NULL
           OR roster.tutor_id IN (SELECT id FROM tutor_profiles WHERE user_id = CAST(:tutor AS integer)))
      AND {COMPLETED_IN_DATES} AND {AFTER_POSITION}
    ORDER BY {NEWEST_FIRST}
    LIMIT :page_size
)
SELECT s.id AS session_id, s.session_date AS day, CAST(s.start_time AS time) AS start, CAST(s.end_time AS time) AS end,
       {_STUDENT_STATUS} AS status, {student_source("CAST(:student_id AS integer)")} AS source,
       NULLIF(s.attendance_notes, '') AS notes, s.whiteboard_id,
       (SELECT about.note FROM {_ROWS_OF_STUDENT} AND about.note IS NOT NULL
        ORDER BY about.decision_id DESC LIMIT 1) AS note,
       (SELECT member.active_seconds FROM settled_students AS member
        WHERE member.session_id = s.id AND member.student_id = CAST(:student_id AS integer)) AS settled_active_seconds,
       excuse.excused, excuse.excuse_reason, {{course_name}} AS course_name, {TUTOR_NAME} AS tutor_name
FROM page
JOIN sessions AS s ON s.id = page.id
LEFT JOIN LATERAL (SELECT known.* FROM enrolled_courses AS known WHERE known.id = s.enrolled_courses_id LIMIT 1)
    AS ec ON TRUE
LEFT JOIN tutor_profiles AS tutor ON tutor.id = page.tutor_id
LEFT JOIN users AS tutor_user ON tutor_user.id = tutor.user_id
LEFT JOIN LATERAL (SELECT about.excused, about.excuse_reason FROM {_ROWS_OF_STUDENT} AND about.excused IS NOT NULL
                   ORDER BY about.decision_id DESC LIMIT 1) AS excuse ON TRUE
ORDER BY {NEWEST_FIRST}
"""  # noqa: S608 - constants

#: Names of tutors by users.id; a user with several profiles has the name of the first.
TUTOR_NAMES = text(f"""
SELECT DISTINCT ON (tutor.user_id) tutor.user_id, tutor.id AS profile_id, {TUTOR_NAME} AS name,
       COALESCE(tutor.username, '') AS username
FROM tutor_profiles AS tutor
LEFT JOIN users AS tutor_user ON tutor_user.id = tutor.user_id
WHERE tutor.user_id = ANY (CAST(:user_ids AS integer[]))
ORDER BY tutor.user_id, tutor.id
""")  # noqa: S608 - constants

#: Decisions about one person each that were made with a suggestion, and how many of them agree with it. Newest month
#: first, then highest confidence. Students of whom the ledger names none count together, as the class.
AGREEMENT = text("""
WITH decision AS (
    SELECT id, decided_at, tutor_status_after, tutor_suggested, tutor_confidence, tutor_reason,
           student_status_after, student_suggested, student_confidence, student_reason
    FROM attendance_decisions
    WHERE evidence IS NOT NULL
      AND (CAST(:since AS timestamptz) IS NULL OR decided_at >= CAST(:since AS timestamptz))
      AND (CAST(:before AS timestamptz) IS NULL OR decided_at < CAST(:before AS timestamptz))
), person AS (
    SELECT decided_at, tutor_status_after AS decided, tutor_suggested AS suggested, tutor_confidence AS confidence,
           tutor_reason AS reason
    FROM decision
    UNION ALL
    SELECT decision.decided_at, about.status_after, about.suggested, about.confidence, about.reason
    FROM decision JOIN attendance_student_decisions AS about ON about.decision_id = decision.id
    UNION ALL
    SELECT decided_at, student_status_after, student_suggested, student_confidence, student_reason
    FROM decision
    WHERE NOT EXISTS (SELECT FROM attendance_student_decisions AS about WHERE about.decision_id = decision.id)
)
SELECT to_char(decided_at AT TIME ZONE :zone, 'YYYY-MM') AS month, confidence, COALESCE(reason, '') AS reason,
       count(*) AS decided, count(*) FILTER (WHERE decided = suggested) AS agreed
FROM person
WHERE decided IS NOT NULL AND confidence IS NOT NULL
GROUP BY 1, 2, 3
ORDER BY month DESC, array_position(ARRAY['high', 'medium', 'low'], confidence), reason
""")


class ReportStore:
    """Sessions, decisions and profiles, counted and listed."""

    def __init__(self, executor: DatabaseExecutor, zone: ZoneInfo) -> None:
        """`zone` is the session time zone."""
        self._executor = executor
        self._zone = zone
        self._course_names = CourseNames()

    async def tutor_attendance(self, query: TutorQuery, tutor: UserId | None) -> Page[TutorAttendance, int]:
        """Return the attendance of one tutor (None: of all with a completed session), in the order of profiles."""
        parameters = tutor_parameters(query, tutor, self._zone)
        rows = await self._executor.read(select(TUTOR_ATTENDANCE_PAGE, parameters, _tutor_attendance))
        return query.page.page(rows, lambda row: row.profile_id)

    async def student(self, student_id: StudentProfileId, caller: Caller) -> ReportedStudent:
        """Return one student as the caller sees them; StudentNotFound."""
        parameters = {"student_id": student_id, "caller": caller.user_id}
        students = await self._executor.read(select(STUDENT, parameters, lambda row: ReportedStudent(**row)))
        # One answer to both, so that strangers do not learn which ids exist.
        if not students or not students[0].is_visible_to(caller):
            raise StudentNotFound(metadata={"student_id": str(student_id)})
        return students[0]

    async def student_sessions(
        self, query: StudentQuery, tutor: UserId | None
    ) -> Page[StudentSession, SessionPosition]:
        """Return a student's completed sessions (with a tutor: those that they taught), newest first."""
        parameters = student_parameters(query, tutor, self._zone)

        def sessions_in(connection: Connection) -> list[StudentSession]:
            statement = student_sessions(self._course_names.sources(connection))
            return select(statement, parameters, _student_session)(connection)

        return query.page.page(await self._executor.run(sessions_in), lambda session: session.position)

    async def tutor_names(self, tutors: Collection[UserId]) -> dict[UserId, TutorName]:
        """Return the names of tutors; those without a profile are left out."""
        parameters = {"user_ids": arrays.integers(tutors)}
        return dict(await self._executor.read(select(TUTOR_NAMES, parameters, _tutor_name)))

    async def suggestion_accuracy(self, dates: DateRange) -> tuple[Agreement, ...]:
        """Return how often people agreed with suggestions, by month, confidence and reason."""
        bounds = dates.time_bounds(self._zone)
        parameters = {"since": bounds.since, "before": bounds.before, "zone": self._zone.key}
        return tuple(await self._executor.run(select(AGREEMENT, parameters, _agreement)))


def tutor_parameters(query: TutorQuery, tutor: UserId | None, zone: ZoneInfo) -> dict[str, Any]:
    """Return the parameters of TUTOR_ATTENDANCE_PAGE."""
    page = {"tutor": tutor, "zone": zone.key, "after_id": query.page.after, "page_size": query.page.fetch_size}
    return page | date_parameters(query.dates)


def student_sessions(course_names: tuple[str, ...]) -> TextClause:
    """Return the statement that reads completed sessions of one student."""
    return text(_STUDENT_SESSIONS.replace("{course_name}", course_name(course_names)))


def student_parameters(query: StudentQuery, tutor: UserId | None, zone: ZoneInfo) -> dict[str, Any]:
    """Return the parameters of `student_sessions`."""
    return {
        "student_id": query.student_id,
        "zone": zone.key,
        "tutor": tutor,
        "page_size": query.page.fetch_size,
        **date_parameters(query.dates),
        **position_parameters(query.page.after),
    }


def _tutor_attendance(row: RowMapping) -> TutorAttendance:
    return TutorAttendance(**{**row, "rate": None if row["rate"] is None else float(row["rate"])})


def _tutor_name(row: RowMapping) -> tuple[UserId, TutorName]:
    name = TutorName(profile_id=row["profile_id"], name=row["name"], username=row["username"])
    return UserId(row["user_id"]), name


def _student_session(row: RowMapping) -> StudentSession:
    whiteboard = row["whiteboard_id"]
    is_marked = row["source"] != AttendanceSource.SYSTEM_DEFAULT and row["status"] is not None
    is_excused = is_marked and bool(row["excused"]) and row["status"] == AttendanceStatus.ABSENT
    return StudentSession(
        session_id=TutoringSessionId(row["session_id"]),
        schedule=Schedule(
            day=row["day"],
            start=row["start"],
            end=row["end"],
            whiteboard_id=None if whiteboard is None else WhiteboardSessionId(whiteboard),
        ),
        status=row["status"] if is_marked else None,
        source=row["source"] if is_marked else AttendanceSource.SYSTEM_DEFAULT,
        notes=row["notes"],
        note=row["note"] or None,
        excused=is_excused,
        excuse_reason=row["excuse_reason"] or None if is_excused else None,
        course_name=row["course_name"],
        tutor_name=row["tutor_name"],
        settled_active_seconds=row["settled_active_seconds"],
    )


def _agreement(row: RowMapping) -> Agreement:
    return Agreement(**{**row, "confidence": Confidence(row["confidence"])})
