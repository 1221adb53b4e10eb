"""The connection to one page: everything that is done with the WebSocket itself."""

from __future__ import annotations

import asyncio
from datetime import datetime

from websockets.asyncio.server import ServerConnection, broadcast
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from gateway.presence_socket import protocol
from gateway.presence_socket.admission import QueuedConnection
from gateway.presence_socket.instruments import LOST
from gateway.presence_socket.pings import OnPong
from gateway.presence_socket.protocol import CloseError, CloseReason

#: A page that has this much unread gets no further messages: they are small, and later ones repeat what they say.
MAX_UNREAD_BYTES = 2048

#: Closes in the background. The event loop keeps only weak references to tasks.
_closing: set[asyncio.Task[None]] = set()


class PageConnection:
    """Sends, reads, pings and closes. A slow page delays nothing but its own reader."""

    __slots__ = ("_connection",)

    def __init__(self, connection: ServerConnection) -> None:
        """Take over after the handshake. Its headers are dropped: they contain the token, and cost memory."""
        if not isinstance(connection, QueuedConnection):
            raise TypeError("the connection was not admitted by the queue")
        self._connection = connection
        for exchanged in (connection.request, connection.response):
            if exchanged is not None:
                exchanged.headers.clear()

    @property
    def is_open(self) -> bool:
        """Whether neither side has begun to close."""
        return self._connection.protocol.state is State.OPEN

    @property
    def arrived_at(self) -> datetime:
        """When the page was last heard: its last message, pong or close frame."""
        return self._connection.arrived_at

    @property
    def is_closed_by_page(self) -> bool:
        """Whether the page began to close, by a close frame."""
        return self._connection.protocol.close_rcvd_then_sent is True

    @property
    def is_closed_by_restart(self) -> bool:
        """Whether the server began to close, because it restarts."""
        sent = self._connection.protocol.close_sent
        return sent is not None and sent.code == CloseReason.RESTARTING.code and not self.is_closed_by_page

    @property
    def close_code(self) -> int:
        """The code with which the side closed that began to close; the one of a lost connection if neither did."""
        closing = self._connection.protocol
        first = closing.close_rcvd if closing.close_rcvd_then_sent or closing.close_sent is None else closing.close_sent
        return LOST if first is None else int(first.code)

    async def next_message(self) -> str | bytes | None:
        """Wait for a message; None when the connection has ended for any reason."""
        try:
            return await self._connection.recv()
        except ConnectionClosed:
            return None

    def send(self, message: str) -> None:
        """Send a message, unless the page does not read or the connection is closing."""
        if self.is_open and self._connection.transport.get_write_buffer_size() < MAX_UNREAD_BYTES:
            broadcast([self._connection], message)

    def ping(self, on_pong: OnPong) -> None:
        """Send a ping on a connection that is open, unless something that was sent before is still unread."""
        if not self._connection.transport.get_write_buffer_size():
            self._connection.send_ping(on_pong)

    async def close(self, error: CloseError) -> None:
        """Send the error and close; return when the connection is gone."""
        self.send(protocol.close_error(error))
        await self._connection.close(error.reason.code, error.reason.name)

    def close_soon(self, error: CloseError) -> None:
        """Do the same in the background."""
        task = asyncio.create_task(self.close(error))
        _closing.add(task)
        task.add_done_callback(_closing.discard)

    def drop(self) -> None:
        """End the connection at once, without a close frame."""
        self._connection.transport.abort()
