"""The one transaction in which a history is migrated, and what its revisions see of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection, CursorResult
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from servicekit.database.engine import CONNECT_TIMEOUT_SECONDS, LOCK_NOT_AVAILABLE
from servicekit.database.url import sqlalchemy_url

#: Key of the lock that all histories of a database share, because their tables refer to each other. An arbitrary
#: number that no other program should use.
ADVISORY_LOCK_KEY = 4_702_111_234_474_983_745
#: A migration that has run this long needs a person's attention.
OTHER_MIGRATION_TIMEOUT_SECONDS = 600

_BUSY_SESSIONS = "SELECT pid, application_name, state, query FROM pg_stat_activity WHERE state <> 'idle';"
_OTHER_MIGRATION = (
    f"Another migration of this database has been running for {OTHER_MIGRATION_TIMEOUT_SECONDS} s; "
    f"nothing was changed.\nWait until it ends, then run this one again. To find it:\n  {_BUSY_SESSIONS}"
)

_CONFIGURE = text("SELECT set_config(:name, :value, true)")
_TRY_ADVISORY_LOCK = text("SELECT pg_try_advisory_xact_lock(:key)")
_ADVISORY_LOCK = text("SELECT pg_advisory_xact_lock(:key)")


class MigrationFailed(Exception):
    """The migration did not happen and nothing was changed; the message says what to do.

    Its reader runs the database, so the message may name tables and columns.
    """


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One statement, and the note about it for the person who runs the database."""

    statement: str
    note: str


@dataclass(frozen=True, slots=True)
class Migration:
    """One run of a history, as its revisions see it."""

    connection: Connection
    #: What was done; printed after the commit.
    notes: list[str] = field(default_factory=list)

    def apply(self, *changes: Change) -> None:
        """Make the changes and note them."""
        for change in changes:
            self.execute(change.statement)
            self.notes.append(change.note)

    def execute(self, *statements: str) -> None:
        """Run statements that need no note."""
        for statement in statements:
            execute_verbatim(self.connection, statement)

    def lock(self, *tables: str) -> None:
        """Lock these tables against all other sessions until the end of the transaction."""
        self.execute(*(f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE" for name in sorted(tables)))


_current: ContextVar[Migration] = ContextVar("current_migration")


def current_migration() -> Migration:
    """Return the run that the calling revision or env.py belongs to."""
    return _current.get()


@contextmanager
def migration_transaction(url: str, *, application: str, lock_timeout_seconds: float) -> Iterator[Migration]:
    """Commit everything in the block or nothing; one migration at a time in a database.

    MigrationFailed if the database refuses a statement, holds a lock for too long or can't be reached.
    """
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
            # In UTC a TIMESTAMP becomes a TIMESTAMPTZ of the same instant, and PostgreSQL need not rewrite the table.
            connection.execute(_CONFIGURE, {"name": "timezone", "value": "UTC"})
            _wait_for_other_migrations(connection)
            _limit_waiting(connection, lock_timeout_seconds)
            migration = Migration(connection)
            token = _current.set(migration)
            try:
                yield migration
            finally:
                _current.reset(token)
    except DBAPIError as error:
        raise MigrationFailed(_explanation(error, lock_timeout_seconds)) from error


def execute_verbatim(connection: Connection, statement: str) -> CursorResult[Any]:
    """Run SQL that holds names and values from the database: neither % nor : marks a parameter in it."""
    return connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


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
            f"Another session holds a lock that this migration needs ({_first_line(error)}); nothing was changed.\n"
            f"The migration waited for {lock_timeout_seconds:g} s (MIGRATION_LOCK_TIMEOUT_SECONDS) and no longer, "
            "because every other session that needs the table waits behind it. Run it again at a quieter time. "
            f"To see who holds locks:\n  {_BUSY_SESSIONS}"
        )
    if code is None:
        return f"The database at DATABASE_URL can't be reached; nothing was changed.\n{message}"
    return f"PostgreSQL refused a statement ({_first_line(error)}); nothing was changed.\n{message}"


def _code(error: DBAPIError) -> str | None:
    code: str | None = getattr(error.orig, "pgcode", None)
    return code


def _first_line(error: DBAPIError) -> str:
    lines = (error.statement or "connecting").strip().splitlines()
    return lines[0].strip()
