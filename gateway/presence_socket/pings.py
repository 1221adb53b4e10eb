"""Pings of one connection, and their pongs: nearly all that most sockets ever send and receive."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeAlias

from websockets.asyncio.server import Server, ServerConnection
from websockets.frames import Frame, Opcode
from websockets.protocol import Event, State
from websockets.server import ServerProtocol

OnPong: TypeAlias = Callable[[], None]

_PING = Frame(Opcode.PING, b"").serialize(mask=False)
#: A client's pong without payload: this header, and a mask that masks nothing.
_PONG_HEADER = b"\x8a\x80"
_MASK_BYTES = 4
_PONG_BYTES = len(_PONG_HEADER) + _MASK_BYTES
#: Of a client's frame with a short payload; the length of a longer one takes two or eight bytes more.
_FRAME_HEADER_BYTES = 6
_EXTENDED_LENGTHS = ((0x80, 0), (0x10000, 2))
_LONGEST_EXTENSION_BYTES = 8


class PingedConnection(ServerConnection):
    """A connection whose pings cost a tenth of the library's.

    The library gives each ping a random payload and a future, to find out which of several pings a pong answers. Here
    one ping is under way at a time, so pings have no payload, and all pongs are alike but for their mask. A pong that
    arrives alone, which is the rule, is not parsed either. Everything else goes the library's way.
    """

    # The dictionary of an object with more than 30 attributes takes 1.2 KiB more, and the library's has 27 of its own.
    __slots__ = ("_on_pong", "_unparsed_bytes")

    def __init__(self, protocol: ServerProtocol, server: Server, **options: Any) -> None:  # noqa: ANN401 - the library's
        """Take what the library passes."""
        super().__init__(protocol, server, **options)
        #: Gets the pong of the ping that is under way; None: none is.
        self._on_pong: OnPong | None = None
        #: How many bytes the library has taken that are in no complete frame yet. It never understates that: in a frame
        #: whose length is written with more bytes than it needs, these count for ever, and then all pongs are parsed.
        self._unparsed_bytes = 0

    def send_ping(self, on_pong: OnPong) -> None:
        """Send a ping; `on_pong` is called when a pong arrives, in place of that of a ping before."""
        self._on_pong = on_pong
        self.transport.write(_PING)

    def data_received(self, data: bytes) -> None:
        """Take a pong, or let the library parse."""
        if (
            len(data) == _PONG_BYTES
            and data.startswith(_PONG_HEADER)
            and not self._unparsed_bytes
            and self.protocol.state is State.OPEN
        ):
            self._take_pong()
        else:
            self._unparsed_bytes += len(data)
            super().data_received(data)

    def process_event(self, event: Event) -> None:
        """Take what the library has parsed: the request, or a frame."""
        super().process_event(event)
        if isinstance(event, Frame):
            self._unparsed_bytes -= _frame_bytes(len(event.data))
            if event.opcode is Opcode.PONG:
                self._take_pong()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget who waits for a pong."""
        self._on_pong = None
        super().connection_lost(exc)

    def start(self, transport: asyncio.Transport, data: bytes, request_bytes: int) -> None:
        """Begin with the data that has arrived so far; the handshake request is the first `request_bytes` of it."""
        super().connection_made(transport)
        self._unparsed_bytes = len(data) - request_bytes
        super().data_received(data)

    def _take_pong(self) -> None:
        on_pong, self._on_pong = self._on_pong, None
        if on_pong is not None:
            on_pong()


def _frame_bytes(payload_bytes: int) -> int:
    """Return the least number of bytes of a client's frame with such a payload."""
    for limit, extension in _EXTENDED_LENGTHS:
        if payload_bytes < limit:
            return _FRAME_HEADER_BYTES + extension + payload_bytes
    return _FRAME_HEADER_BYTES + _LONGEST_EXTENSION_BYTES + payload_bytes
