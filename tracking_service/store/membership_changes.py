"""membership_changes: which whiteboard sessions got other members (docs/presence.md#who-may-be-present).

Triggers on whiteboard_sessions write it in the platform's transactions. A row can be seen only when its transaction is
committed, so the numbers of transactions tell what is new: all that were still running, or not begun, at the last look.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text

from servicekit.database import arrays
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.store import session_groups
from tracking_service.store.shards import ShardServers

TransactionId = int
ShardId = int

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


#: The same for one shard: each worker numbers its transactions itself. What was known is told by shard.
_READ_SHARD = """
    WITH last AS (
        SELECT CAST(of_shard ->> 'since' AS xid8) AS since,
            ARRAY(SELECT CAST(jsonb_array_elements_text(of_shard -> 'known') AS bigint)) AS known
        FROM (SELECT CAST('{last}' AS jsonb) -> substring('%1$s' FROM '[0-9]+$') AS of_shard) AS known
    ), seen AS (
        SELECT CAST(CAST(changed_in AS text) AS bigint) AS changed_in, whiteboard_session_id FROM %1$s
        WHERE changed_in >= COALESCE((SELECT since FROM last), pg_snapshot_xmin(pg_current_snapshot()))
    )
    SELECT jsonb_build_object(
        'running_since', CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint),
        'transactions', ARRAY(SELECT DISTINCT changed_in FROM seen),
        'sessions', ARRAY(
            SELECT whiteboard_session_id FROM seen
            WHERE changed_in <> ALL ((SELECT known FROM last)::bigint[]) LIMIT {max_sessions}))
"""
_DELETE_SHARD = """
    WITH deleted AS (
        DELETE FROM %1$s WHERE changed_in < CAST(CAST('{before}' AS jsonb) ->> substring('%1$s' FROM '[0-9]+$') AS xid8)
            OR changed_at < now() - interval '1 day'
        RETURNING 1
    )
    SELECT count(*) FROM deleted
"""
_TABLE = "membership_changes"
#: Its number, where facts are in one PostgreSQL.
_ONE_SHARD = 0


class Changes(NamedTuple):
    """What can be seen at a time."""

    read_at: datetime
    #: All earlier transactions have ended.
    running_since: TransactionId
    #: Those whose changes can be seen; of the ones before `running_since`, not all.
    transactions: frozenset[TransactionId]
    #: The sessions that these changed, without those that were known.
    sessions: frozenset[WhiteboardSessionId]


def read(servers: ShardServers, last: Mapping[ShardId, Changes], *, max_sessions: int) -> dict[ShardId, Changes]:
    """Return what changed since the last reading, of so many sessions at most, by shard.

    Shards whose servers do not answer are missing.
    """
    if servers.grouping().is_distributed:
        return _read_shards(servers, last, max_sessions)
    known = last.get(_ONE_SHARD)
    parameters = {
        "since": None if known is None else known.running_since,
        "known": arrays.numbers(() if known is None else known.transactions),
        "max_sessions": max_sessions,
    }
    with servers.database.transaction() as connection:
        row = connection.execute(_READ, parameters).one()
    found = Changes(row.read_at, row.running_since, frozenset(row.transactions), frozenset(row.sessions))
    return {_ONE_SHARD: found}


def delete(servers: ShardServers, before: Mapping[ShardId, TransactionId]) -> int:
    """Delete the changes by transactions of each shard that are earlier, and return how many there were."""
    if not servers.grouping().is_distributed:
        with servers.database.transaction() as connection:
            return connection.execute(_DELETE, {"before": before[_ONE_SHARD]}).rowcount
    known = json.dumps({shard: str(number) for shard, number in before.items()})
    return sum(servers.ask_each(_DELETE_SHARD.format(before=known), _TABLE).values())


def _read_shards(servers: ShardServers, last: Mapping[ShardId, Changes], max_sessions: int) -> dict[ShardId, Changes]:
    with servers.database.transaction() as connection:
        read_at = session_groups.time(connection)
    known = {
        shard: {"since": str(changes.running_since), "known": sorted(changes.transactions)}
        for shard, changes in last.items()
    }
    found = servers.ask_each(_READ_SHARD.format(last=json.dumps(known), max_sessions=max_sessions), _TABLE)
    return {
        shard: Changes(read_at, one["running_since"], frozenset(one["transactions"]), frozenset(one["sessions"]))
        for shard, one in found.items()
    }
