"""Connections to PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from servicekit.database.open_sockets import OpenSockets
from servicekit.database.transient_errors import as_transient
from servicekit.errors import StorageUnavailable

if TYPE_CHECKING:
    from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812 - a class with a small name

#: A connect that takes longer has met a machine that is away. Threads that connect hold up a stop for as long.
CONNECT_TIMEOUT_SECONDS = 3
#: A server whose machine or network died without a word is noticed within some 20 s over TCP: by what it does not
#: confirm, and while nothing is sent by the probes that it does not answer. Unix sockets pass over it.
VANISHING = {
    "tcp_user_timeout": 20_000,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
}
PARAMETERS = {
    # No statement of ours takes longer unless it waits for a lock that nobody gives back.
    "statement_timeout": "30s",
    # A transaction whose process hangs gives its locks back after this.
    "idle_in_transaction_session_timeout": "60s",
    "timezone": "UTC",
}
NO_PARAMETERS: Mapping[str, str] = MappingProxyType({})


class Database:
    """A pool of connections that all act as one database role."""

    def __init__(
        self, url: str, *, role: str, application: str, pool_size: int, parameters: Mapping[str, str] = NO_PARAMETERS
    ) -> None:
        """`role` is switched to after login (empty: stay the login role); nothing connects yet.

        `parameters` are settings of PostgreSQL for these connections alone.
        """
        self.engine = _engine(url, application, pool_size, {**PARAMETERS, **parameters})
        self._open_sockets = OpenSockets()
        if role:
            event.listen(self.engine, "connect", _switching_to(role))

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Commit on return, roll back on an exception.

        StorageUnavailable if the database is away or busy, StorageConflict if another transaction was in the way.
        """
        try:
            with self.engine.connect() as connection, self._open_sockets.of(connection), connection.begin():
                yield connection
        except DBAPIError as error:
            transient = as_transient(error)
            if transient is None:
                raise
            raise transient from error
        except PoolExhausted as error:
            raise StorageUnavailable from error

    def break_off(self) -> None:
        """End every transaction that is under way, for a server that hangs would hold its thread for ever.

        Whoever waits for the server gets StorageUnavailable; whether it still commits, only a look tells. Thread-safe.
        """
        self._open_sockets.cut()

    def dispose(self) -> None:
        """Close every connection."""
        self.break_off()
        self.engine.dispose()


def sqlalchemy_url(url: str) -> str:
    """Accept the usual spellings of a PostgreSQL URL and name the psycopg2 driver."""
    parsed = make_url(url)
    return parsed.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)


def _engine(url: str, application: str, pool_size: int, parameters: Mapping[str, str]) -> Engine:
    return create_engine(
        sqlalchemy_url(url),
        pool_size=pool_size,
        max_overflow=0,
        # The connection used last has its plans and the server's caches warm.
        pool_use_lifo=True,
        pool_pre_ping=False,
        # An error's text reaches the log; what people wrote, and whom it is about, must not.
        hide_parameters=True,
        connect_args={
            "application_name": application,
            "connect_timeout": CONNECT_TIMEOUT_SECONDS,
            **VANISHING,
            "options": " ".join(f"-c {name}={value}" for name, value in parameters.items()),
        },
    )


def _switching_to(role: str) -> Any:  # noqa: ANN401 - SQLAlchemy's own signature of listeners
    def switch(connection: PsycopgConnection, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('role', %s, false)", (role,))
        connection.commit()

    return switch
