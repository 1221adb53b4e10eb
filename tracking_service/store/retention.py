"""Deleting facts that are older than their retention time, and knowing whose are gone (docs/presence.md#deletion)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.clock import Instant
from servicekit.database import arrays
from servicekit.database.walk import ROWS_PER_PART
from servicekit.errors import StorageUnavailable
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.store.shards import ShardServers
from tracking_service.store.sql import instant

_DELETE_FACTS = text("""
    SELECT delete_old_facts(CAST(:session_ids AS integer[]), now() - make_interval(days => :days), :events_only)
""")
_DELETE_COVERAGE = text("SELECT delete_old_coverage(now() - make_interval(days => :days), :size)")
_DELETED_UNTIL = text("""
    SELECT whiteboard_session_id, deleted_until FROM deleted_facts
    WHERE whiteboard_session_id = ANY (CAST(:session_ids AS integer[]))
""")

_NEXT_IN_SHARD = """
    SELECT array_to_json(ARRAY(SELECT id FROM %1$s WHERE id > {after} ORDER BY id LIMIT {limit}))
"""


def next_in_shard(servers: ShardServers, number: int, after: int) -> list[int]:
    """Return the next sessions of a shard, in the order of their ids; StorageUnavailable."""
    command = _NEXT_IN_SHARD.format(after=after, limit=ROWS_PER_PART)
    answers = servers.ask_each(command, "whiteboard_sessions", number=number)
    if not answers:
        raise StorageUnavailable
    (ids,) = answers.values()
    return list(ids)


def delete_facts(connection: Connection, session_ids: Sequence[int], *, days: int, events_only: bool) -> int:
    """Delete the facts of those sessions at which nobody was for so many days; return how many there were."""
    parameters = {"session_ids": arrays.integers(session_ids), "days": days, "events_only": events_only}
    return int(connection.execute(_DELETE_FACTS, parameters).scalar_one())


def delete_coverage(connection: Connection, *, days: int, size: int) -> int:
    """Delete up to `size` rows of each table about replicas and relays, and return how many there were."""
    return int(connection.execute(_DELETE_COVERAGE, {"days": days, "size": size}).scalar_one())


def deleted_until(
    connection: Connection, session_ids: Iterable[WhiteboardSessionId]
) -> dict[WhiteboardSessionId, Instant]:
    """Return before when facts were deleted; sessions that have all of theirs are missing."""
    rows = connection.execute(_DELETED_UNTIL, {"session_ids": arrays.integers(session_ids)})
    return {WhiteboardSessionId(row.whiteboard_session_id): instant(row.deleted_until) for row in rows}
