"""Databases on a Citus cluster that runs already, whose facts are distributed, for the tests that want one.

`CITUS_DATABASE_URL` names any database of its coordinator in which Citus knows the workers. Tests create databases of
their own on each server, and need a superuser's login there without a password of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from uuid import uuid4

import psycopg2
import pytest
from sqlalchemy.engine import make_url

#: For tests of what only a cluster does.
needs_cluster = pytest.mark.skipif(
    "CITUS_DATABASE_URL" not in os.environ, reason="there is no Citus cluster: set CITUS_DATABASE_URL"
)
#: For tests that imitate shards in one PostgreSQL, or that read what only that has.
needs_one_postgresql = pytest.mark.skipif(
    "CITUS_DATABASE_URL" in os.environ, reason="it is about one PostgreSQL, and this is a Citus cluster"
)
_VARIABLE = "CITUS_DATABASE_URL"
_WORKERS = "SELECT nodename, nodeport FROM pg_dist_node WHERE groupid <> 0 AND isactive ORDER BY nodeid"
#: It keeps a connection to each database in which Citus is, so none of those can be copied.
_STOP_MAINTENANCE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()
"""


def is_wanted() -> bool:
    """Whether tests are to run on Citus."""
    return _VARIABLE in os.environ


class CitusCluster:
    """The servers of a cluster."""

    def __init__(self, coordinator: str) -> None:
        """`coordinator` is the URL of any database there in which Citus knows the workers."""
        self._coordinator = coordinator

    @classmethod
    def of_tests(cls) -> CitusCluster:
        """Return the one of `CITUS_DATABASE_URL`."""
        return cls(os.environ[_VARIABLE])

    @cached_property
    def workers(self) -> list[tuple[str, int]]:
        with closing(psycopg2.connect(self._coordinator)) as connection, connection.cursor() as cursor:
            cursor.execute(_WORKERS)
            return list(cursor.fetchall())

    def url(self, database: str = "postgres", *, user: str = "postgres") -> str:
        """Return the URL of a database on the coordinator."""
        parsed = make_url(self._coordinator).set(database=database, username=user)
        return parsed.render_as_string(hide_password=False)

    def create(self, name: str, *, template: str | None = None) -> None:
        """Create a database on each server: a copy of another one, or an empty one in which Citus knows the workers."""
        for url in self._maintenance_urls():
            _execute(url, f"CREATE DATABASE {name}" + (f" TEMPLATE {template} STRATEGY FILE_COPY" if template else ""))
        if template is None:
            self._found(name)

    def drop(self, name: str) -> None:
        for url in self._maintenance_urls():
            _execute(url, f"DROP DATABASE {name} WITH (FORCE)")

    def close_for_copies(self, name: str) -> None:
        """Let nothing connect to a database, so that it can be copied."""
        for url in self._maintenance_urls():
            _execute(url, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false", parameters=None)
            _execute(url, _STOP_MAINTENANCE, parameters=(name,))

    @contextmanager
    def fresh_database(self, *, template: str | None = None) -> Iterator[str]:
        """Create a database, yield its URL, drop it."""
        name = f"test_{uuid4().hex}"
        self.create(name, template=template)
        if template is not None:
            for url in self._urls(name):
                _execute(url, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        try:
            yield self.url(name)
        finally:
            self.drop(name)

    def _found(self, name: str) -> None:
        for url in self._urls(name):
            _execute(url, "CREATE EXTENSION citus")
        coordinator = make_url(self._coordinator)
        _execute(self.url(name), f"SELECT citus_set_coordinator_host('{coordinator.host}', {coordinator.port or 5432})")
        for host, port in self.workers:
            _execute(self.url(name), f"SELECT citus_add_node('{host}', {port})")

    def _urls(self, database: str) -> list[str]:
        parsed = make_url(self.url(database))
        servers = [(parsed.host, parsed.port), *self.workers]
        return [parsed.set(host=host, port=port).render_as_string(hide_password=False) for host, port in servers]

    def _maintenance_urls(self) -> list[str]:
        return self._urls("template1")


def first_worker(database: str) -> tuple[str, int]:
    """Return where the coordinator finds the worker that `worker_elsewhere` moves."""
    with closing(psycopg2.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute(_WORKERS)
        host, port = cursor.fetchall()[0]
        return host, port


@contextmanager
def worker_elsewhere(database: str, port: int) -> Iterator[set[int]]:
    """Let the coordinator look for a worker at another port, for one database; yield the shards that are there.

    As a worker that is dead, or hangs, it does not answer then, and others that use the cluster notice nothing.
    """
    found = """
        SELECT nodeid, nodeport, array_agg((CAST(shardminvalue AS bigint) + 2147483648) * (
            SELECT count(*) FROM pg_dist_shard WHERE logicalrelid = 'session_groups'::regclass) >> 32)
        FROM pg_dist_node JOIN pg_dist_placement USING (groupid) JOIN pg_dist_shard USING (shardid)
        WHERE groupid <> 0 AND logicalrelid = 'session_groups'::regclass
        GROUP BY nodeid, nodeport ORDER BY nodeid LIMIT 1"""
    with closing(psycopg2.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute(found)
        row = cursor.fetchone()
        assert row is not None
        node, real_port, shards = row
    move = f"UPDATE pg_dist_node SET nodeport = %s WHERE nodeid = {node}"  # noqa: S608 - a number
    _execute(database, move, (port,))
    try:
        yield set(map(int, shards))
    finally:
        _execute(database, move, (real_port,))


def _execute(url: str, statement: str, parameters: tuple[object, ...] | None = None) -> None:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
