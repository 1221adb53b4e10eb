"""The WebSocket server: limits, health, and which handshakes are accepted."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import NegotiationError
from websockets.http11 import Request, Response
from websockets.typing import Origin, Subprotocol

from gateway.presence_socket import handshake
from gateway.presence_socket.closings import Restarting
from gateway.presence_socket.messages import MAXIMUM_MESSAGE_BYTES

HEALTH_PATH = "/healthz"
#: A handshake takes one round trip; whoever needs longer holds a place.
OPENING_SECONDS = 10.0
#: For a page's answer to our close frame; one that is alive needs a round trip.
CLOSING_SECONDS = 3.0
#: Messages that wait for their reader; then the connection is read no further.
MESSAGES_AHEAD = 4
#: Connections that the kernel holds until they are accepted: a storm of 2,000 a second, for two seconds.
BACKLOG = 4096
#: At its lowest level the library logs handshakes, and so tokens, whatever LOG_LEVEL says.
_LIBRARY_LOG_LEVEL = logging.WARNING


class SocketServer:
    """Accepts handshakes and hands sockets over."""

    def __init__(self, serve_socket: Callable[[ServerConnection], Awaitable[None]], *, origins: Sequence[str]) -> None:
        """`origins` may open sockets, as may clients without one; with none, all may. Nothing listens yet."""
        self._serve_socket = serve_socket
        self._origins = [*map(Origin, origins), None] if origins else None
        self._server: Server | None = None
        self._is_draining = False

    @property
    def port(self) -> int:
        """Where it listens."""
        if self._server is None:
            raise RuntimeError("nothing listens yet")
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def start(self, host: str, port: int) -> None:
        """Listen; OSError if that is not possible."""
        log = logging.getLogger(f"{__name__}.library")
        log.setLevel(_LIBRARY_LOG_LEVEL)
        self._server = await serve(
            self._serve_socket,
            host,
            port,
            origins=self._origins,
            select_subprotocol=_subprotocol,
            process_request=self._look_at,
            server_header=None,
            # It would cost each socket more memory than all the rest, and save nothing in messages this short.
            compression=None,
            open_timeout=OPENING_SECONDS,
            close_timeout=CLOSING_SECONDS,
            # The wheel pings, for all sockets together.
            ping_interval=None,
            max_size=MAXIMUM_MESSAGE_BYTES,
            max_queue=MESSAGES_AHEAD,
            logger=log,
            backlog=BACKLOG,
        )

    def drain(self) -> None:
        """Report that it is not healthy, and accept nobody any more."""
        self._is_draining = True

    async def close(self) -> None:
        """Close every socket with 1012 and wait until all are gone."""
        if self._server is not None:
            self._server.close(code=Restarting.code, reason=Restarting.reason)
            await self._server.wait_closed()

    def _look_at(self, connection: ServerConnection, request: Request) -> Response | None:
        if self._is_draining:
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "The server restarts; come back later.\n")
        if request.path == HEALTH_PATH:
            return connection.respond(HTTPStatus.OK, "")
        if not handshake.is_socket_address(request.path):
            return connection.respond(HTTPStatus.NOT_FOUND, "There is nothing at this path.\n")
        return None


def _subprotocol(_connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """Return the presence protocol if it is offered, None for a plain socket; NegotiationError for any other."""
    if not offered:
        return None
    if handshake.SUBPROTOCOL not in offered:
        raise NegotiationError(f"offer the subprotocol {handshake.SUBPROTOCOL}")
    return Subprotocol(handshake.SUBPROTOCOL)
