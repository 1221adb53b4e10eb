"""What decides who is connected: members, documented columns and the ends of presence, for many sessions at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.engine import Connection, Row

from servicekit.database import arrays
from servicekit.identifiers import UserId, WhiteboardSessionId
from tracking_service.domain.events import Participant, UserType
from tracking_service.domain.status import ParticipantFacts, RoleFacts
from tracking_service.store.shards import grouping_of
from tracking_service.store.sql import find_rows_by_key, instant, optional_instant
from tracking_service.store.whiteboard_sessions import MEMBERS, Members, members


class RecordedStatus(NamedTuple):
    """One session's members, and what is recorded of each role."""

    members: Members
    tutor: RoleFacts
    student: RoleFacts
    #: Participants who have never been there are missing.
    participants: Mapping[Participant, ParticipantFacts]


def _columns(role: str) -> str:
    return f"""
        session.{role}_connected_at, session.{role}_disconnected_at, session.{role}_last_activity_at,
        COALESCE(session.{role}_total_active_seconds, 0) AS {role}_total_active_seconds,
        presence.{role}_present_until, presence.{role}_alive_at"""


def _ends(role: str) -> str:
    return f"""
            max(present_until) FILTER (WHERE user_type = '{role}') AS {role}_present_until,
            max(alive_at) FILTER (WHERE user_type = '{role}') AS {role}_alive_at"""


_FIND_SQL = f"""
    -- One statement, so that columns and intervals are from the same time. It does not read the log, which may be long:
    -- this runs every second while sessions are watched.
    SELECT {MEMBERS}, {_columns("tutor")}, {_columns("student")},
        presence.user_ids, presence.user_types, presence.began_at, presence.alive_at, presence.present_until
    FROM whiteboard_sessions AS session
    CROSS JOIN LATERAL (
        SELECT {_ends("tutor")}, {_ends("student")}, array_agg(user_id) AS user_ids,
            array_agg(CAST(user_type AS text)) AS user_types, array_agg(began_at) AS began_at,
            array_agg(alive_at) AS alive_at, array_agg(present_until) AS present_until
        FROM (
            SELECT user_id, user_type, max(ended_at) AS present_until,
                max(started_at) FILTER (WHERE end_reason IS NULL) AS began_at,
                max(last_sign_at) FILTER (WHERE end_reason IS NULL) AS alive_at
            FROM presence_intervals
            WHERE whiteboard_session_id = session.id AND {{of_sessions}}
            GROUP BY user_id, user_type
        ) AS person
    ) AS presence
    WHERE session.id = ANY (CAST(:ids AS integer[]))
"""  # noqa: S608 - constants
_FIND = text(_FIND_SQL.format(of_sessions="TRUE"))
#: Citus would ask all servers for one session: it has to see which ones each table is read for.
_FIND_IN_SHARDS = text(
    _FIND_SQL.format(
        of_sessions="(whiteboard_session_id = ANY (CAST(:ids AS integer[])) OR whiteboard_session_id = :first)"
    )
)


def find(connection: Connection, ids: Iterable[WhiteboardSessionId]) -> dict[WhiteboardSessionId, RecordedStatus]:
    """Return what is recorded of sessions; unknown ids are missing."""
    # There may be thousands of sessions, every second.
    find_rows_by_key(connection)
    statement = _FIND_IN_SHARDS if grouping_of(connection).is_distributed else _FIND
    wanted = list(ids)
    rows = connection.execute(statement, {"ids": arrays.integers(wanted), "first": min(wanted, default=None)})
    return {
        row.id: RecordedStatus(
            members(row.tutor_id, row.student_ids), _facts(row, "tutor"), _facts(row, "student"), _participants(row)
        )
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


def _participants(row: Row[Any]) -> dict[Participant, ParticipantFacts]:
    # Without intervals the arrays are NULL.
    people = zip(
        row.user_ids or (),
        row.user_types or (),
        row.began_at or (),
        row.alive_at or (),
        row.present_until or (),
        strict=True,
    )
    return {
        Participant(row.id, UserId(user), UserType(role)): ParticipantFacts(
            began_at=optional_instant(began), alive_at=optional_instant(alive), present_until=instant(until)
        )
        for user, role, began, alive, until in people
    }
