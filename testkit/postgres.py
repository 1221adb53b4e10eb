"""Fixtures with a real PostgreSQL: one server for each worker, a fresh database for every test that asks for one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg2
import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from attendance_service.migrations.history import HISTORY as ATTENDANCE_HISTORY
from development.orphan_cleanup import cleaned_up_if_killed
from development.postgres import EmbeddedPostgres
from servicekit.database.migration.roles import ServiceRole
from servicekit.database.migration.runner import upgrade
from servicekit.database.url import sqlalchemy_url
from testkit import citus
from testkit.citus import CitusCluster
from tracking_service.migrations.distributing import configure_workers, distribute, plan
from tracking_service.migrations.history import HISTORY as TRACKING_HISTORY

TRACKING_ROLE = ServiceRole(name="tracking_service", setting="TRACKING_DATABASE_ROLE")
ATTENDANCE_ROLE = ServiceRole(name="attendance_service", setting="ATTENDANCE_DATABASE_ROLE")
TRACKING_ERASURE_ROLE = ServiceRole(name="tracking_erasure", setting="TRACKING_ERASURE_ROLE")
ATTENDANCE_ERASURE_ROLE = ServiceRole(name="attendance_erasure", setting="ATTENDANCE_ERASURE_ROLE")
#: For tests that are not about locks: longer than any test takes.
LOCK_SECONDS = 120.0

#: Two for each of two workers.
CITUS_SHARDS = 4
_TEMPLATE = "migrated_template"
#: PostgreSQL's own user has to reach the data directory, which itself is private.
_TRAVERSABLE = 0o755
#: A file system in memory (Linux): a fresh database takes a quarter of the time that it takes on a disk.
_MEMORY = Path("/dev/shm")  # noqa: S108 - only as the parent of directories with random names
#: Four workers with a server each take far less; containers often offer only 64 MiB.
_MIN_FREE_BYTES = 4 * 1024**3


@contextmanager
def temporary_postgres(*, on_disk: bool = False) -> Iterator[EmbeddedPostgres]:
    """Start a private server, in memory where there is room; stop and remove it afterwards, also after a failure."""
    directory = Path(tempfile.mkdtemp(prefix="astegni-", dir=None if on_disk else memory()))
    directory.chmod(_TRAVERSABLE)
    server = EmbeddedPostgres(directory / "data")
    try:
        with cleaned_up_if_killed(directory), server:
            yield server
    finally:
        shutil.rmtree(directory)


def memory() -> Path | None:
    """Return a folder in memory, if there is room for a server."""
    has_room = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _MIN_FREE_BYTES
    return _MEMORY if has_room else None


@contextmanager
def fresh_database(
    server: EmbeddedPostgres | CitusCluster, *, template: str = "template1", owner: str = "postgres"
) -> Iterator[str]:
    """Create a database, yield its URL, drop it."""
    if isinstance(server, CitusCluster):
        with server.fresh_database(template=None if template == "template1" else template) as url:
            yield url
        return
    name = f"test_{uuid4().hex}"
    # FILE_COPY needs checkpoints, which are quick in memory; the default strategy writes everything to the log as well.
    execute(server.url(), f"CREATE DATABASE {name} TEMPLATE {template} OWNER {owner} STRATEGY FILE_COPY")
    try:
        yield server.url(name)
    finally:
        execute(server.url(), f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def distributed_database(cluster: CitusCluster) -> Iterator[str]:
    """Create a migrated database on the servers of a cluster, yield its URL, drop it."""
    with cluster.fresh_database() as url:
        migrate(url)
        _distribute(url)
        yield url


def execute(url: str, *statements: str) -> None:
    """Run each statement in a transaction of its own."""
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        connection.close()


def query(url: str, statement: str) -> list[tuple[object, ...]]:
    """Return the rows of a query."""
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()
    finally:
        connection.close()


def migrate(url: str) -> tuple[str, ...]:
    """Run the migrations of both services in their order and return what they did."""
    tracking = upgrade(
        TRACKING_HISTORY,
        url=url,
        role=TRACKING_ROLE,
        erasure_role=TRACKING_ERASURE_ROLE,
        lock_timeout_seconds=LOCK_SECONDS,
    )
    attendance = upgrade(
        ATTENDANCE_HISTORY,
        url=url,
        role=ATTENDANCE_ROLE,
        erasure_role=ATTENDANCE_ERASURE_ROLE,
        lock_timeout_seconds=LOCK_SECONDS,
    )
    return (*tracking, *attendance)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[EmbeddedPostgres | CitusCluster]:
    """Start the server that all tests of a worker share; tests that stop or kill one use `temporary_postgres`."""
    if citus.is_wanted():
        yield CitusCluster.of_tests()
        return
    with temporary_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_template(postgres_server: EmbeddedPostgres | CitusCluster) -> Iterator[str]:
    """Return the name of a migrated database."""
    if isinstance(postgres_server, CitusCluster):
        name = f"{_TEMPLATE}_{os.getpid()}"
        postgres_server.create(name)
        migrate(postgres_server.url(name))
        _distribute(postgres_server.url(name))
        postgres_server.close_for_copies(name)
        yield name
        postgres_server.drop(name)
        return
    execute(postgres_server.url(), f"CREATE DATABASE {_TEMPLATE}")
    migrate(postgres_server.url(_TEMPLATE))
    yield _TEMPLATE


def _distribute(url: str) -> None:
    """Distribute the tables of facts."""
    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
    with engine.begin() as connection:
        roles = [role.name for role in (TRACKING_ROLE, ATTENDANCE_ROLE, TRACKING_ERASURE_ROLE, ATTENDANCE_ERASURE_ROLE)]
        to_do = plan(connection, shards=CITUS_SHARDS, roles=roles)
        list(distribute(connection, to_do))
    with engine.begin() as connection:
        configure_workers(connection, TRACKING_ROLE.name)


@pytest.fixture
def empty_database(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """Return the URL of a fresh, empty database."""
    with fresh_database(postgres_server) as url:
        yield url


@pytest.fixture
def database(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[str]:
    """Return the URL of a fresh, migrated database."""
    with fresh_database(postgres_server, template=migrated_template) as url:
        yield url
