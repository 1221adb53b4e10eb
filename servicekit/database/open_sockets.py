"""The sockets behind the connections in use, so that another thread can cut them.

libpq waits for a server for as long as it takes, and no time limit of the server's helps where the server itself hangs.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, cast

from sqlalchemy.engine import Connection

if TYPE_CHECKING:
    from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812 - a class with a small name


class OpenSockets:
    """Knows the socket of every connection in use. Thread-safe."""

    def __init__(self) -> None:
        """No connection is in use yet."""
        self._lock = threading.Lock()
        self._in_use: set[socket.socket] = set()

    @contextmanager
    def of(self, connection: Connection) -> Iterator[None]:
        """Know the connection's socket for the length of the block."""
        driver_connection = cast("PsycopgConnection", connection.connection.driver_connection)
        # A duplicate stays ours: the number of a socket that the driver closes may belong to another one at once.
        with socket.socket(fileno=os.dup(driver_connection.fileno())) as line:
            with self._lock:
                self._in_use.add(line)
            try:
                yield
            finally:
                with self._lock:
                    self._in_use.remove(line)

    def cut(self) -> None:
        """Shut down every line: whoever waits on one learns at once that nothing more comes."""
        with self._lock:
            for line in self._in_use:
                # One that the other side has ended already is what is wanted.
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
