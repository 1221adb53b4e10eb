"""Connections to PostgreSQL, and which of its errors a retry may solve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.pool import QueuePool

from servicekit.database import pooler
from servicekit.database.open_sockets import OpenSockets
from servicekit.database.url import sqlalchemy_url
from servicekit.errors import StorageConflict, StorageUnavailable, TransactionLost

if TYPE_CHECKING:
    pass

#: A server that takes longer to connect to is taken for unreachable. A stop waits for threads that connect.
CONNECT_TIMEOUT_SECONDS = 3
#: Over TCP, a server whose machine or network failed is detected within some 20 s, by unconfirmed data or by unanswered
#: probes while nothing is sent. Unix sockets ignore these settings.
TCP_TIMEOUTS = {
    "tcp_user_timeout": 20_000,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
}
#: SQLSTATE codes of a serialization failure and a deadlock: the database has undone the transaction, so that another
#: one can go on.
LOST_CODES = frozenset({"40001", "40P01"})
#: SQLSTATE of a lock that was not granted in time; whoever holds it may hold it for longer.
LOCK_NOT_AVAILABLE = "55P03"
#: SQLSTATE classes: connection exceptions, other rollbacks, insufficient resources, operator intervention (shutdown,
#: cancelled statement).
TRANSIENT_CLASSES = frozenset({"08", "40", "53", "57"})
#: SQLSTATE of a write to a read-only standby, as during a failover.
TRANSIENT_CODES = frozenset({"25006"})
PARAMETERS = {
    # A statement of ours takes longer only if it waits for a lock that is not released.
    "statement_timeout": "30s",
    # Releases the locks of a transaction whose process hangs.
    "idle_in_transaction_session_timeout": "60s",
    "timezone": "UTC",
}
NO_PARAMETERS: Mapping[str, str] = MappingProxyType({})


class PoolUse(NamedTuple):
    """How many connections a pool has in use and idle, and how many it may have."""

    in_use: int
    idle: int
    size: int


class Database:
    """A pool of connections that all act as one database role."""

    def __init__(
        self, url: str, *, role: str, application: str, pool_size: int, parameters: Mapping[str, str] = NO_PARAMETERS
    ) -> None:
        """Each connection acts as `role` after login (empty: as the login role). Nothing connects yet.

        `parameters` are PostgreSQL settings for these connections.
        """
        settings = {**PARAMETERS, **parameters}
        self.engine = _engine(url, application, pool_size, settings)
        self._open_sockets = OpenSockets()
        self._within_seconds: float | None = None
        self._apply_settings = pooler.setting_locally({**settings, **({"role": role} if role else {})})
        event.listen(self.engine, "connect", pooler.on_connect(role))

    def limit_transactions(self, seconds: float) -> None:
        """Let each transaction end within so many seconds from now on, unless it says itself how long it may take."""
        self._within_seconds = seconds

    @contextmanager
    def transaction(self, *, within_seconds: float | None = None) -> Iterator[Connection]:
        """Commit on return, roll back on an exception.

        After `within_seconds` it fails with StorageUnavailable, also if the server does not even answer that it ended a
        statement. Whether the server still commits it is not known then.

        Raises:
            StorageUnavailable: the database can't be reached, is busy or is shutting down.
            StorageConflict: another transaction was in the way; TransactionLost if it was preferred to this one.
        """
        limit = self._within_seconds if within_seconds is None else within_seconds
        try:
            with self.engine.connect() as connection, self._open_sockets.of(connection, limit), connection.begin():
                if pooler.is_between(connection):
                    connection.exec_driver_sql(self._apply_settings)
                yield connection
        except DBAPIError as error:
            transient = as_transient(error)
            if transient is None:
                raise
            raise transient from error
        except PoolExhausted as error:
            raise StorageUnavailable from error

    def pool_use(self) -> PoolUse:
        """Return what the pool has now. Thread-safe."""
        pool = self.engine.pool
        if not isinstance(pool, QueuePool):
            raise TypeError("the engine has no pool that counts")
        # A connection that is being made counts as in use.
        return PoolUse(in_use=pool.checkedout(), idle=pool.checkedin(), size=pool.size())

    def break_off(self) -> None:
        """End all running transactions, whose threads would wait for ever for a server that hangs. Thread-safe.

        They raise StorageUnavailable. Whether the server still commits them is not known until their rows are read.
        """
        self._open_sockets.shut_down()

    def dispose(self) -> None:
        """Close every connection."""
        self.break_off()
        self.engine.dispose()


def as_transient(error: DBAPIError) -> StorageUnavailable | None:
    """Return the error for callers if the same statements may succeed later; None if they never will.

    StorageConflict or TransactionLost if another transaction was in the way; else the database is unreachable, busy or
    shutting down.
    """
    if error.connection_invalidated:
        return StorageUnavailable()
    code: str | None = getattr(error.orig, "pgcode", None)
    if code in LOST_CODES:
        return TransactionLost()
    if code == LOCK_NOT_AVAILABLE:
        return StorageConflict()
    return StorageUnavailable() if _is_transient(error, code) else None


def _engine(url: str, application: str, pool_size: int, parameters: Mapping[str, str]) -> Engine:
    return create_engine(
        sqlalchemy_url(url),
        pool_size=pool_size,
        max_overflow=0,
        # The connection that was used last has its plans, and the server's caches are warm for it.
        pool_use_lifo=True,
        pool_pre_ping=False,
        # Error messages are logged, and must not contain what people wrote or whom it is about.
        hide_parameters=True,
        connect_args={
            "application_name": application,
            "connect_timeout": CONNECT_TIMEOUT_SECONDS,
            **TCP_TIMEOUTS,
            "options": " ".join(f"-c {name}={value}" for name, value in parameters.items()),
        },
    )


def _is_transient(error: DBAPIError, code: str | None) -> bool:
    if code is None:
        # psycopg2 has no code for a connection that it could not make or that it lost.
        return type(error.orig).__name__ in {"OperationalError", "InterfaceError"}
    return code[:2] in TRANSIENT_CLASSES or code in TRANSIENT_CODES
