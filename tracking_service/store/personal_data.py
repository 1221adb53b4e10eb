"""Reading and erasing everything that is recorded about one user (docs/operations.md#personal-data)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.auth.principal import USER_OWNERS
from servicekit.database import arrays
from servicekit.errors import StorageUnavailable
from servicekit.identifiers import UserId
from tracking_service.domain.personal_data import COLUMNS, entries_about
from tracking_service.store.journal_of_person import rows_of_person
from tracking_service.store.shards import ShardServers

#: The rows of a person, by the table that they are in.
Export = dict[str, list[dict[str, Any]]]

#: Tables with a row for each fact of one user, with the order in which their rows are shown, wherever they are stored.
_FACTS: Final = {
    "presence_intervals": "whiteboard_session_id, started_at, user_type",
    "connection_events": "whiteboard_session_id, occurred_at, user_type, event, connection_id",
    "activity_periods": "whiteboard_session_id, period_start, user_type, activity_type",
}
#: Tables with a row for each stream of one user.
_STREAMS: Final = {"heartbeat_streams": "opened_at", "relay_coverage": "observing_since"}

#: As the tutor or a student; `student_id` is INTEGER in some databases and INTEGER[] in others, JSON contains both. A
#: log may also name a user who takes part no longer.
_SESSIONS = text("""
    SELECT id, tutor_id = :user_id AS is_tutor, to_jsonb(student_id) @> to_jsonb(CAST(:user_id AS integer))
        AS is_student, to_jsonb(session) AS row
    FROM whiteboard_sessions AS session
    WHERE tutor_id = :user_id OR to_jsonb(student_id) @> to_jsonb(CAST(:user_id AS integer))
        OR connection_logs @> jsonb_build_array(jsonb_build_object('user_id', CAST(:user_id AS integer)))
    ORDER BY id
""")

#: No index finds these: it would have to be changed with each entry of a log, or each connect.
_NAMED_IN_LOGS = text("""
    SELECT id FROM whiteboard_sessions
    WHERE id > :after AND id <= :last
        AND connection_logs @> jsonb_build_array(jsonb_build_object('user_id', CAST(:user_id AS integer)))
""")
_WITH_FACTS = text("""
    SELECT whiteboard_session_id FROM presence_intervals WHERE user_id = :user_id
    UNION SELECT whiteboard_session_id FROM connection_events WHERE user_id = :user_id
    UNION SELECT whiteboard_session_id FROM activity_periods WHERE user_id = :user_id
""")
_LAST_SESSION = text("SELECT max(id) FROM whiteboard_sessions")
#: Read in one statement: a second's worth.
_SESSIONS_AT_ONCE: Final = 100_000

#: The same of one shard, for its server.
_SESSIONS_OF_SHARD = """
    SELECT COALESCE(json_agg(named.id), '[]') FROM (
        SELECT id FROM %1$s WHERE connection_logs @> '[{{"user_id": {user_id}}}]'
        UNION SELECT whiteboard_session_id FROM %2$s WHERE user_id = {user_id}
        UNION SELECT whiteboard_session_id FROM %3$s WHERE user_id = {user_id}
        UNION SELECT whiteboard_session_id FROM %4$s WHERE user_id = {user_id}) AS named
"""
#: As long as any statement of the command may take.
_MAX_READ_SECONDS: Final = 900.0

_ERASE = text("SELECT erase_user(:user_id, CAST(:sessions AS integer[]))")
#: Of a person whose other facts are that number's already (docs/several-databases.md).
_ERASE_AS = text("SELECT set_config('tracking.pseudonym', CAST(:pseudonym AS text), true)")


def export(connection: Connection, user_id: UserId) -> Export:
    """Return all rows about a user, as JSON values, by table; tables without any are left out."""
    found = {"whiteboard_sessions": _sessions(connection, user_id)}
    for table, order in _FACTS.items():
        found[table] = _rows(connection, table, "user_id = :value", order, user_id)
    for table, order in _STREAMS.items():
        found[table] = _rows(connection, table, "owner = :value", order, f"{USER_OWNERS}{user_id}")
    sessions = {row["whiteboard_session_id"] for table in _FACTS for row in found[table]}
    found["presence_journal"] = rows_of_person(connection, user_id, sessions)
    return {table: rows for table, rows in found.items() if rows}


def sessions_of(connection: Connection, user_id: UserId) -> set[int]:
    """Return the whiteboard sessions in which something is recorded about a user; it takes longer than to erase it."""
    facts = connection.execute(_WITH_FACTS, {"user_id": user_id}).scalars()
    return {*facts, *_named_in_logs(connection, user_id)}


def sessions_in_shard(servers: ShardServers, user_id: UserId, number: int) -> list[int]:
    """Return the same of one shard.

    Raises:
        StorageUnavailable: its server does not answer.
    """
    answers = servers.ask_each(
        _SESSIONS_OF_SHARD.format(user_id=int(user_id)),
        "whiteboard_sessions",
        *_FACTS,
        number=number,
        within_seconds=_MAX_READ_SECONDS,
    )
    for sessions in answers.values():
        return list(sessions)
    raise StorageUnavailable


def erase(connection: Connection, user_id: UserId, sessions: Iterable[int], *, pseudonym: int | None = None) -> int:
    """Replace a user in sessions, and elsewhere, by a number that says nothing, and return it.

    Where facts are in shards, `pseudonym` is a number that was returned before.
    """
    if pseudonym is not None:
        connection.execute(_ERASE_AS, {"pseudonym": pseudonym})
    parameters = {"user_id": user_id, "sessions": arrays.integers(sorted(sessions))}
    return int(connection.execute(_ERASE, parameters).scalar_one())


def _named_in_logs(connection: Connection, user_id: UserId) -> Iterator[int]:
    """Yield the whiteboard sessions whose logs have entries about a user."""
    last = connection.execute(_LAST_SESSION).scalar() or 0
    for after in range(0, last, _SESSIONS_AT_ONCE):
        parameters = {"user_id": user_id, "after": after, "last": after + _SESSIONS_AT_ONCE}
        yield from connection.execute(_NAMED_IN_LOGS, parameters).scalars()


def _rows(connection: Connection, table: str, condition: str, order: str, value: object) -> list[dict[str, Any]]:
    statement = f"SELECT to_jsonb(known) FROM {table} AS known WHERE {condition} ORDER BY {order}"  # noqa: S608 - constants
    return list(connection.execute(text(statement), {"value": value}).scalars())


def _sessions(connection: Connection, user_id: UserId) -> list[dict[str, Any]]:
    """Return the documented columns of the user's role in each session, and the user's own entries of its log."""
    sessions = []
    for found in connection.execute(_SESSIONS, {"user_id": user_id}):
        roles = [role for role, has_it in (("tutor", found.is_tutor), ("student", found.is_student)) if has_it]
        sessions.append(
            {
                "id": found.id,
                **{
                    column: found.row[column]
                    for column in COLUMNS["whiteboard_sessions"]
                    if column.startswith(tuple(f"{role}_" for role in roles))
                },
                "connection_logs": entries_about(found.row["connection_logs"] or [], user_id),
            }
        )
    return sessions
