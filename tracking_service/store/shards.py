"""Whether facts are in one PostgreSQL or in the shards of several, and in how many (docs/several-databases.md)."""

from __future__ import annotations

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
