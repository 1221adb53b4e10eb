"""The WebSocket server: limits, health, and which handshakes are accepted."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import NegotiationError
from websockets.http11 import Request, Response
from websockets.typing import Origin, Subprotocol

from gateway.presence_socket import handshake
from gateway.presence_socket.closings import Restarting
from gateway.presence_socket.messages import MAXIMUM_MESSAGE_BYTES
from gateway.presence_socket.newcomer import HEALTH_PATH, newcomers_to
from gateway.presence_socket.waiting_line import MOST_WAITING, WaitingLine

#: For a page's answer to our close frame; one that is alive needs a round trip.
CLOSING_SECONDS = 3.0
#: Messages that wait for their reader; then the connection is read no further.
MESSAGES_AHEAD = 4
#: Connections that the kernel holds until they are accepted: a storm of 2,000 a second, for two seconds.
BACKLOG = 4096
#: The event loop (libuv) accepts one connection a turn for each server that listens; so many listen to the same socket.
#: A single one falls behind a storm, however long turns are, and what exceeds its backlog the kernel drops.
ACCEPTED_PER_TURN = 32
#: At its lowest level the library logs handshakes, and so tokens, whatever LOG_LEVEL says.
_LIBRARY_LOG_LEVEL = logging.WARNING


class SocketServer:
    """Accepts handshakes and hands sockets over."""

    def __init__(self, serve_socket: Callable[[ServerConnection], Awaitable[None]], *, origins: Sequence[str]) -> None:
        """`origins` may open sockets, as may clients without one; with none, all may. Nothing listens yet."""
        self._serve_socket = serve_socket
        self._origins = [*map(Origin, origins), None] if origins else None
        self._line = WaitingLine(limit=MOST_WAITING)
        self._servers: list[Server] = []
        self._is_draining = False

    @property
    def port(self) -> int:
        """Where it listens."""
        if not self._servers:
            raise RuntimeError("nothing listens yet")
        port: int = self._servers[0].sockets[0].getsockname()[1]
        return port

    async def start(self, host: str, port: int) -> None:
        """Listen; OSError if that is not possible."""
        first = await self._listen(host, port)
        self._servers = [first]
        for listening in first.sockets:
            for _ in range(ACCEPTED_PER_TURN - 1):
                again = socket.socket(fileno=os.dup(listening.fileno()))
                self._servers.append(await self._listen(sock=again))

    def drain(self) -> None:
        """Report that it is not healthy, and accept nobody any more."""
        self._is_draining = True
        self._line.close()

    async def close(self) -> None:
        """Close every socket with 1012 and wait until all are gone."""
        for server in self._servers:
            server.close(code=Restarting.code, reason=Restarting.reason)
        await asyncio.gather(*(server.wait_closed() for server in self._servers))

    async def _listen(
        self, host: str | None = None, port: int | None = None, *, sock: socket.socket | None = None
    ) -> Server:
        log = logging.getLogger(f"{__name__}.library")
        log.setLevel(_LIBRARY_LOG_LEVEL)
        return await serve(
            self._serve_socket,
            host,
            port,
            sock=sock,
            origins=self._origins,
            select_subprotocol=_subprotocol,
            process_request=self._look_at,
            server_header=None,
            # It would cost each socket more memory than all the rest, and save nothing in messages this short.
            compression=None,
            # Who is admitted has sent all of the request.
            open_timeout=None,
            close_timeout=CLOSING_SECONDS,
            # The wheel pings, for all sockets together.
            ping_interval=None,
            max_size=MAXIMUM_MESSAGE_BYTES,
            max_queue=MESSAGES_AHEAD,
            logger=log,
            create_connection=newcomers_to(self._line),
            backlog=BACKLOG,
        )

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
