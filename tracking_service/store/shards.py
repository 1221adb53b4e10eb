"""Whether facts are in one PostgreSQL or in the shards of several, and in how many (docs/several-databases.md)."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import text
from sqlalchemy.engine import Connection, CursorResult

from servicekit.database import arrays
from servicekit.database.engine import Database
from servicekit.database.prepared_statement import PreparedStatement
from servicekit.errors import StorageConflict, StorageUnavailable
from tracking_service.domain.grouping import ALL_GROUPS, UNDIVIDED, Grouping
from tracking_service.store.sql import IN_SHARD, UNDIVIDED_PLACEMENT, Placement

_log = logging.getLogger(__name__)

_IS_CITUS = text("SELECT to_regclass('pg_catalog.pg_dist_shard') IS NOT NULL")
#: The coordinator knows them without asking a worker.
_SERVERS = text("""
    SELECT groupid FROM pg_dist_shard JOIN pg_dist_placement USING (shardid)
    WHERE logicalrelid = to_regclass('session_groups')
    ORDER BY CAST(shardminvalue AS integer)
""")
_PLACEMENTS = text("""
    -- What to ask the server of each shard; shards of several tables belong together if they have the same hashes.
    SELECT min(shardid) FILTER (WHERE logicalrelid = tables.names[1]) AS shard, groupid AS server, nodename AS host,
        nodeport AS port, row_number() OVER (ORDER BY CAST(shardminvalue AS integer)) - 1 AS number, format(
            CAST(:command AS text), VARIADIC
            array_agg(shard_name(logicalrelid, shardid) ORDER BY array_position(tables.names, logicalrelid))) AS command
    FROM (SELECT CAST(CAST(:tables AS text[]) AS regclass[]) AS names) AS tables
    JOIN pg_dist_shard ON logicalrelid = ANY (tables.names)
    JOIN pg_dist_placement USING (shardid)
    JOIN pg_dist_node USING (groupid)
    WHERE noderole = 'primary'
    GROUP BY shardminvalue, groupid, nodename, nodeport
    ORDER BY groupid
""")
_ASK = text("""
    SELECT success, result
    FROM master_run_on_worker(:hosts, :ports, :commands, true) WITH ORDINALITY AS answer ORDER BY ordinality
""")
_END_WITHIN = text("SELECT set_config('statement_timeout', CAST(:milliseconds AS text), true)")
#: Where the coordinator finds the server of a shard.
_ADDRESS = text("""
    SELECT nodename || ':' || nodeport FROM pg_dist_node WHERE groupid = :server AND noderole = 'primary'
""")
_INFO = "grouping"
#: A server that answers takes a fraction of it for what is asked of it alone.
MAX_ANSWER_SECONDS: Final = 5.0
#: One that did not answer within this time is left alone for so long: others' answers come after the wait for it.
SILENCE_SECONDS: Final = 10.0
#: PostgreSQL ends a statement after 30 s; but to end it at a server that hangs, Citus would wait for that server.
MAX_TRANSACTION_SECONDS: Final = 40.0

IdT = TypeVar("IdT", bound=int)


def grouping_of(connection: Connection) -> Grouping:
    """Return how sessions are divided. Each connection asks once: nobody distributes tables while a service runs."""
    known: Grouping | None = connection.info.get(_INFO)
    if known is None:
        is_citus = connection.execute(_IS_CITUS).scalar_one()
        servers = tuple(connection.execute(_SERVERS).scalars()) if is_citus else ()
        known = Grouping(len(servers), servers) if servers else UNDIVIDED
        connection.info[_INFO] = known
    return known


def shards_of(database: Database, groups: Iterable[int] = ALL_GROUPS) -> list[Sequence[int]]:
    """Divide groups into those that are in one shard."""
    with database.transaction() as connection:
        return grouping_of(connection).by_shard(groups)


def of_shards(connection: Connection, session_ids: Iterable[IdT]) -> list[list[IdT]]:
    """Divide the ids of sessions into those that are in one shard."""
    return grouping_of(connection).sessions_by_shard(session_ids)


class _Silence(NamedTuple):
    #: By the clock of `time.monotonic`.
    until: float
    error: StorageUnavailable


class SilentServers:
    """Which servers of shards hang: nobody waits for those, but for one at a time who finds out if that is over.

    Thread-safe.
    """

    def __init__(self) -> None:
        """All are expected to answer."""
        self._lock = threading.Lock()
        self._silences: dict[int, _Silence] = {}

    @contextmanager
    def asking(self, server: int) -> Iterator[None]:
        """Ask a server in the block, which raises StorageUnavailable after `MAX_ANSWER_SECONDS` if it does not answer.

        Raises:
            StorageUnavailable: it did not answer others.
        """
        began = time.monotonic()
        self._refuse_if_silent(server, began)
        silence = None
        try:
            yield
        except StorageUnavailable as error:
            now = time.monotonic()
            # Whoever waited for another transaction had answers.
            if now - began >= MAX_ANSWER_SECONDS and not isinstance(error, StorageConflict):
                silence = _Silence(now + SILENCE_SECONDS, error)
            raise
        finally:
            self._note(server, silence)

    def _refuse_if_silent(self, server: int, now: float) -> None:
        with self._lock:
            silence = self._silences.get(server)
            if silence is None:
                return
            if now < silence.until:
                raise StorageUnavailable from silence.error.__cause__
            # Others do not wait for this answer.
            self._silences[server] = silence._replace(until=now + MAX_ANSWER_SECONDS + SILENCE_SECONDS)

    def _note(self, server: int, silence: _Silence | None) -> None:
        with self._lock:
            if silence is None:
                self._silences.pop(server, None)
            else:
                self._silences[server] = silence


class _Server(NamedTuple):
    number: int
    host: str
    port: int


class ShardServers:
    """Asks the server of each shard by itself. Blocking, but not for long: who does not answer is left alone then."""

    def __init__(self, database: Database, silent: SilentServers | None = None) -> None:
        """`silent` is what others found out about the servers."""
        self.database = database
        self._grouping: Grouping | None = None
        self._silent = silent or SilentServers()

    def grouping(self) -> Grouping:
        """Return how sessions are divided."""
        if self._grouping is None:
            with self.database.transaction() as connection:
                self._grouping = grouping_of(connection)
        return self._grouping

    def ask_each(
        self, command: str, *tables: str, number: int | None = None, within_seconds: float = MAX_ANSWER_SECONDS
    ) -> dict[int, Any]:
        """Return the answers of all, JSON values, by shard; those that do not answer are missing.

        With `number`, only the shard with this one is asked.

        In the command `%1$s` is the name of the shard of the first table, `%2$s` of the second one, and a `%` is `%%`.

        Raises:
            StorageUnavailable: the coordinator does not answer.
        """
        commands: dict[_Server, dict[int, str]] = defaultdict(dict)
        with self.database.transaction() as connection:
            for row in connection.execute(_PLACEMENTS, {"command": command, "tables": list(tables)}):
                if number in {None, row.number}:
                    commands[_Server(row.server, row.host, row.port)][row.shard] = row.command
        answers: dict[int, Any] = {}
        for server, of_shards_there in commands.items():
            answers |= self._ask(server, of_shards_there, within_seconds)
        return answers

    def address(self, server: int) -> str:
        """Return where a server is."""
        with self.database.transaction() as connection:
            return str(connection.execute(_ADDRESS, {"server": server}).scalar_one())

    def _ask(self, server: _Server, commands: Mapping[int, str], within_seconds: float) -> dict[int, Any]:
        parameters = {
            "hosts": [server.host] * len(commands),
            "ports": [server.port] * len(commands),
            "commands": list(commands.values()),
        }
        limit = {"milliseconds": int(within_seconds * 1000)}
        within = within_seconds + 1.0
        try:
            with self._silent.asking(server.number), self.database.transaction(within_seconds=within) as connection:
                connection.execute(_END_WITHIN, limit)
                rows = connection.execute(_ASK, parameters).all()
        except StorageUnavailable as error:
            _log.info("a shard's server can't be asked", extra={"server": str(server), "cause": str(error.__cause__)})
            return {}
        return {shard: json.loads(row.result) for shard, row in zip(commands, rows, strict=True) if row.success}


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
