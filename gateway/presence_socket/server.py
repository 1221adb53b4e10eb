"""The WebSocket server: limits, health, and which handshakes are accepted."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import cast

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import NegotiationError
from websockets.http11 import Request, Response
from websockets.typing import Origin, Subprotocol

from gateway.presence_socket.admission import (
    HEALTH_PATH,
    MAX_QUEUED,
    RETRY_AFTER_SECONDS,
    AdmissionQueue,
    QueuedConnection,
)
from gateway.presence_socket.client_addresses import address_of
from gateway.presence_socket.handshake import is_socket_path
from gateway.presence_socket.instruments import REFUSED_HANDSHAKES
from gateway.presence_socket.protocol import MAX_MESSAGE_BYTES, SUBPROTOCOL, CloseReason

#: For one page to answer our close frame; a page that is alive needs a round trip.
CLOSE_FRAME_TIMEOUT_SECONDS = 3.0
#: Unread messages of one socket; beyond that, its connection is not read further.
MAX_QUEUED_MESSAGES = 4
#: Connections that the kernel holds until they are accepted: a rush of 2,000 a second for two seconds.
BACKLOG = 4096
#: How many servers listen on the same socket. uvloop accepts only one connection per server and iteration of the event
#: loop. One server alone can't keep up with a rush of connections, and the kernel drops what exceeds its backlog.
LISTENERS = 32
#: At its debug level the library logs handshakes, and so tokens, whatever LOG_LEVEL says.
_LIBRARY_LOG_LEVEL = logging.WARNING


class SocketServer:
    """Accepts handshakes and passes the sockets to a handler."""

    def __init__(
        self,
        serve_socket: Callable[[ServerConnection], Awaitable[None]],
        *,
        origins: Sequence[str],
        arrival_time: Callable[[], datetime],
        tls: ssl.SSLContext | None = None,
        on_refused: Callable[[str, str], None] = lambda _reason, _address: None,
    ) -> None:
        """Pages of these `origins`, and clients without one, may open sockets; if empty, pages of all origins may.

        `arrival_time` returns the time to give to what is read now. Without `tls` it speaks plaintext. `on_refused`
        is called with the reason and the client's address for each connection that never becomes a socket.
        """
        self._tls = tls
        self._serve_socket = serve_socket
        self._arrival_time = arrival_time
        self._origins = [*map(Origin, origins), None] if origins else None
        self._on_refused = on_refused
        self._queue = AdmissionQueue(limit=MAX_QUEUED, on_refused=on_refused)
        self._servers: list[Server] = []
        self._is_draining = False

    @property
    def port(self) -> int:
        """The port it listens on."""
        if not self._servers:
            raise RuntimeError("the server does not listen yet")
        port: int = self._servers[0].sockets[0].getsockname()[1]
        return port

    async def start(self, host: str, port: int) -> None:
        """Listen; OSError if that is not possible."""
        first = await self._listen(host, port)
        self._servers = [first]
        for listening in first.sockets:
            for _ in range(LISTENERS - 1):
                duplicate = socket.socket(fileno=os.dup(listening.fileno()))
                self._servers.append(await self._listen(sock=duplicate))

    def drain(self) -> None:
        """Report as unhealthy, and accept no more sockets."""
        self._is_draining = True
        self._queue.close()

    async def close(self) -> None:
        """Close every socket with 1012 and wait until all are gone."""
        for server in self._servers:
            server.close(code=CloseReason.RESTARTING.code, reason=CloseReason.RESTARTING.name)
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
            ssl=self._tls,
            origins=self._origins,
            select_subprotocol=_select_subprotocol,
            process_request=self._process_request,
            process_response=self._count_refusal,
            server_header=None,
            # It would cost each socket more memory than everything else, and messages this short gain nothing.
            compression=None,
            # Admitted connections have sent their whole request.
            open_timeout=None,
            close_timeout=CLOSE_FRAME_TIMEOUT_SECONDS,
            # PingScheduler pings all sockets.
            ping_interval=None,
            max_size=MAX_MESSAGE_BYTES,
            max_queue=MAX_QUEUED_MESSAGES,
            logger=log,
            # The library accepts any factory, but declares a class.
            create_connection=cast(type[ServerConnection], partial(QueuedConnection, self._queue, self._arrival_time)),
            backlog=BACKLOG,
        )

    def _process_request(self, connection: ServerConnection, request: Request) -> Response | None:
        if self._is_draining:
            refusal = connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "The server is restarting; try again later.\n")
            refusal.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
            return refusal
        if request.path == HEALTH_PATH:
            return connection.respond(HTTPStatus.OK, "")
        if not is_socket_path(request.path):
            return connection.respond(HTTPStatus.NOT_FOUND, "There is nothing at this path.\n")
        return None

    def _count_refusal(self, connection: ServerConnection, _request: Request, response: Response) -> None:
        """Also what the library refuses by itself, such as a page of another origin."""
        if response.status_code in REFUSED_HANDSHAKES:
            self._on_refused(REFUSED_HANDSHAKES[HTTPStatus(response.status_code)], address_of(connection))


def _select_subprotocol(_connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """Return the presence protocol if it is offered, None if nothing is; NegotiationError for anything else."""
    if not offered:
        return None
    if SUBPROTOCOL not in offered:
        raise NegotiationError(f"offer the subprotocol {SUBPROTOCOL}")
    return Subprotocol(SUBPROTOCOL)
