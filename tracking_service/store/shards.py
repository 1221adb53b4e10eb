"""Whether facts are in one PostgreSQL or in the shards of several, and in how many (docs/several-databases.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import text
from sqlalchemy.engine import Connection, CursorResult

from servicekit.database import arrays
from servicekit.database.engine import Database
from servicekit.database.prepared_statement import PreparedStatement
from tracking_service.domain.grouping import ALL_GROUPS, UNDIVIDED, Grouping

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


class Placement(NamedTuple):
    """How a statement finds the rows of its sessions, which come as `batch.session_id`.

    In one PostgreSQL it joins them. Citus has to see their ids as constants to know which shard the statement is about,
    and the rows of an INSERT have to come from a distributed table.
    """

    is_in_shard: bool

    def of_sessions(self, column: str) -> str:
        """Return the condition that a column is the id of one of the sessions.

        The first comparison says all of them; the second one keeps the planner from beginning with them.
        """
        return f"({column} = ANY (:sessions) OR {column} = :first_session)" if self.is_in_shard else "TRUE"

    @property
    def session_id(self) -> str:
        """The id of the session of a row that is inserted."""
        return "owner.id" if self.is_in_shard else "batch.session_id"

    @property
    def session_join(self) -> str:
        """What follows the batch of an INSERT."""
        if not self.is_in_shard:
            return ""
        return f"JOIN whiteboard_sessions AS owner ON owner.id = batch.session_id AND {self.of_sessions('owner.id')}"


class ShardStatement:
    """A statement about sessions of one shard."""

    def __init__(self, name: str, build: Callable[[Placement], str], types: Mapping[str, str]) -> None:
        """`build` makes the statement; `types` are PostgreSQL's, by the names of its parameters."""
        self._undivided = PreparedStatement(name, build(Placement(is_in_shard=False)), types)
        known = {"sessions": "integer[]", "first_session": "integer"}
        self._in_shard = PreparedStatement(f"{name}_in_shard", build(Placement(is_in_shard=True)), {**types, **known})

    def execute(
        self, connection: Connection, parameters: Mapping[str, object], session_ids: Iterable[int]
    ) -> CursorResult[Any]:
        """Run it; `session_ids` are of one shard."""
        if not grouping_of(connection).is_distributed:
            return self._undivided.execute(connection, parameters)
        sessions = sorted(set(session_ids))
        known = {"sessions": arrays.numbers(sessions), "first_session": sessions[0]}
        return self._in_shard.execute(connection, {**parameters, **known})
