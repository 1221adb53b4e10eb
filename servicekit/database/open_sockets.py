"""The sockets of the connections in use, so that another thread can shut them down.

libpq waits for a server without a limit, and the server's own timeouts do not help if the server itself hangs.
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
    """The sockets of all connections in use. Thread-safe."""

    def __init__(self) -> None:
        """No connection is in use yet."""
        self._lock = threading.Lock()
        self._in_use: set[socket.socket] = set()

    @contextmanager
    def of(self, connection: Connection, within_seconds: float | None = None) -> Iterator[None]:
        """Keep the connection's socket for the length of the block; shut it down if that is not over in time."""
        driver_connection = cast("PsycopgConnection", connection.connection.driver_connection)
        # A duplicate, because the driver may close its own at any time, and the kernel may reuse the number at once.
        with socket.socket(fileno=os.dup(driver_connection.fileno())) as duplicate:
            with self._lock:
                self._in_use.add(duplicate)
            timer = None
            if within_seconds is not None:
                timer = threading.Timer(within_seconds, self._shut_down_if_in_use, (duplicate,))
                timer.daemon = True
                timer.start()
            try:
                yield
            finally:
                if timer is not None:
                    timer.cancel()
                with self._lock:
                    self._in_use.remove(duplicate)

    def shut_down(self) -> None:
        """Shut down all sockets: threads that wait for an answer on one get an error at once."""
        with self._lock:
            for open_socket in self._in_use:
                _shut_down(open_socket)

    def _shut_down_if_in_use(self, open_socket: socket.socket) -> None:
        with self._lock:
            # It is closed once it is not in use, and its number may be another socket's.
            if open_socket in self._in_use:
                _shut_down(open_socket)


def _shut_down(open_socket: socket.socket) -> None:
    # The server may have closed it already.
    with suppress(OSError):
        open_socket.shutdown(socket.SHUT_RDWR)
