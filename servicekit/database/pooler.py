"""Connections through a pooler such as pgbouncer, which may use another one of the server for each transaction.

Whatever belongs to a session is lost there, or met by somebody else: settings, the role, prepared statements. So it is
done anew in each transaction, for that transaction alone. docs/postgresql.md#pgbouncer says what else has to be set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.engine import Connection

if TYPE_CHECKING:
    from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812 - a class with a small name

#: The number of the server's process that does the work.
SERVER_PROCESS: Final = "SELECT pg_backend_pid()"
#: In the `info` of a connection, which lives as long as the connection does.
_IS_BETWEEN: Final = "a pooler is between"


def on_connect(role: str) -> Callable[[PsycopgConnection, Any], None]:
    """Return what notes whether a pooler is between, and else switches to the role for good (empty: to none)."""

    def connected(connection: PsycopgConnection, record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own signature
        with connection.cursor() as cursor:
            cursor.execute(SERVER_PROCESS)
            ((process_id,),) = cursor.fetchall()
            # At its login a client of a pooler gets a number that is none of the server's processes.
            record.info[_IS_BETWEEN] = process_id != connection.info.backend_pid
            if role and not record.info[_IS_BETWEEN]:
                cursor.execute("SELECT set_config('role', %s, false)", (role,))
        connection.commit()

    return connected


def is_between(connection: Connection) -> bool:
    """Return whether a pooler is between this process and the server."""
    return bool(connection.info.get(_IS_BETWEEN))


def setting_locally(settings: Mapping[str, str]) -> str:
    """Return the statements that apply PostgreSQL settings to the rest of a transaction; they may begin one.

    Not SELECT set_config(...): after a query a transaction can't choose its isolation any more.
    """
    return "; ".join(f"SET LOCAL {name} = {_quoted(value)}" for name, value in settings.items())


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
