"""One page at the other end of a WebSocket: everything that is done with the connection itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TypeAlias

from websockets.asyncio.server import ServerConnection, broadcast
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode
from websockets.protocol import State

from gateway.presence_socket import messages
from gateway.presence_socket.closings import Closing

#: A page that has left so much unread is told nothing more: what it is told is small, and later messages repeat it.
MOST_UNREAD_BYTES = 2048

#: Is given the future of a pong, which may also say that the connection is gone.
OnPong: TypeAlias = Callable[[asyncio.Future[float]], None]

#: Closings that go on by themselves; the loop alone would forget them.
_under_way: set[asyncio.Task[None]] = set()


class Page:
    """Hears and tells. Nothing that the page does, or fails to do, makes anybody but its own reader wait."""

    __slots__ = ("_connection",)

    def __init__(self, connection: ServerConnection) -> None:
        """Take over after the handshake, of which nothing is kept: headers hold the token, and cost memory."""
        self._connection = connection
        for exchanged in (connection.request, connection.response):
            if exchanged is not None:
                exchanged.headers.clear()

    @property
    def is_open(self) -> bool:
        """Whether no side has begun to close."""
        return self._connection.state is State.OPEN

    @property
    def said_goodbye(self) -> bool:
        """Whether a close frame came from the page; asked after the end."""
        return self._connection.close_code != CloseCode.ABNORMAL_CLOSURE

    async def next_message(self) -> str | bytes | None:
        """Wait for a message; None at the end, however it came."""
        try:
            return await self._connection.recv()
        except ConnectionClosed:
            return None

    def tell(self, message: str) -> None:
        """Send a message, unless the page does not read or is about to leave."""
        if self.is_open and self._connection.transport.get_write_buffer_size() < MOST_UNREAD_BYTES:
            broadcast([self._connection], message)

    async def ping(self, on_pong: OnPong) -> None:
        """Ask for a sign of life, unless the last thing that was sent is still unread."""
        if self.is_open and not self._connection.transport.get_write_buffer_size():
            with suppress(ConnectionClosed):
                pong = asyncio.ensure_future(await self._connection.ping())
                pong.add_done_callback(on_pong)

    async def close(self, closing: Closing) -> None:
        """Say why, and close; returns when the connection is gone."""
        self.tell(messages.closing_error(closing))
        await self._connection.close(closing.code, closing.reason)

    def begin_closing(self, closing: Closing) -> None:
        """Do the same in the background."""
        task = asyncio.create_task(self.close(closing))
        _under_way.add(task)
        task.add_done_callback(_under_way.discard)

    def drop(self) -> None:
        """End the connection at once."""
        self._connection.transport.abort()
