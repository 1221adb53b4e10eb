"""whiteboard_sessions: who takes part, and the documented columns (DESIGN 5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.engine import Connection, Row

from servicekit.clock import Instant
from servicekit.database import arrays
from servicekit.identifiers import UserId, WhiteboardSessionId
from tracking_service.domain.events import Participant, UserType
from tracking_service.domain.projection import RoleColumns
from tracking_service.store.moments import moment, optional_instant


class Members(NamedTuple):
    """Who takes part in a session."""

    tutor_id: UserId
    student_ids: tuple[UserId, ...]

    def include(self, participant: Participant) -> bool:
        """Whether this user takes part in this capacity."""
        if participant.user_type is UserType.TUTOR:
            return participant.user_id == self.tutor_id
        return participant.user_id in self.student_ids


class Schedule(NamedTuple):
    """The session's own schedule; naive times are read in the session time zone by the caller."""

    start: datetime | None
    end: datetime | None


class FoundSession(NamedTuple):
    """What facts are measured against."""

    members: Members
    schedule: Schedule
    #: As documented: time in which at least one student was there.
    student_total_active_seconds: int
    #: Roles of whom the documented columns tell a connect.
    roles_that_came: frozenset[UserType]


class DocumentedColumns(NamedTuple):
    """One role's documented columns as they stand; NULLs of adopted rows included."""

    connected_at: Instant | None
    disconnected_at: Instant | None
    last_activity_at: Instant | None
    total_active_seconds: int


class DocumentedSession(NamedTuple):
    """One session as its documented columns tell it."""

    members: Members
    tutor: DocumentedColumns
    student: DocumentedColumns
    #: In order of arrival.
    connection_logs: list[object]


class Projection(NamedTuple):
    """What a flush makes of one session's documented columns; None leaves a role's columns as they are."""

    tutor: RoleColumns | None
    student: RoleColumns | None
    #: JSON array of entries to append to connection_logs.
    log_entries: str | None


# student_id is INTEGER in some databases and INTEGER[] in others; as JSON both can be read.
_MEMBERS = "id, tutor_id, to_jsonb(student_id) AS student_ids"

_LOCK = text(f"""
    -- Members of the sessions of one flush; the locks put replicas that write the same session in a row.
    SELECT {_MEMBERS}
    FROM whiteboard_sessions
    WHERE id = ANY (CAST(:ids AS integer[]))
    ORDER BY id
    FOR NO KEY UPDATE
""")  # noqa: S608 - a constant

_FIND = text(f"""
    -- Members, schedules and documented totals of sessions.
    SELECT {_MEMBERS}, scheduled_start, scheduled_end,
        COALESCE(student_total_active_seconds, 0) AS student_total_active_seconds,
        tutor_connected_at IS NOT NULL AS tutor_came, student_connected_at IS NOT NULL AS student_came
    FROM whiteboard_sessions
    WHERE id = ANY (CAST(:ids AS integer[]))
""")  # noqa: S608 - a constant

_DOCUMENTED = text(f"""
    -- Members, the documented columns and the log of one session.
    SELECT {_MEMBERS}, COALESCE(connection_logs, '[]'::jsonb) AS connection_logs,
        tutor_connected_at, tutor_disconnected_at, tutor_last_activity_at, tutor_total_active_seconds,
        student_connected_at, student_disconnected_at, student_last_activity_at, student_total_active_seconds
    FROM whiteboard_sessions
    WHERE id = :id
""")  # noqa: S608 - a constant


def _role_columns(role: str) -> str:
    # LEAST and GREATEST pass over NULL, and never take back what the columns held before there were intervals.
    return f"""
        {role}_connected_at = LEAST(session.{role}_connected_at, {moment(f"batch.{role}_connected")}),
        {role}_disconnected_at = CASE WHEN batch.{role}_last IS NULL THEN session.{role}_disconnected_at
            ELSE {moment(f"batch.{role}_disconnected")} END,
        {role}_last_activity_at = GREATEST(session.{role}_last_activity_at, {moment(f"batch.{role}_last")}),
        {role}_total_active_seconds = GREATEST(session.{role}_total_active_seconds, batch.{role}_total)"""


_PROJECT = text(f"""
    -- Keep the documented columns true. Only sessions with log entries touch connection_logs: it may be long.
    UPDATE whiteboard_sessions AS session
    SET {_role_columns("tutor")},
        {_role_columns("student")},
        connection_logs = CASE WHEN batch.log_entries IS NULL THEN session.connection_logs
            ELSE COALESCE(session.connection_logs, '[]'::jsonb) || CAST(batch.log_entries AS jsonb) END
    FROM unnest(
        CAST(:ids AS integer[]), CAST(:log_entries AS text[]),
        CAST(:tutor_connected AS bigint[]), CAST(:tutor_disconnected AS bigint[]),
        CAST(:tutor_last AS bigint[]), CAST(:tutor_total AS integer[]),
        CAST(:student_connected AS bigint[]), CAST(:student_disconnected AS bigint[]),
        CAST(:student_last AS bigint[]), CAST(:student_total AS integer[])
    ) AS batch (
        id, log_entries,
        tutor_connected, tutor_disconnected, tutor_last, tutor_total,
        student_connected, student_disconnected, student_last, student_total
    )
    WHERE session.id = batch.id
""")  # noqa: S608 - constants


def lock(connection: Connection, ids: Iterable[WhiteboardSessionId]) -> dict[WhiteboardSessionId, Members]:
    """Lock sessions in the order of their ids and return their members; unknown ids are missing."""
    rows = connection.execute(_LOCK, {"ids": arrays.integers(ids)})
    return {row.id: _members(row.tutor_id, row.student_ids) for row in rows}


def find(connection: Connection, ids: Iterable[WhiteboardSessionId]) -> dict[WhiteboardSessionId, FoundSession]:
    """Return members, schedules and documented totals; unknown ids are missing."""
    rows = connection.execute(_FIND, {"ids": arrays.integers(ids)})
    return {
        row.id: FoundSession(
            members=_members(row.tutor_id, row.student_ids),
            schedule=Schedule(row.scheduled_start, row.scheduled_end),
            student_total_active_seconds=row.student_total_active_seconds,
            roles_that_came=frozenset(
                role for role, came in ((UserType.TUTOR, row.tutor_came), (UserType.STUDENT, row.student_came)) if came
            ),
        )
        for row in rows
    }


def find_documented(connection: Connection, session_id: WhiteboardSessionId) -> DocumentedSession | None:
    """Return one session as its documented columns tell it; None if there is no such session."""
    row = connection.execute(_DOCUMENTED, {"id": session_id}).one_or_none()
    if row is None:
        return None
    logs = row.connection_logs
    return DocumentedSession(
        members=_members(row.tutor_id, row.student_ids),
        tutor=_documented(row, "tutor"),
        student=_documented(row, "student"),
        connection_logs=logs if isinstance(logs, list) else [logs],
    )


def project(connection: Connection, projections: Mapping[WhiteboardSessionId, Projection]) -> None:
    """Write the documented columns of sessions that the caller has locked."""
    rows = sorted(projections.items())
    parameters: dict[str, object] = {
        "ids": arrays.integers(session_id for session_id, _ in rows),
        "log_entries": [projection.log_entries for _, projection in rows],
    }
    parameters |= _role_parameters("tutor", [projection.tutor for _, projection in rows])
    parameters |= _role_parameters("student", [projection.student for _, projection in rows])
    connection.execute(_PROJECT, parameters)


def _role_parameters(role: str, columns: list[RoleColumns | None]) -> dict[str, str]:
    def values(name: str) -> str:
        return arrays.integers(None if column is None else getattr(column, name) for column in columns)

    return {
        f"{role}_connected": values("connected_at"),
        f"{role}_disconnected": values("disconnected_at"),
        f"{role}_last": values("last_activity_at"),
        f"{role}_total": values("total_active_seconds"),
    }


def _members(tutor_id: int, student_ids: list[int] | int | None) -> Members:
    students = student_ids if isinstance(student_ids, list) else [student_ids]
    return Members(UserId(tutor_id), tuple(UserId(student) for student in students if student is not None))


def _documented(row: Row[Any], role: str) -> DocumentedColumns:
    return DocumentedColumns(
        connected_at=optional_instant(getattr(row, f"{role}_connected_at")),
        disconnected_at=optional_instant(getattr(row, f"{role}_disconnected_at")),
        last_activity_at=optional_instant(getattr(row, f"{role}_last_activity_at")),
        total_active_seconds=getattr(row, f"{role}_total_active_seconds") or 0,
    )
