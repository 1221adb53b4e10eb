"""membership_changes: which whiteboard sessions got other members (docs/presence.md#who-may-be-present).

Triggers on whiteboard_sessions write it in the platform's transactions. A row can be seen only when its transaction is
committed, so the numbers of transactions tell what is new: all that were still running, or not begun, at the last look.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.identifiers import WhiteboardSessionId

TransactionId = int

_READ = text("""
    -- One snapshot: what is not in `changes` is not older than `running_since`.
    SELECT now() AS read_at, CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint) AS running_since,
        ARRAY(
            SELECT ARRAY[CAST(CAST(changed_in AS text) AS bigint), whiteboard_session_id]
            FROM membership_changes
            WHERE changed_in >= COALESCE(
                CAST(CAST(:since AS text) AS xid8), pg_snapshot_xmin(pg_current_snapshot()))
        ) AS changes
""")

_DELETE = text("""
    -- After a restore into another cluster, transactions of the old one may have higher numbers.
    DELETE FROM membership_changes
    WHERE changed_in < CAST(CAST(:before AS text) AS xid8) OR changed_at < now() - interval '1 day'
""")


class Change(NamedTuple):
    """A transaction changed who takes part in a session."""

    transaction: TransactionId
    session_id: WhiteboardSessionId


class Changes(NamedTuple):
    """What can be seen at a time."""

    read_at: datetime
    #: All earlier transactions have ended.
    running_since: TransactionId
    changes: frozenset[Change]


def read(connection: Connection, since: TransactionId | None) -> Changes:
    """Return the changes by a transaction and those after it; None: by those that had not ended a little while ago."""
    row = connection.execute(_READ, {"since": since}).one()
    return Changes(
        row.read_at,
        row.running_since,
        frozenset(Change(transaction, WhiteboardSessionId(session)) for transaction, session in row.changes),
    )


def delete(connection: Connection, before: TransactionId) -> int:
    """Delete the changes by earlier transactions, and return how many there were."""
    return connection.execute(_DELETE, {"before": before}).rowcount
