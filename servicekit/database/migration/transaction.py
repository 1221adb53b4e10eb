"""The one transaction in which a history moves to its newest revision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from servicekit.database.engine import CONNECT_TIMEOUT_SECONDS, sqlalchemy_url
from servicekit.database.migration.errors import MigrationFailed
from servicekit.database.migration.statements import execute_verbatim

#: One key for all histories of a database: their tables refer to each other. Any number that nobody else uses will do.
ADVISORY_LOCK_KEY = 4_702_111_234_474_983_745
#: A migration that has run this long is not one to wait for.
OTHER_MIGRATION_TIMEOUT_SECONDS = 600
#: SQLSTATE of a lock that was not to be had within lock_timeout.
LOCK_NOT_AVAILABLE = "55P03"

#: For whoever runs the database, to find out whom a migration waited for.
_SESSIONS_AT_WORK = "SELECT pid, application_name, state, query FROM pg_stat_activity WHERE state <> 'idle';"
_OTHER_MIGRATION = (
    f"Another migration of this database has been running for {OTHER_MIGRATION_TIMEOUT_SECONDS} s; "
    f"nothing was changed.\nWait for its end, then run this one again. It is among\n  {_SESSIONS_AT_WORK}"
)

_CONFIGURE = text("SELECT set_config(:name, :value, true)")
_TRY_ADVISORY_LOCK = text("SELECT pg_try_advisory_xact_lock(:key)")
_ADVISORY_LOCK = text("SELECT pg_advisory_xact_lock(:key)")


@contextmanager
def migration_transaction(url: str, *, application: str, lock_timeout_seconds: float) -> Iterator[Connection]:
    """Commit all of it or nothing; one migration at a time in a database. MigrationFailed tells why not."""
    try:
        engine = create_engine(
            sqlalchemy_url(url),
            poolclass=NullPool,
            connect_args={"application_name": application, "connect_timeout": CONNECT_TIMEOUT_SECONDS},
        )
    except ArgumentError as error:
        raise MigrationFailed(
            "DATABASE_URL is not valid; write postgresql://user:password@host:5432/database"
        ) from error
    try:
        with engine.begin() as connection:
            # In UTC a TIMESTAMP becomes a TIMESTAMPTZ of the same moment, and PostgreSQL need not rewrite the table.
            connection.execute(_CONFIGURE, {"name": "timezone", "value": "UTC"})
            _wait_for_other_migrations(connection)
            _limit_waiting(connection, lock_timeout_seconds)
            yield connection
    except DBAPIError as error:
        raise MigrationFailed(_explanation(error, lock_timeout_seconds)) from error


def lock_tables(connection: Connection, names: Iterable[str]) -> None:
    """Keep everybody else out of these tables until the end of the transaction."""
    for name in sorted(names):
        execute_verbatim(connection, f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE")


def _wait_for_other_migrations(connection: Connection) -> None:
    if connection.execute(_TRY_ADVISORY_LOCK, {"key": ADVISORY_LOCK_KEY}).scalar_one():
        return
    _limit_waiting(connection, OTHER_MIGRATION_TIMEOUT_SECONDS)
    try:
        connection.execute(_ADVISORY_LOCK, {"key": ADVISORY_LOCK_KEY})
    except DBAPIError as error:
        if _code(error) == LOCK_NOT_AVAILABLE:
            raise MigrationFailed(_OTHER_MIGRATION) from error
        raise


def _limit_waiting(connection: Connection, seconds: float) -> None:
    connection.execute(_CONFIGURE, {"name": "lock_timeout", "value": f"{round(seconds * 1000)}ms"})


def _explanation(error: DBAPIError, lock_timeout_seconds: float) -> str:
    message = str(error.orig).strip()
    code = _code(error)
    if code == LOCK_NOT_AVAILABLE:
        return (
            f"Somebody else holds a lock that this migration needs ({_first_line(error)}); nothing was changed.\n"
            f"It waited for {lock_timeout_seconds:g} s (MIGRATION_LOCK_TIMEOUT_SECONDS), for whoever comes later waits "
            f"behind it. Run it again in a quieter moment; who is in the way shows\n  {_SESSIONS_AT_WORK}"
        )
    if code is None:
        return f"The database of DATABASE_URL can't be reached; nothing was changed.\n{message}"
    return f"PostgreSQL refused a step ({_first_line(error)}); nothing was changed.\n{message}"


def _code(error: DBAPIError) -> str | None:
    code: str | None = getattr(error.orig, "pgcode", None)
    return code


def _first_line(error: DBAPIError) -> str:
    lines = (error.statement or "connecting").strip().splitlines()
    return lines[0].strip()
