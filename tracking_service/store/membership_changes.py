"""membership_changes: which whiteboard sessions got other members (docs/presence.md#who-may-be-present).

Triggers on whiteboard_sessions write it in the platform's transactions. A row can be seen only when its transaction is
committed, so the numbers of transactions tell what is new: all that were still running, or not begun, at the last look.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.database import arrays
from servicekit.identifiers import WhiteboardSessionId

TransactionId = int

_READ = text("""
    -- One snapshot: what is not in it was changed by a transaction that is not older than `running_since`.
    WITH seen AS (
        SELECT changed_in, whiteboard_session_id FROM membership_changes
        WHERE changed_in >= COALESCE(CAST(CAST(:since AS text) AS xid8), pg_snapshot_xmin(pg_current_snapshot()))
    )
    SELECT now() AS read_at, CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint) AS running_since,
        ARRAY(SELECT DISTINCT CAST(CAST(changed_in AS text) AS bigint) FROM seen) AS transactions,
        ARRAY(
            SELECT whiteboard_session_id FROM seen
            WHERE CAST(CAST(changed_in AS text) AS bigint) <> ALL (CAST(:known AS bigint[])) LIMIT :max_sessions
        ) AS sessions
""")

_DELETE = text("""
    -- After a restore into another cluster, transactions of the old one may have higher numbers.
    DELETE FROM membership_changes
    WHERE changed_in < CAST(CAST(:before AS text) AS xid8) OR changed_at < now() - interval '1 day'
""")


class Changes(NamedTuple):
    """What can be seen at a time."""

    read_at: datetime
    #: All earlier transactions have ended.
    running_since: TransactionId
    #: Those whose changes can be seen; of the ones before `running_since`, not all.
    transactions: frozenset[TransactionId]
    #: The sessions that these changed, without those that were known.
    sessions: frozenset[WhiteboardSessionId]


def read(connection: Connection, last: Changes | None, *, max_sessions: int) -> Changes:
    """Return what changed since the last reading, of so many sessions at most."""
    parameters = {
        "since": None if last is None else last.running_since,
        "known": arrays.numbers(() if last is None else last.transactions),
        "max_sessions": max_sessions,
    }
    row = connection.execute(_READ, parameters).one()
    return Changes(row.read_at, row.running_since, frozenset(row.transactions), frozenset(row.sessions))


def delete(connection: Connection, before: TransactionId) -> int:
    """Delete the changes by earlier transactions, and return how many there were."""
    return connection.execute(_DELETE, {"before": before}).rowcount
