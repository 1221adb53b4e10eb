"""What decides who is connected: members, documented columns and the ends of presence, for many sessions at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.engine import Connection, Row

from servicekit.database import arrays
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.status import RoleFacts
from tracking_service.store.sql import find_rows_by_key, optional_instant
from tracking_service.store.whiteboard_sessions import MEMBERS, Members, members


class RecordedStatus(NamedTuple):
    """One session's members, and what is recorded of each role."""

    members: Members
    tutor: RoleFacts
    student: RoleFacts


def _columns(role: str) -> str:
    return f"""
        session.{role}_connected_at, session.{role}_disconnected_at, session.{role}_last_activity_at,
        COALESCE(session.{role}_total_active_seconds, 0) AS {role}_total_active_seconds,
        presence.{role}_present_until, presence.{role}_alive_at"""


def _ends(role: str) -> str:
    return f"""
            max(ended_at) FILTER (WHERE user_type = '{role}') AS {role}_present_until,
            max(last_sign_at) FILTER (WHERE user_type = '{role}' AND end_reason IS NULL) AS {role}_alive_at"""


_FIND = text(f"""
    -- One statement, so that columns and intervals are from the same time. It does not read the log, which may be long:
    -- this runs every second while sessions are watched.
    SELECT {MEMBERS}, {_columns("tutor")}, {_columns("student")}
    FROM whiteboard_sessions AS session
    CROSS JOIN LATERAL (
        SELECT {_ends("tutor")}, {_ends("student")}
        FROM presence_intervals
        WHERE whiteboard_session_id = session.id
    ) AS presence
    WHERE session.id = ANY (CAST(:ids AS integer[]))
""")  # noqa: S608 - constants


def find(connection: Connection, ids: Iterable[WhiteboardSessionId]) -> dict[WhiteboardSessionId, RecordedStatus]:
    """Return what is recorded of sessions; unknown ids are missing."""
    # There may be thousands of sessions, every second.
    find_rows_by_key(connection)
    rows = connection.execute(_FIND, {"ids": arrays.integers(ids)})
    return {
        row.id: RecordedStatus(members(row.tutor_id, row.student_ids), _facts(row, "tutor"), _facts(row, "student"))
        for row in rows
    }


def _facts(row: Row[Any], role: str) -> RoleFacts:
    return RoleFacts(
        connected_at=optional_instant(getattr(row, f"{role}_connected_at")),
        disconnected_at=optional_instant(getattr(row, f"{role}_disconnected_at")),
        last_activity_at=optional_instant(getattr(row, f"{role}_last_activity_at")),
        total_active_seconds=getattr(row, f"{role}_total_active_seconds"),
        present_until=optional_instant(getattr(row, f"{role}_present_until")),
        alive_at=optional_instant(getattr(row, f"{role}_alive_at")),
    )
