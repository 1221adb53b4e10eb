"""Create or adopt whiteboard_sessions, and create the tables of facts."""

from __future__ import annotations

from sqlalchemy import text

from servicekit.database.migration.adoption import Blocker, adopt, creations, read_tables, view_blocker
from servicekit.database.migration.existing import ExistingTable
from servicekit.database.migration.transaction import Change, Migration, current_migration
from tracking_service.migrations.whiteboard_sessions import WHITEBOARD_SESSIONS

revision = "0001"
down_revision = None

#: The presence of participants, from which the documented columns are computed. A heartbeat changes only `ended_at` and
#: `last_sign_at`, which are in no index, and pages have free room, so that every update can be HOT. With the last two
#: columns a plain heartbeat need not read anything else: the connection whose heartbeats may extend the interval, and
#: the presence before this interval.
_PRESENCE_INTERVALS = """
CREATE TABLE presence_intervals (
    whiteboard_session_id INTEGER NOT NULL REFERENCES whiteboard_sessions (id),
    user_id INTEGER NOT NULL,
    user_type TEXT NOT NULL CHECK (user_type IN ('tutor', 'student')),
    started_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ NOT NULL,
    last_sign_at TIMESTAMPTZ NOT NULL,
    end_reason TEXT CHECK (end_reason IN ('closed', 'timed_out')),
    connections JSONB NOT NULL DEFAULT '{}',
    sole_connection_id TEXT,
    preceding_active_microseconds BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (whiteboard_session_id, user_id, user_type, started_at),
    CHECK (started_at <= last_sign_at AND last_sign_at <= ended_at)
) WITH (fillfactor = 70)
"""

#: For the sweeper; it also guarantees that a participant has at most one open interval.
_PRESENCE_INTERVALS_OPEN = """
CREATE UNIQUE INDEX presence_intervals_open ON presence_intervals (whiteboard_session_id, user_id, user_type)
WHERE end_reason IS NULL
"""

#: Every connect and disconnect as it was received, append-only; receiving it again changes nothing. A `timeout` is the
#: end of a connection that was concluded from silence, by a relay or by the sweeper.
_CONNECTION_EVENTS = """
CREATE TABLE connection_events (
    whiteboard_session_id INTEGER NOT NULL REFERENCES whiteboard_sessions (id),
    user_id INTEGER NOT NULL,
    user_type TEXT NOT NULL CHECK (user_type IN ('tutor', 'student')),
    occurred_at TIMESTAMPTZ NOT NULL,
    event TEXT NOT NULL CHECK (event IN ('connect', 'disconnect', 'timeout')),
    connection_id TEXT NOT NULL DEFAULT '',
    recorded_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (whiteboard_session_id, user_id, user_type, occurred_at, event, connection_id)
)
"""

#: Activity other than plain heartbeats: one row per kind and half minute.
_ACTIVITY_PERIODS = """
CREATE TABLE activity_periods (
    whiteboard_session_id INTEGER NOT NULL REFERENCES whiteboard_sessions (id),
    user_id INTEGER NOT NULL,
    user_type TEXT NOT NULL CHECK (user_type IN ('tutor', 'student')),
    activity_type TEXT NOT NULL,
    period_start TIMESTAMPTZ NOT NULL,
    first_at TIMESTAMPTZ NOT NULL,
    occurrences INTEGER NOT NULL,
    PRIMARY KEY (whiteboard_session_id, user_id, user_type, period_start, activity_type)
)
"""

#: Where each stream resumes. Every commit changes its row, so half of each page is left free, and there is no index on
#: `last_used_at`, although expired streams are found by it.
_HEARTBEAT_STREAMS = """
CREATE TABLE heartbeat_streams (
    stream_id UUID PRIMARY KEY,
    owner TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    committed_sequence BIGINT NOT NULL DEFAULT 0,
    opened_at TIMESTAMPTZ NOT NULL,
    last_used_at TIMESTAMPTZ NOT NULL
) WITH (fillfactor = 50)
"""

#: The values of the column that the documented migration removes.
_ATTENDANCE_STATUS_ARCHIVE = """
CREATE TABLE whiteboard_attendance_status_archive (
    whiteboard_session_id INTEGER PRIMARY KEY,
    attendance_status TEXT,
    archived_at TIMESTAMPTZ NOT NULL DEFAULT now()
)
"""

#: The statements by the name of the relation that they create.
NEW_RELATIONS = {
    "presence_intervals": _PRESENCE_INTERVALS,
    "presence_intervals_open": _PRESENCE_INTERVALS_OPEN,
    "connection_events": _CONNECTION_EVENTS,
    "activity_periods": _ACTIVITY_PERIODS,
    "heartbeat_streams": _HEARTBEAT_STREAMS,
    "whiteboard_attendance_status_archive": _ATTENDANCE_STATUS_ARCHIVE,
}

#: The column that the documented migration removes.
_REMOVED_COLUMN = "attendance_status"
_ARCHIVE = "whiteboard_attendance_status_archive"

#: Keeps every value that is not NULL, as text, because its type may be an enum of the platform's.
_ARCHIVE_VALUES = text(f"""
INSERT INTO {_ARCHIVE} (whiteboard_session_id, attendance_status)
SELECT id, {_REMOVED_COLUMN}::text FROM whiteboard_sessions WHERE {_REMOVED_COLUMN} IS NOT NULL
""")  # noqa: S608 - made of the names above alone


def upgrade() -> None:
    """Create or change what the adoption blockers allow."""
    migration = current_migration()
    existing = read_tables(migration.connection, (WHITEBOARD_SESSIONS,))
    adopt(migration, (WHITEBOARD_SESSIONS,), existing)
    migration.apply(*creations(NEW_RELATIONS))
    whiteboard_sessions = existing.get(WHITEBOARD_SESSIONS.name)
    if whiteboard_sessions is not None and _REMOVED_COLUMN in whiteboard_sessions.columns:
        _remove_attendance_status(migration)


def removal_blockers(whiteboard_sessions: ExistingTable) -> tuple[Blocker, ...]:
    """Return what keeps attendance_status from being dropped, where the table has such a column."""
    column = whiteboard_sessions.columns.get(_REMOVED_COLUMN)
    blocker = view_blocker(whiteboard_sessions.name, column, "removed") if column is not None else None
    return (blocker,) if blocker is not None else ()


def _remove_attendance_status(migration: Migration) -> None:
    migration.lock("whiteboard_sessions")
    archived = migration.connection.execute(_ARCHIVE_VALUES).rowcount
    migration.apply(
        Change(
            statement=f"ALTER TABLE whiteboard_sessions DROP COLUMN {_REMOVED_COLUMN}",
            note=f"whiteboard_sessions.{_REMOVED_COLUMN}: removed; "
            f"its values are kept in {_ARCHIVE} ({archived} rows).",
        )
    )
