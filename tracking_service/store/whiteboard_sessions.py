"""whiteboard_sessions: who takes part, and the documented columns (docs/presence.md#tables)."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.database import arrays
from servicekit.identifiers import UserId, WhiteboardSessionId
from tracking_service.domain.connection_log import MAX_UNFOLDED, folded
from tracking_service.domain.events import Participant, UserType
from tracking_service.domain.measurement import DocumentedPresence
from tracking_service.domain.status import RoleColumns
from tracking_service.store.shards import ShardStatement
from tracking_service.store.sql import Placement, optional_instant


class Members(NamedTuple):
    """Who takes part in a session."""

    tutor_id: UserId
    student_ids: tuple[UserId, ...]

    def include(self, participant: Participant) -> bool:
        """Return whether this user takes part in this role."""
        if participant.user_type is UserType.TUTOR:
            return participant.user_id == self.tutor_id
        return participant.user_id in self.student_ids


class Schedule(NamedTuple):
    """The session's own schedule; naive times are read in the session time zone by the caller."""

    start: datetime | None
    end: datetime | None


class SessionRecord(NamedTuple):
    """Members, schedule and documented columns of one session."""

    members: Members
    schedule: Schedule
    #: When at least one student was there.
    students: DocumentedPresence
    #: Roles that have a connect in the documented columns.
    roles_that_came: frozenset[UserType]


class Projection(NamedTuple):
    """The documented columns of one session after a flush; None leaves a role's columns as they are."""

    tutor: RoleColumns | None
    student: RoleColumns | None
    #: JSON array of entries to append to connection_logs.
    log_entries: str | None


#: student_id is INTEGER in some databases and INTEGER[] in others; as JSON both can be read.
MEMBERS = "id, tutor_id, to_jsonb(student_id) AS student_ids"

_LOCK_SQL = f"""
    -- Members of the sessions of one flush. The locks make replicas that write the same session wait for each other.
    SELECT {MEMBERS}
    FROM whiteboard_sessions
    WHERE id = ANY (CAST(:ids AS integer[]))
    ORDER BY id
    FOR NO KEY UPDATE
"""  # noqa: S608 - a constant
_LOCK = text(_LOCK_SQL)
_LOCK_AT_ONCE = text(f"{_LOCK_SQL} NOWAIT")

_MEMBERS_OF = text(f"""
    SELECT {MEMBERS}
    FROM whiteboard_sessions
    WHERE id = ANY (CAST(:ids AS integer[]))
""")  # noqa: S608 - a constant

_EXISTING = text("""
    -- They can't be deleted before this transaction ends.
    SELECT id FROM whiteboard_sessions WHERE id = ANY (CAST(:ids AS integer[])) ORDER BY id FOR KEY SHARE
""")

_FIND = text(f"""
    SELECT {MEMBERS}, scheduled_start, scheduled_end,
        COALESCE(student_total_active_seconds, 0) AS student_total_active_seconds,
        student_connected_at, student_disconnected_at,
        tutor_connected_at IS NOT NULL AS tutor_came, student_connected_at IS NOT NULL AS student_came
    FROM whiteboard_sessions
    WHERE id = ANY (CAST(:ids AS integer[]))
""")  # noqa: S608 - a constant

_LOG = text("""
    SELECT COALESCE(connection_logs, '[]'::jsonb) AS connection_logs
    FROM whiteboard_sessions
    WHERE id = :id
""")


def _role_columns(placement: Placement, role: str) -> str:
    last = placement.timestamptz(f"batch.{role}_last")
    # LEAST and GREATEST ignore NULL, and never take back what the columns held before there were intervals.
    return f"""
        {role}_connected_at = LEAST(session.{role}_connected_at, {placement.timestamptz(f"batch.{role}_connected")}),
        {role}_disconnected_at = CASE WHEN batch.{role}_last IS NULL THEN session.{role}_disconnected_at
            ELSE {placement.timestamptz(f"batch.{role}_disconnected")} END,
        {role}_last_activity_at = GREATEST(session.{role}_last_activity_at, {last}),
        {role}_total_active_seconds = GREATEST(session.{role}_total_active_seconds, batch.{role}_total)"""


#: As `RoleColumns` has them.
_ROLE_COLUMNS = {"connected": "bigint[]", "disconnected": "bigint[]", "last": "bigint[]", "total": "integer[]"}
_UNCHANGED = (None,) * len(_ROLE_COLUMNS)


def _project(placement: Placement) -> str:
    return f"""
    -- Only sessions with new log entries touch connection_logs. Those whose log is long are returned.
    UPDATE whiteboard_sessions AS session
    SET {_role_columns(placement, "tutor")},
        {_role_columns(placement, "student")},
        connection_logs = CASE WHEN batch.log_entries IS NULL THEN session.connection_logs
            ELSE COALESCE(session.connection_logs, '[]'::jsonb) || CAST(batch.log_entries AS jsonb) END
    FROM unnest(
        :ids, :log_entries,
        :tutor_connected, :tutor_disconnected, :tutor_last, :tutor_total,
        :student_connected, :student_disconnected, :student_last, :student_total
    ) AS batch (
        id, log_entries,
        tutor_connected, tutor_disconnected, tutor_last, tutor_total,
        student_connected, student_disconnected, student_last, student_total
    )
    WHERE session.id = batch.id AND {placement.of_sessions("session.id")}
    RETURNING session.id, CASE WHEN batch.log_entries IS NULL THEN false
        ELSE jsonb_array_length(session.connection_logs) > {MAX_UNFOLDED} END AS is_long
    """  # noqa: S608 - constants


_PROJECT = ShardStatement(
    "project",
    _project,
    {
        "ids": "integer[]",
        "log_entries": "text[]",
        **{f"{role}_{column}": kind for role in UserType for column, kind in _ROLE_COLUMNS.items()},
    },
)

_REPLACE_LOG = text("UPDATE whiteboard_sessions SET connection_logs = CAST(:entries AS jsonb) WHERE id = :id")


def members(tutor_id: int, student_ids: list[int] | int | None) -> Members:
    """Read the columns of `MEMBERS`."""
    students = student_ids if isinstance(student_ids, list) else [student_ids]
    # The platform's list may name a student twice.
    named = dict.fromkeys(UserId(student) for student in students if student is not None)
    return Members(UserId(tutor_id), tuple(named))


def lock(
    connection: Connection, ids: Iterable[WhiteboardSessionId], *, may_wait: bool = True
) -> dict[WhiteboardSessionId, Members]:
    """Lock sessions in the order of their ids and return their members; unknown ids are missing.

    If it may not wait for another transaction that has locked one, it fails.
    """
    rows = connection.execute(_LOCK if may_wait else _LOCK_AT_ONCE, {"ids": arrays.integers(ids)})
    return {row.id: members(row.tutor_id, row.student_ids) for row in rows}


def members_of(connection: Connection, ids: Iterable[WhiteboardSessionId]) -> dict[WhiteboardSessionId, Members]:
    """Return the members of sessions; unknown ids are missing."""
    rows = connection.execute(_MEMBERS_OF, {"ids": arrays.integers(ids)})
    return {row.id: members(row.tutor_id, row.student_ids) for row in rows}


def existing(connection: Connection, ids: Collection[WhiteboardSessionId]) -> set[WhiteboardSessionId]:
    """Return those of some sessions that exist, and keep the platform from deleting them."""
    return set(connection.execute(_EXISTING, {"ids": arrays.integers(ids)}).scalars()) if ids else set()


def find(connection: Connection, ids: Iterable[WhiteboardSessionId]) -> dict[WhiteboardSessionId, SessionRecord]:
    """Return members, schedules and documented columns; unknown ids are missing."""
    rows = connection.execute(_FIND, {"ids": arrays.integers(ids)})
    return {
        row.id: SessionRecord(
            members=members(row.tutor_id, row.student_ids),
            schedule=Schedule(row.scheduled_start, row.scheduled_end),
            students=DocumentedPresence(
                since=optional_instant(row.student_connected_at),
                until=optional_instant(row.student_disconnected_at),
                total_seconds=row.student_total_active_seconds,
            ),
            roles_that_came=frozenset(
                role for role, came in ((UserType.TUTOR, row.tutor_came), (UserType.STUDENT, row.student_came)) if came
            ),
        )
        for row in rows
    }


def connection_logs(connection: Connection, session_id: WhiteboardSessionId) -> list[object]:
    """Return the log of a session in order of arrival; empty if there is no such session."""
    logs = connection.execute(_LOG, {"id": session_id}).scalar_one_or_none()
    if logs is None:
        return []
    return logs if isinstance(logs, list) else [logs]


def project(connection: Connection, projections: Mapping[WhiteboardSessionId, Projection]) -> None:
    """Write the documented columns of sessions that the caller has locked."""
    if not projections:
        return
    rows = sorted(projections.items())
    parameters: dict[str, object] = {
        "ids": arrays.numbers([session_id for session_id, _ in rows]),
        "log_entries": arrays.texts([projection.log_entries for _, projection in rows]),
    }
    parameters |= _role_parameters("tutor", [projection.tutor for _, projection in rows])
    parameters |= _role_parameters("student", [projection.student for _, projection in rows])
    for row in _PROJECT.execute(connection, parameters, projections).all():
        if row.is_long:
            _fold_log(connection, row.id)


def _fold_log(connection: Connection, session_id: WhiteboardSessionId) -> None:
    shorter = folded(connection_logs(connection, session_id))
    if shorter is not None:
        connection.execute(_REPLACE_LOG, {"id": session_id, "entries": json.dumps(shorter)})


def _role_parameters(role: str, columns: list[RoleColumns | None]) -> dict[str, str]:
    values = zip(*(column or _UNCHANGED for column in columns), strict=True)
    return {f"{role}_{name}": arrays.integers(own) for name, own in zip(_ROLE_COLUMNS, values, strict=True)}
