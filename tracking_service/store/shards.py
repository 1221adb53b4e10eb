"""Whether facts are in one PostgreSQL or in the shards of several, and in how many (docs/several-databases.md)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.engine import Connection, CursorResult

from servicekit.database import arrays
from servicekit.database.engine import Database
from servicekit.database.prepared_statement import PreparedStatement
from tracking_service.domain.grouping import ALL_GROUPS, UNDIVIDED, Grouping
from tracking_service.store.sql import IN_SHARD, UNDIVIDED_PLACEMENT, Placement

_IS_CITUS = text("SELECT to_regclass('pg_catalog.pg_dist_shard') IS NOT NULL")
#: The coordinator knows it without asking a worker.
_SHARDS = text("SELECT count(*) FROM pg_dist_shard WHERE logicalrelid = to_regclass('session_groups')")
_ON_SHARDS = text("""
    SELECT shardid AS shard, success, result FROM run_command_on_shards(CAST(:table AS regclass), :command)
""")
_ON_PAIRS_OF_SHARDS = text("""
    SELECT shardid1 AS shard, success, result
    FROM run_command_on_colocated_placements(CAST(:table AS regclass), CAST(:other AS regclass), :command)
""")
_INFO = "grouping"

IdT = TypeVar("IdT", bound=int)


def grouping_of(connection: Connection) -> Grouping:
    """Return how sessions are divided. Each connection asks once: nobody distributes tables while a service runs."""
    known: Grouping | None = connection.info.get(_INFO)
    if known is None:
        is_citus = connection.execute(_IS_CITUS).scalar_one()
        known = Grouping(connection.execute(_SHARDS).scalar_one() or None) if is_citus else UNDIVIDED
        connection.info[_INFO] = known
    return known


def shards_of(database: Database, groups: Iterable[int] = ALL_GROUPS) -> list[Sequence[int]]:
    """Divide groups into those that are in one shard."""
    with database.transaction() as connection:
        return grouping_of(connection).by_shard(groups)


def of_shards(connection: Connection, session_ids: Iterable[IdT]) -> list[list[IdT]]:
    """Divide the ids of sessions into those that are in one shard."""
    return grouping_of(connection).sessions_by_shard(session_ids)


def ask_each(connection: Connection, command: str, *tables: str) -> dict[int, Any]:
    """Ask the server of each shard by itself, and return its answers, JSON values, by shard; the dead ones are missing.

    In the command `%1$s` is the name of the shard of the first table, `%2$s` of the second one, and a `%` is `%%`.
    """
    statement = _ON_SHARDS if len(tables) == 1 else _ON_PAIRS_OF_SHARDS
    names = dict(zip(("table", "other"), tables, strict=False))
    rows = connection.execute(statement, {**names, "command": command})
    return {row.shard: json.loads(row.result) for row in rows if row.success}


class ShardStatement:
    """A statement about sessions of one shard."""

    def __init__(self, name: str, build: Callable[[Placement], str], types: Mapping[str, str]) -> None:
        """`build` makes the statement; `types` are PostgreSQL's, by the names of its parameters."""
        self.build = build
        self._undivided = PreparedStatement(name, build(UNDIVIDED_PLACEMENT), types)
        known = {"sessions": "integer[]", "first_session": "integer"}
        self._in_shard = PreparedStatement(f"{name}_in_shard", build(IN_SHARD), {**types, **known})

    def execute(
        self, connection: Connection, parameters: Mapping[str, object], session_ids: Iterable[int]
    ) -> CursorResult[Any]:
        """Run it; `session_ids` are of one shard."""
        if not grouping_of(connection).is_distributed:
            return self._undivided.execute(connection, parameters)
        sessions = sorted(set(session_ids))
        known = {"sessions": arrays.numbers(sessions), "first_session": sessions[0]}
        return self._in_shard.execute(connection, {**parameters, **known})
