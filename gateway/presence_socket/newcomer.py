"""A connection whose handshake waits for its turn."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import cast

from websockets.asyncio.server import ServerConnection

from gateway.presence_socket.waiting_line import WaitingLine

HEALTH_PATH = "/healthz"
_HEALTH_REQUEST = f"GET {HEALTH_PATH} ".encode()
_END_OF_HEAD = b"\r\n\r\n"
#: A request takes one round trip; whoever needs longer holds a place.
OPENING_SECONDS = 10.0
#: More than the gateway lets through, which says nothing else before it is answered.
MOST_EARLY_BYTES = 65_536
#: When somebody may come back who found the line full: half of it is served then.
RETRY_AFTER_SECONDS = 5
_BUSY = (
    f"HTTP/1.1 {HTTPStatus.SERVICE_UNAVAILABLE.value} {HTTPStatus.SERVICE_UNAVAILABLE.phrase}\r\n"
    f"Retry-After: {RETRY_AFTER_SECONDS}\r\n"
    "Connection: close\r\n"
    "Content-Length: 0\r\n"
    "\r\n"
).encode()


@dataclass(slots=True)
class _Arrival:
    """What is kept of a connection until it is admitted."""

    transport: asyncio.Transport
    #: Ends the connection, unless the request comes in time; None when it is there.
    deadline: asyncio.TimerHandle | None
    request: bytes = b""

    def in_time(self) -> None:
        """Let the deadline pass."""
        if self.deadline is not None:
            self.deadline.cancel()
            self.deadline = None


class Newcomer(ServerConnection):
    """Joins the line when its request is there, and becomes the library's when it is admitted.

    Until then it costs little: there is no task, and nothing is parsed. A page that gives up meanwhile was never
    present. Questions for the health of the process are admitted at once.
    """

    #: That of the server.
    line: WaitingLine

    #: None from the admission on.
    _arrival: _Arrival | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the request."""
        # That of uvloop has all of its methods, but descends from none of asyncio's classes.
        connection = cast(asyncio.Transport, transport)
        self._arrival = _Arrival(connection, self.loop.call_later(OPENING_SECONDS, connection.abort))

    def data_received(self, data: bytes) -> None:
        """Join the line with the last bytes of the request."""
        arrival = self._arrival
        if arrival is None:
            super().data_received(data)
            return
        arrival.request += data
        if len(arrival.request) > MOST_EARLY_BYTES:
            arrival.transport.abort()
        elif arrival.deadline is not None and _END_OF_HEAD in arrival.request:
            arrival.in_time()
            if arrival.request.startswith(_HEALTH_REQUEST):
                self.admit()
            else:
                self.line.join(self)

    def eof_received(self) -> None:
        """Close, which is what the event loop does by itself."""
        if self._arrival is None:
            super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave the line."""
        if self._arrival is None:
            super().connection_lost(exc)
        else:
            self._arrival.in_time()
            self.line.leave(self)

    def admit(self) -> None:
        """Begin the handshake."""
        arrival, self._arrival = self._arrival, None
        if arrival is not None:
            super().connection_made(arrival.transport)
            super().data_received(arrival.request)

    def turn_away(self) -> None:
        """Say that there is no room at the moment."""
        if self._arrival is not None:
            self._arrival.transport.write(_BUSY)
            self._arrival.transport.close()


def newcomers_to(line: WaitingLine) -> type[Newcomer]:
    """Return the kind of connection that joins this line."""

    class OfThisServer(Newcomer):
        """The library takes a class, and nothing to go with it."""

    OfThisServer.line = line
    return OfThisServer
